"""Dense attention of a few queries to all rows before them, which stream by in blocks.

Per query it holds what the rule needs of the rows so far. The outcome is that of
:func:`tmsim.engine.attention.attend` over all of them at once: the same scores in the same dtype,
and comparisons only. (Sums are taken block by block: those of integers are the same.)
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax
from jax.tree_util import register_dataclass

from tmsim.engine.attention import scores
from tmsim.engine.blocks import EXACT
from tmsim.engine.memory import sees
from tmsim.engine.replay import Tap
from tmsim.engine.transformer import AttentionHead, accumulator
from tmsim.proofs.rules import Average, Leftmost, Rightmost, Rule, Sum, Unique

GROUP = 128
"""Queries that are scored together; a group is done when the last row that it sees has passed."""
ROWS = 1 << 11
"""Rows that are scored together."""


@register_dataclass
@dataclass(frozen=True)
class Seen:
    """Of the rows so far, per query [m].

    best, ties: the greatest score and how many rows have it; row, value: the row that is chosen (-1
    if none); low, other: the lowest score among the chosen, the highest among the others; split:
    was the lowest lost, as the greatest rose by less than the rule's slack; total, count: over the
    rows of the greatest score, or over all that a sum sees; holder, null: the latest row that wrote
    the address asked for, and the latest null row.
    """

    best: Array
    ties: Array
    row: Array
    value: Array
    low: Array
    other: Array
    split: Array
    total: Array
    count: Array
    holder: Array
    null: Array

    @property
    def gap(self) -> Any:
        """The lowest chosen score minus the highest other; inf without others, nan if lost."""
        gap = np.where(np.isneginf(self.other), np.inf, np.subtract(self.low, self.other))
        return np.where(self.split, np.nan, gap)


def nothing(head: AttentionHead, m: int) -> Seen:
    """No row yet."""
    dtype, d_value = head.W_V.dtype, head.W_V.shape[1]
    wide = np.dtype(accumulator(dtype))
    low, none, zero = np.full(m, -np.inf, dtype), np.full(m, -1, np.int32), np.zeros(m, np.int32)
    start: dict[str, Any] = {
        "best": low, "ties": zero, "row": none, "value": np.zeros((m, d_value), dtype),
        "low": -low, "other": low, "split": np.zeros(m, bool),
        "total": np.zeros((m, d_value), wide), "count": zero, "holder": none, "null": none,
    }  # fmt: skip
    return Seen(**start)


def supported(rule: Rule) -> bool:
    """Does the rule need no more than :class:`Seen` holds?"""
    return isinstance(rule, Unique | Leftmost | Rightmost | Average | Sum)


def _with(head: AttentionHead, asked: Tap, i: Array, seen: Seen, past: Tap, j: Array) -> Seen:
    """Queries [m] of rows i, and rows j [b] more."""
    s = jax.vmap(lambda q: scores(head.score, q, past.key), out_axes=1)(asked.q)
    visible = sees(head, i[None], j[:, None])
    masked = jnp.where(visible, s, -jnp.inf)
    seen = _addressed(head, asked, seen, past, j, visible)
    if isinstance(head.rule, Sum):
        return _summed(seen, visible, past.value)
    return _chosen(head, seen, masked, visible, past.value, j)


def _addressed(
    head: AttentionHead, asked: Tap, seen: Seen, past: Tap, j: Array, visible: Array
) -> Seen:
    if head.address is None:
        return seen

    def latest(rows: Array) -> Array:
        return jnp.where(rows & visible, j[:, None], -1).max(0)

    wrote = (past.write[:, None] == asked.read[None]) & ~past.null[:, None]
    holder, null = latest(wrote), latest(past.null[:, None])
    return replace(seen, holder=jnp.maximum(seen.holder, holder), null=jnp.maximum(seen.null, null))


def _summed(seen: Seen, chosen: Array, values: Array) -> Seen:
    total = jnp.matmul(
        chosen.T.astype(seen.total.dtype), values.astype(seen.total.dtype),
        precision=lax.Precision.HIGHEST,
    )  # fmt: skip
    return replace(
        seen, total=seen.total + total, count=seen.count + chosen.sum(0, dtype=jnp.int32)
    )


def _chosen(
    head: AttentionHead, seen: Seen, s: Array, visible: Array, values: Array, j: Array
) -> Seen:
    slack = jnp.asarray(float(getattr(head.rule, "within", 0)), s.dtype)
    highest = s.max(0)
    best = jnp.maximum(seen.best, highest)
    near = (s >= best - slack) & visible
    rose, found = highest > seen.best, near.any(0)
    at = jnp.arange(len(j))[:, None]
    if isinstance(head.rule, Rightmost):
        # Were no row of these near the greatest score, it would be the one from before.
        fresh, slot = found, jnp.where(near, at, -1).max(0)
    else:
        fresh, slot = rose, jnp.where(near, at, len(j)).min(0)
    slot = jnp.clip(slot, 0, len(j) - 1)
    lost = seen.best < best - slack
    split = ~lost & (seen.low < best - slack)
    other = jnp.maximum(seen.other, jnp.where(near, -jnp.inf, s).max(0))
    low = jnp.where(near, s, jnp.inf).min(0)
    here = ((s == best) & visible).sum(0, dtype=jnp.int32)
    after = replace(
        seen,
        best=best,
        ties=here + jnp.where(rose, 0, seen.ties),
        row=jnp.where(fresh, j[slot], seen.row),
        value=jnp.where(fresh[:, None], values[slot], seen.value),
        low=jnp.where(lost, low, jnp.minimum(seen.low, low)),
        other=jnp.where(lost, jnp.maximum(other, seen.best), other),
        split=(seen.split & ~lost) | split,
    )
    if not isinstance(head.rule, Average):
        return after
    kept = replace(
        after,
        total=jnp.where(rose[:, None], 0, seen.total),
        count=jnp.where(rose, 0, seen.count),
    )
    return _summed(kept, near, values)


@partial(jax.jit, donate_argnames=("seen",), compiler_options=EXACT)
def stream(head: AttentionHead, asked: Tap, i: Array, seen: Seen, past: Tap, start: Array) -> Seen:
    """The rows start, start + 1, … [n], a multiple of `ROWS` or fewer than it, pass by.

    asked and seen have leading axes [groups, m], i [groups, m] are the queries' rows in ascending
    order.
    """
    rows = min(ROWS, len(past.write))
    parts = jax.tree.map(lambda a: a.reshape(len(a) // rows, rows, *a.shape[1:]), past)

    def part(n: Array, seen: Seen) -> Seen:
        j = start + n * rows + jnp.arange(rows, dtype=jnp.int32)
        these = jax.tree.map(lambda a: a[n], parts)

        def group(of: tuple[Tap, Array, Seen]) -> Seen:
            asked, i, seen = of
            return lax.cond(
                j[0] <= i[-1],
                lambda: _with(head, asked, i, seen, these, j),
                lambda: seen,
            )

        return lax.map(group, (asked, i, seen))

    return lax.fori_loop(0, len(parts.write), part, seen)


def told(head: AttentionHead, seen: Seen) -> np.ndarray:
    """The attended values [m, d_value], of the dtype of the run."""
    rule = head.rule
    if isinstance(rule, Sum):
        return np.asarray(seen.total).astype(head.W_V.dtype)
    if isinstance(rule, Average):
        count = np.maximum(seen.count, 1)[:, None].astype(seen.total.dtype)
        return (np.asarray(seen.total) / count).astype(head.W_V.dtype)
    return np.asarray(seen.value)


def gaps(head: AttentionHead, seen: Seen) -> tuple[np.ndarray, np.ndarray]:
    """Per query the gap, as :class:`tmsim.engine.attention.Margin` has it, and was it tied."""
    if isinstance(head.rule, Sum):
        return np.full(len(seen.best), np.inf), np.zeros(len(seen.best), bool)
    tied, gap = np.asarray(seen.ties) > 1, seen.gap
    # One of several rows of the greatest score: the others are not chosen.
    alone = isinstance(head.rule, Unique | Leftmost)
    return np.where(tied, 0, gap) if alone else gap, tied
