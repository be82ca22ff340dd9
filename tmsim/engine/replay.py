"""A decoder's run once more, with what every head asked, was told, and left behind.

The rows follow from the transformer's own rows through the memories that the run had; nothing is
read from the run but its prompt and its length.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax
from jax.tree_util import register_dataclass

from tmsim.engine.attention import addresses, keys_values, queries
from tmsim.engine.blocks import EXACT, begin
from tmsim.engine.drivers import Encoded, Memories, cross
from tmsim.engine.endings import decoder_end
from tmsim.engine.positions import place
from tmsim.engine.transformer import Transformer, after_heads, linear, normalised
from tmsim.proofs.claim import padded
from tmsim.proofs.rules import Prefix


@register_dataclass
@dataclass(frozen=True)
class Tap:
    """One head's part in a row, or in rows [n, …].

    q [d_head] is what it asked, z [d_value] what its memory told it, key [d_head] and value
    [d_value] what it left for later rows; read, write, null its addresses (0 where it has none).
    Empty but for z where the head looks at the encoder's rows.
    """

    q: Array
    z: Array
    key: Array
    value: Array
    read: Array
    write: Array
    null: Array


@register_dataclass
@dataclass(frozen=True)
class Replayed:
    """Rows of a run: x [n, d_model] as they entered the first block, their record [n, emits], and
    the heads' taps in the order of ``Transformer.heads``."""

    x: Array
    record: Array
    taps: tuple[Tap, ...]


def _tapped(t: Transformer, memories: Memories, states: Any, x: Array, i: Array, encoded: Encoded):
    """One row through all blocks: its final stream, the memories after it, and the taps."""
    after, taps = [], []
    for block, kinds, held in zip(t.blocks, memories, states, strict=True):
        read, added, kept = normalised(block.norm, x), 0, []
        for head, memory, state in zip(block.heads, kinds, held, strict=True):
            nothing, nowhere = jnp.zeros(0, x.dtype), (jnp.int32(0),) * 2
            q, key, value, at = nothing, nothing, nothing, (*nowhere, jnp.asarray(False))
            if isinstance(head.visible, Prefix):
                z, _ = cross(head, read, encoded)
            else:
                q, (key, value) = queries(head, read), keys_values(head, read)
                at = at if head.address is None else addresses(head, read)
                state = memory.write(head, state, i, read)
                z, _ = memory.read(head, state, i, read)
            added = added + linear(z, head.W_O)
            kept.append(state)
            taps.append(Tap(q, z, key, value, *at))
        x = after_heads(block, x + added)
        after.append(tuple(kept))
    return x, tuple(after), tuple(taps)


@partial(
    jax.jit, static_argnames=("memories", "rows"), donate_argnames=("carry",),
    compiler_options=EXACT,
)  # fmt: skip
def _block(
    t: Transformer, memories: Memories, encoded: Encoded, given: tuple[Array, Array], carry: Any,
    rows: int,
) -> tuple[Any, Replayed]:  # fmt: skip
    """The next rows; given [prompt, d_model] and how many of them there are."""
    prompt, count = given

    def one(carry: Any, _: None) -> tuple[Any, Replayed]:
        x, i, held = carry
        x = place(t, x, i)
        final, held, taps = _tapped(t, memories, held, x, i, encoded)
        end = decoder_end(t, final)
        typed = prompt[jnp.minimum(i + 1, len(prompt) - 1)]
        following = jnp.where(i + 1 < count, typed, end.row)
        return (following, i + 1, held), Replayed(x, end.record, taps)

    return lax.scan(one, carry, None, length=rows)


def replay(
    t: Transformer, memories: Memories, rows: np.ndarray, encoder: np.ndarray, total: int,
    block: int,
) -> Iterator[Replayed]:  # fmt: skip
    """Rows 0 … total - 1, in blocks of `block` rows; what the last one has more counts for nothing.

    rows [n ≥ 1, d_model], encoder [m, d_model]: the prompt, without positions. Raises ValueError
    for feedback other than a token's or a vector's, for only there is a row's past fixed.
    """
    if t.feedback == "loop" or t.queue is not None or t.rewrites is not None:
        kind = "queue" if t.queue else "rewritten context" if t.rewrites else t.feedback
        raise ValueError(f"feedback {kind}: expected a decoder whose past rows stay as they are")
    # Begun with the first row alone, nothing has been taken in yet.
    start, encoded = begin(t, memories, rows[:1], encoder)
    carry = start.x, start.i, start.memories
    length = padded(len(rows))
    prompt = jax.device_put(np.resize(rows, (length, t.d_model)).astype(t.dtype))
    given = prompt, jnp.int32(len(rows))
    for _ in range(0, total, block):
        carry, replayed = _block(t, memories, encoded, given, carry, rows=block)
        yield replayed


@partial(jax.jit, compiler_options=EXACT)
def records(t: Transformer, x: Array, z: tuple[Array, ...]) -> Array:
    """What rows x [n, d_model], with positions, emit where the heads are told z: [n, emits]."""

    def one(x: Array, z: tuple[Array, ...]) -> Array:
        told = iter(z)
        for block in t.blocks:
            added = sum(linear(next(told), head.W_O) for head in block.heads)
            x = after_heads(block, x + added)
        return decoder_end(t, x).record

    return jax.vmap(one)(x, z)
