"""The weights as a pytree, named as in TransformerLens, and the arithmetic of one row.

Arrays are leaves; what shapes the computation (rules, positions, feedback, which coordinates are
emitted) is static metadata, equal by value. Two machines of one frame therefore share all compiled
code. Shapes: d_in is what a block reads (d_model, or the width of its projected view).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array
from jax.tree_util import register_dataclass

from tmsim.engine.linear import accumulator, linear
from tmsim.outcome import Outcome
from tmsim.proofs.feedback import Rewriting
from tmsim.proofs.positions import Position
from tmsim.proofs.program import Activation
from tmsim.proofs.rules import Rule, Score, Visibility

OUTCOMES: tuple[Outcome, ...] = tuple(Outcome)
RUNNING = -1
CLOSED = -2
"""A token has closed the context: the run goes on when the host has rewritten it."""


def static(**kw: Any) -> Any:
    return field(metadata={"static": True}, **kw)


@register_dataclass
@dataclass(frozen=True)
class Address:
    """Columns read, write, null of a head's address: W [d_in, 3], b [3]."""

    W: Array
    b: Array


@register_dataclass
@dataclass(frozen=True)
class AttentionHead:
    """W_Q, W_K [d_in, d_head], W_V [d_in, d_value], W_O [d_value, d_model], and biases."""

    W_Q: Array
    b_Q: Array
    W_K: Array
    b_K: Array
    W_V: Array
    b_V: Array
    W_O: Array
    address: Address | None
    name: str = static()
    rule: Rule = static()
    score: Score = static()
    visible: Visibility = static()

    @property
    def uniform(self) -> bool:
        return self.W_Q.shape[-1] == 0


@register_dataclass
@dataclass(frozen=True)
class MLP:
    """W_in [d_in, d_mlp], b_in, W_out [d_mlp, d_model]; a gate multiplies the activation."""

    W_in: Array
    b_in: Array
    W_gate: Array | None
    b_gate: Array | None
    W_out: Array
    activation: Activation = static()


@register_dataclass
@dataclass(frozen=True)
class Norm:
    """Layer norm of the stream, or of its projection W [d_model, d_view], b [d_view]."""

    W: Array | None
    b: Array | None
    unit: bool = static()
    eps: float = static()


@register_dataclass
@dataclass(frozen=True)
class Block:
    heads: tuple[AttentionHead, ...]
    mlps: tuple[MLP, ...]
    norm: Norm | None
    title: str = static()


@dataclass(frozen=True)
class Span:
    """A register's place in the residual stream."""

    name: str
    kind: str
    start: int
    stop: int


@dataclass(frozen=True)
class Window:
    """`window` rows slide over a string of which `cells` symbols are kept; `full` tells of more."""

    window: int
    cells: int
    full: Span


@register_dataclass
@dataclass(frozen=True)
class Transformer:
    """All weights of one machine's transformer.

    W_E, W_U: one factor of the vocabulary each, [values, d_model] and [d_model, values]; the token
    is the tuple of the factors' greatest logits. (Vector and loop feedback carry `carry` instead.)
    W_stop [d_model, stops], b_stop: the forms that end a run, with `stops` their meaning; in the
      accumulator's dtype, for they drive the run and are no part of the network.
    W_active [d_model], b_active []: the row that a loop's record is taken from.
    W_marks [d_model, marks], b_marks: the forms over a fed-back row that tell the special tokens of
      a feedback that rewrites its context, `rewrites` (in the accumulator's dtype, too).
    """

    blocks: tuple[Block, ...]
    encoder: tuple[Block, ...]
    W_E: tuple[Array, ...]
    W_U: tuple[Array, ...]
    W_stop: Array
    b_stop: Array
    W_active: Array | None
    b_active: Array | None
    W_marks: Array | None
    b_marks: Array | None
    stops: tuple[tuple[Outcome, str, float], ...] = static()
    positions: tuple[tuple[Position, Span], ...] = static()
    feedback: str = static()
    queue: Window | None = static()
    rewrites: type[Rewriting] | None = static()
    carry: tuple[tuple[Span, Span], ...] = static()
    emits: tuple[Span, ...] = static()
    registers: tuple[Span, ...] = static()
    d_model: int = static()
    dtype: Any = static()

    @property
    def heads(self) -> list[AttentionHead]:
        return [head for block in self.blocks for head in block.heads]

    @property
    def recorded(self) -> int:
        """How many integers a row's record has: the token's factors follow where they are kept."""
        return len(self.emits) + (0 if self.rewrites is None else len(self.carry))


ACTIVATIONS = {
    Activation.relu: lambda x: jnp.maximum(x, 0),
    Activation.clipped: lambda x: jnp.clip(x, 0, 1),
    Activation.heaviside: lambda x: (x > 0).astype(x.dtype),
    Activation.sigmoid: lambda x: jax.nn.sigmoid(x),
}


def mlp_out(mlp: MLP, x: Array) -> Array:
    """What the MLP adds to the stream; x is [d_in] or [rows, d_in]."""
    post = ACTIVATIONS[mlp.activation](linear(x, mlp.W_in, mlp.b_in))
    if mlp.W_gate is not None:
        post = post * linear(x, mlp.W_gate, mlp.b_gate)
    return linear(post, mlp.W_out)


def normalised(norm: Norm | None, x: Array) -> Array:
    """What a block reads of the stream x [..., d_model]."""
    if norm is None:
        return x
    v = (x if norm.W is None else linear(x, norm.W, norm.b)).astype(accumulator(x.dtype))
    v = v - v.mean(-1, keepdims=True)
    square = (v * v).sum(-1, keepdims=True) if norm.unit else (v * v).mean(-1, keepdims=True)
    spread = jnp.sqrt(square + norm.eps)
    return jnp.where(spread > 0, v / jnp.where(spread > 0, spread, 1), 0).astype(x.dtype)


def after_heads(block: Block, resid_mid: Array) -> Array:
    """The stream after the block's MLPs."""
    x = normalised(block.norm, resid_mid)
    return resid_mid + sum(mlp_out(mlp, x) for mlp in block.mlps) if block.mlps else resid_mid
