"""The attention rules, computed: scores -> which rows, with which weights.

For one query the scores are [rows]; `visible` masks them. Every rule returns the attended value and
a :class:`Margin`. Averages are sum / count, never a sum of value × (1 / count).
"""

from __future__ import annotations

from functools import singledispatch
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from tmsim.engine.transformer import AttentionHead, accumulator, linear
from tmsim.proofs.rules import (
    Average,
    ClippedDot,
    Leftmost,
    Linear,
    NegAbsDot,
    Rightmost,
    Rule,
    Score,
    Softmax,
    Sum,
    TopTwo,
    Unique,
)


class Margin(NamedTuple):
    """How clearly rows were chosen.

    gap: the lowest chosen score minus the highest other (inf if there is no other row).
    tied: did other rows reach the greatest score.
    """

    gap: Array
    tied: Array


def scores(score: Score, q: Array, keys: Array) -> Array:
    """[rows] from q [d_head] and keys [rows, d_head]; all zero when d_head is 0."""
    product = linear(keys, q[:, None])[:, 0]
    if isinstance(score, NegAbsDot):
        product = -jnp.abs(product)
    elif isinstance(score, ClippedDot):
        product = jnp.minimum(product, float(score.at))
    return product if score.decimals is None else jnp.round(product, score.decimals)


def weighted(weights: Array, values: Array) -> Array:
    """Σ weight · value, in the accumulator's dtype: [rows] and [rows, d_value] -> [d_value]."""
    wide = accumulator(values.dtype)
    return (weights.astype(wide)[:, None] * values.astype(wide)).sum(0)


def _best(s: Array, visible: Array) -> tuple[Array, Array]:
    masked = jnp.where(visible, s, -jnp.inf)
    return masked, masked.max(initial=-jnp.inf)


def _margin(masked: Array, chosen: Array) -> Margin:
    lowest = jnp.where(chosen, masked, jnp.inf).min(initial=jnp.inf)
    other = jnp.where(chosen, -jnp.inf, masked).max(initial=-jnp.inf)
    best = masked.max(initial=-jnp.inf)
    tied = ((masked == best) & jnp.isfinite(best)).sum() > 1
    return Margin(jnp.where(jnp.isneginf(other), jnp.inf, lowest - other), tied)


def _row(values: Array, row: Array, any_visible: Array) -> Array:
    return jnp.where(any_visible, values[row], 0)


@singledispatch
def attend(rule: Rule, s: Array, visible: Array, values: Array) -> tuple[Array, Margin]:
    """The attended value [d_value] for scores s [rows] of which `visible` [rows] count."""
    raise ValueError(f"the engine has no arithmetic for the rule {rule}")


@attend.register(Unique)
@attend.register(Leftmost)
def _(rule: Rule, s: Array, visible: Array, values: Array) -> tuple[Array, Margin]:
    masked, _ = _best(s, visible)
    row = jnp.argmax(masked)
    chosen = jnp.arange(len(s)) == row
    return _row(values, row, visible.any()), _margin(masked, chosen & visible)


@attend.register
def _(rule: Rightmost, s: Array, visible: Array, values: Array) -> tuple[Array, Margin]:
    masked, best = _best(s, visible)
    near = (masked >= best - jnp.asarray(float(rule.within), s.dtype)) & visible
    row = len(s) - 1 - jnp.argmax(near[::-1])
    # All rows within the slack count as chosen: the margin is to the first row beyond it.
    return _row(values, row, visible.any()), _margin(masked, near)


@attend.register
def _(rule: Average, s: Array, visible: Array, values: Array) -> tuple[Array, Margin]:
    masked, best = _best(s, visible)
    chosen = (masked == best) & visible
    return _mean(chosen, values), _margin(masked, chosen)


def _mean(chosen: Array, values: Array) -> Array:
    count = jnp.maximum(chosen.sum(), 1).astype(accumulator(values.dtype))
    return (weighted(chosen, values) / count).astype(values.dtype)


@attend.register
def _(rule: TopTwo, s: Array, visible: Array, values: Array) -> tuple[Array, Margin]:
    masked, best = _best(s, visible)
    first = jnp.arange(len(s)) == jnp.argmax(masked)
    rest = jnp.where(first, -jnp.inf, masked)
    second = (jnp.arange(len(s)) == jnp.argmax(rest)) & (rest >= best - float(rule.within))
    chosen = (first | second) & visible
    return _mean(chosen, values), _margin(masked, chosen)


NO_MARGIN = Margin(jnp.inf, False)  # type: ignore[arg-type]


@attend.register
def _(rule: Softmax, s: Array, visible: Array, values: Array) -> tuple[Array, Margin]:
    wide = accumulator(s.dtype)
    count = jnp.maximum(visible.sum(), 1).astype(wide)
    sharpness = float(rule.inverse_temperature) + float(rule.log_growth) * jnp.log(count)
    masked, best = _best(s.astype(wide), visible)
    weights = jnp.where(
        visible, jnp.exp((masked - jnp.where(visible.any(), best, 0)) * sharpness), 0
    )
    mean = weighted(weights, values) / jnp.maximum(weights.sum(), jnp.finfo(wide).tiny)
    return mean.astype(values.dtype), NO_MARGIN


@attend.register
def _(rule: Linear, s: Array, visible: Array, values: Array) -> tuple[Array, Margin]:
    return weighted(jnp.where(visible, s, 0), values).astype(values.dtype), NO_MARGIN


@attend.register
def _(rule: Sum, s: Array, visible: Array, values: Array) -> tuple[Array, Margin]:
    return weighted(visible, values).astype(values.dtype), NO_MARGIN


def queries(head: AttentionHead, x: Array) -> Array:
    return linear(x, head.W_Q, head.b_Q)


def keys_values(head: AttentionHead, x: Array) -> tuple[Array, Array]:
    return linear(x, head.W_K, head.b_K), linear(x, head.W_V, head.b_V)


def addresses(head: AttentionHead, x: Array) -> tuple[Any, Any, Any]:
    """Integers read and write, and is-null, from x [d_in] or [rows, d_in].

    They index a table and are no activations, so 16-bit formats do not round them.
    """
    assert head.address is not None
    form = linear(x.astype(head.address.W.dtype), head.address.W, head.address.b)
    read, write, null = jnp.moveaxis(form, -1, 0)
    return jnp.rint(read).astype(jnp.int32), jnp.rint(write).astype(jnp.int32), null > 0.5


def attention(
    head: AttentionHead, q: Array, keys: Array, values: Array, visible: Array
) -> tuple[Array, Margin]:
    """Dense attention of all queries: q [m, d_head], visible [m, rows] -> [m, d_value], margins."""

    def one(query: Array, seen: Array) -> tuple[Array, Margin]:
        return attend(head.rule, scores(head.score, query, keys), seen, values)

    return jax.vmap(one)(q, visible)
