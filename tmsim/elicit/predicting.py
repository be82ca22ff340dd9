"""Learners of weights run on many data sets at once: passes of their assembled, looped layers.

Linear attention over all rows is a product of matrices, which may be taken in any order:
(Q Kᵀ) V = Q (Kᵀ V) needs no work that grows with the square of the number of examples.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache, partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from tmsim.engine.assemble import assemble, rows
from tmsim.engine.attention import attention, keys_values, queries
from tmsim.engine.memory import sees
from tmsim.engine.positions import place
from tmsim.engine.run import EXACT
from tmsim.engine.transformer import (
    AttentionHead,
    Block,
    Transformer,
    accumulator,
    after_heads,
    linear,
)
from tmsim.proofs import All, Bounds, Construction, Dot, Linear, Loop, Sum

CHUNK_NUMBERS = 1 << 25
"""How many numbers of residual streams are held at once."""


def predict(
    construction: Construction,
    learner: Any,
    x: Any,
    y: Any,
    asked: Any,
    *,
    passes: int | None = None,
    dtype: str = "float64",
) -> np.ndarray:
    """The learner's prediction ⟨w, x'⟩ [trials, q] for each input asked about, after its steps.

    x [trials, n, d] and y [trials, n] are the examples, `asked` [trials, q, d] or [q, d] the
    inputs: all of them are queries of one prompt, which no row reads. `learner` is a machine of the
    construction's model with d features. `passes` of its loop are made (default: one for each of
    its `rates`). Asking about the unit vectors reads the weights.

    Raises ValueError for shapes that do not fit, numbers that are not finite, and a construction
    that is no loop over examples.

    >>> from fractions import Fraction
    >>> from tmsim.catalogue import find
    >>> from tmsim.machines.models.least_squares import LeastSquares
    >>> learner = LeastSquares(1, (Fraction(1, 2),) * 3)
    >>> predict(find("oswald_2023"), learner, [[[1.0], [1.0]]], [[2.0, 4.0]], [[1.0], [2.0]])
    array([[2.625, 5.25 ]])
    """
    if not isinstance(learner, construction.model):
        name, wanted = type(learner).__name__, construction.model.__name__
        raise ValueError(f"learner {name}: expected {wanted}, the model of the construction")
    x, y, asked = _checked(learner.features, x, y, asked)
    count = len(getattr(learner, "rates", ())) if passes is None else passes
    if count < 1:
        raise ValueError(f"{count} passes: expected 1 or more, given or one for each of the rates")
    trials, n, d = x.shape
    inputs = np.concatenate([x, np.broadcast_to(asked, (trials, *asked.shape[-2:]))], 1)
    with jax.enable_x64(True):
        t, first = _assembled(construction, learner, n, asked.shape[-2], dtype)
        places = {span.name: slice(span.start, span.stop) for span in t.registers}
        together = max(1, min(trials, CHUNK_NUMBERS // first.size))
        found = []
        for start in range(0, trials, together):
            at = slice(start, min(start + together, trials))
            stream = np.repeat(first[None], at.stop - start, 0)
            stream[:, :, [places[f"feature[{c}]"].start for c in range(d)]] = inputs[at]
            stream[:, :n, [places[f"key[{c}]"].start for c in range(d)]] = x[at]
            stream[:, :n, places["label"].start] = y[at]
            final = _passes(t, jnp.asarray(stream, t.dtype), jnp.int32(count))
            found.append(np.asarray(final[:, n:, places["prediction"].start]))
    return np.concatenate(found)


def _checked(d: int, x: Any, y: Any, asked: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    x, y, asked = (np.asarray(values, np.float64) for values in (x, y, asked))
    if x.ndim != 3 or x.shape[-1] != d or not x.size:
        raise ValueError(f"x of shape {x.shape}: expected [trials, n, {d}], all 1 or more")
    if y.shape != x.shape[:2]:
        raise ValueError(f"y of shape {y.shape}: expected {x.shape[:2]}, one label an example")
    fits = asked.ndim == 2 or (asked.ndim == 3 and len(asked) in (1, len(x)))
    if not fits or asked.shape[-1] != d or not asked.size:
        raise ValueError(f"asked of shape {asked.shape}: expected [q, {d}] or [{len(x)}, q, {d}]")
    for name, values in (("x", x), ("y", y), ("asked", asked)):
        if not np.isfinite(values).all():
            wrong = values[~np.isfinite(values)][0]
            raise ValueError(f"{name} holds {wrong}; expected finite numbers")
    return x, y, asked


@lru_cache(maxsize=16)
def _assembled(
    construction: Construction, learner: Any, n: int, q: int, dtype: str
) -> tuple[Transformer, np.ndarray]:
    """The weights, and the rows [n + q, d_model] of a prompt whose examples and queries are 0."""
    frame = construction.frame(learner, Bounds(1, n))
    program = construction.program(frame)
    if not isinstance(program.feedback, Loop):
        raise ValueError(f"{type(construction).__name__}: expected a loop over examples")
    t = assemble(program, construction.leaves(learner, frame), dtype)
    # The rows differ in what stands in their data's place only: one number says it as well as d.
    small = replace(learner, features=1)
    given = [((0,), 1)] * n, (0,)
    prompt = construction.prompt(small, given, (), frame).rows
    first = rows(program, [*prompt[:n], *[*prompt[n:]] * q], np.float64)
    return t, first


@partial(jax.jit, compiler_options=EXACT)
def _passes(t: Transformer, x: Array, count: Array) -> Array:
    """The rows [trials, rows, d_model] after `count` passes."""

    def one(rows: Array) -> Array:
        rows = place(t, rows, jnp.arange(len(rows)))
        for block in t.blocks:
            rows = _block(block, rows)
        return jnp.where(carried >= 0, rows[:, carried], 0)

    carried = _carried(t)

    return lax.fori_loop(0, count, lambda _, held: lax.map(one, held), x)


def _carried(t: Transformer) -> np.ndarray:
    """Where each coordinate of the next pass's rows comes from; -1: it is 0."""
    source = np.full(t.d_model, -1)
    for before, after in t.carry:
        source[after.start : after.stop] = np.arange(before.start, before.stop)
    return source


def _block(block: Block, x: Array) -> Array:
    """All rows [rows, d_model] through one block: see `tmsim.engine.drivers.block_pass`."""
    added = sum((linear(_read(head, x), head.W_O) for head in block.heads), jnp.zeros_like(x))
    return after_heads(block, x + added)


def _read(head: AttentionHead, x: Array) -> Array:
    """What a head reads on every row, [rows, d_value]."""
    q, (keys, values) = queries(head, x), keys_values(head, x)
    wide, highest = accumulator(x.dtype), jax.lax.Precision.HIGHEST
    if (head.rule, head.score, head.visible) == (Linear(), Dot(), All()):
        state = jnp.matmul(keys.T, values, precision=highest, preferred_element_type=wide)
        return jnp.matmul(q.astype(wide), state, precision=highest).astype(x.dtype)
    if (head.rule, head.visible) == (Sum(), All()):
        total = values.astype(wide).sum(0, keepdims=True).astype(x.dtype)
        return jnp.broadcast_to(total, values.shape)
    at = jnp.arange(len(x))
    return attention(head, q, keys, values, sees(head, at[:, None], at[None]))[0]
