"""What follows from a row's final stream: its record, the stop that fires, the next row."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from tmsim.engine.transformer import OUTCOMES, RUNNING, Span, Transformer, accumulator, linear


def stopped(t: Transformer, x: Array) -> Array:
    """The first stop that fires on the final stream, [d_model] or any of its rows [S, d_model]."""
    if not t.stops:
        return jnp.int32(RUNNING)
    wide = accumulator(x.dtype)
    rows = jnp.atleast_2d(x).astype(wide)
    v = (
        jax.vmap(lambda row: linear(row, t.W_stop, t.b_stop))(rows)
        if x.ndim > 1
        else (linear(x.astype(wide), t.W_stop, t.b_stop)[None])
    )
    beyond = jnp.array([kind == "beyond" for _, kind, _ in t.stops])
    limit = jnp.array([limit for _, _, limit in t.stops], wide)
    fires = (jnp.where(beyond, jnp.abs(v), v) > limit).any(0)
    codes = jnp.array([OUTCOMES.index(outcome) for outcome, _, _ in t.stops], jnp.int32)
    return jnp.where(fires.any(), codes[jnp.argmax(fires)], RUNNING)


def record(spans: tuple[Span, ...], x: Array) -> Array:
    """The emitted registers of the final stream as integers; -1 for an empty one-hot register."""
    return jnp.stack([_integer(span, x[span.start : span.stop]) for span in spans])


def _integer(span: Span, value: Array) -> Array:
    if span.kind == "one_hot":
        return jnp.where(value.max() > 0.5, jnp.argmax(value), -1).astype(jnp.int32)
    if span.kind in ("bits", "code"):
        return ((value > 0.5) << jnp.arange(len(value))).sum().astype(jnp.int32)
    return jnp.rint(value[0]).astype(jnp.int32)


def legible(span: Span, value: Array) -> Array:
    """Does a fed-back register hold one of its values exactly?"""
    if span.kind == "one_hot":
        return ((value == 0) | (value == 1)).all() & (value.sum() <= 1)
    if span.kind in ("bits", "flag"):
        return ((value == 0) | (value == 1)).all()
    if span.kind == "code":
        return ((value == -1) | (value == 1)).all()
    return jnp.isfinite(value).all()


def next_token(t: Transformer, x: Array) -> tuple[Array, Array]:
    """Row of the greatest token's embedding, and the smallest logit margin of its factors."""
    row, margins = jnp.zeros_like(x), []
    for W_E, W_U in zip(t.W_E, t.W_U, strict=True):
        logits = linear(x, W_U)
        best = jnp.argmax(logits)
        others = jnp.where(jnp.arange(len(logits)) == best, -jnp.inf, logits)
        margins.append((logits[best] - others.max()).astype(accumulator(x.dtype)))
        row = row + W_E[best]
    return row, jnp.stack(margins).min()


def next_vector(t: Transformer, x: Array) -> tuple[Array, Array]:
    """The carried registers in their new places, and whether all are legible."""
    row, good = jnp.zeros_like(x), jnp.asarray(True)
    for source, target in t.carry:
        value = x[source.start : source.stop]
        good &= legible(source, value)
        row = row.at[target.start : target.stop].set(value)
    return row, good


def closes(t: Transformer, row: Array) -> Array:
    """Is the token that the fed-back row [d_model] stands for one that closes the context?"""
    assert t.W_marks is not None and t.b_marks is not None
    return (row.astype(t.W_marks.dtype) * t.W_marks[:, -1]).sum() + t.b_marks[-1] > 0.5


def factors(t: Transformer, row: Array) -> Array:
    """The token [factors] that the fed-back row [d_model] stands for."""
    parts = [jnp.argmax(row[target.start : target.stop]) for _, target in t.carry]
    return jnp.stack(parts).astype(jnp.int32)


class End(NamedTuple):
    """What follows from a row's final stream.

    record [emits]; code of the stop that fires, or RUNNING; the next row [d_model] without its
    positions; whether what is fed back is legible; the smallest logit margin of the token.
    """

    record: Array
    code: Array
    row: Array
    legible: Array
    logit: Array


def decoder_end(t: Transformer, x: Array) -> End:
    """x [d_model]: the row's final stream."""
    if t.feedback == "token":
        row, logit = next_token(t, x)
        return End(record(t.emits, x), stopped(t, x), row, logit >= 0.5, logit)
    row, good = next_vector(t, x)
    return End(record(t.emits, x), stopped(t, x), row, good, _no_logit(x))


def loop_end(t: Transformer, x: Array) -> End:
    """x [S, d_model]: all rows; the record is the active row's."""
    assert t.W_active is not None and t.b_active is not None
    active = linear(x, t.W_active[:, None])[:, 0] + t.b_active > 0.5
    row, good = jax.vmap(lambda r: next_vector(t, r))(x)
    good = good.all() & (active.sum() == 1)
    return End(record(t.emits, x[jnp.argmax(active)]), stopped(t, x), row, good, _no_logit(x))


def _no_logit(x: Array) -> Array:
    return jnp.asarray(jnp.inf, accumulator(x.dtype))
