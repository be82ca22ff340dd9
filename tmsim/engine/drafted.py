"""Speculation: drafted rows pass through all layers together, and are kept while they are right.

Row i is right where the rows before it are, and predict it. The first prediction that is not the
draft's is the transformer's own token, from which drafting starts anew; so what is yielded is what
decoding row by row yields, wherever margins exceed the rounding in which the two readings differ.

A running sum is a cumulative one; the latest write to an address is found by sorting the writes of
the block by address and row, behind them the table of the last writes before it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple, Protocol

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from tmsim.engine.attention import Margin, addresses, keys_values, queries
from tmsim.engine.blocks import EXACT, Decoded, begin
from tmsim.engine.drivers import Margins, Memories, no_margins, place, tie_reported
from tmsim.engine.endings import decoder_end
from tmsim.engine.linear import linear
from tmsim.engine.memory import RunningSum, Table
from tmsim.engine.transformer import (
    OUTCOMES,
    RUNNING,
    AttentionHead,
    Transformer,
    accumulator,
    after_heads,
    normalised,
)
from tmsim.outcome import Outcome
from tmsim.proofs.rules import Average

ROWS, FEW = 1 << 15, 64
"""Blocks have one of these lengths."""


class Draft(Protocol):
    """Whoever proposes records [n, emits], at most `most` of them, of what comes next."""

    def __call__(self, own: np.ndarray, most: int) -> np.ndarray:
        """own [k, emits]: the records made since the call before, the last perhaps not as drafted;
        fewer than `most`, or none, where the draft has come to its end."""
        ...


def draftable(t: Transformer, memories: Memories) -> bool:
    """Can blocks of drafted rows go through it? Tokens whose factors are all emitted, without a
    layer norm, every head's past folded into a sum or a table."""
    names = {span.name for span in t.emits}
    told = t.feedback == "token" and all(source.name in names for source, _ in t.carry)
    folded = all(isinstance(m, Table | RunningSum) for kinds in memories for m in kinds)
    return told and folded and t.rewrites is None


class _Rows(NamedTuple):
    """A block's predictions: records [n, emits], codes, legible, and what margins each row has."""

    records: Array
    codes: Array
    legible: Array
    gaps: Array
    ties: Array
    logits: Array


@partial(jax.jit, static_argnames=("memories",), compiler_options=EXACT)
def _block(
    t: Transformer, memories: Memories, held: Any, first: Array, drafted: Array, at: Array,
    count: Array,
) -> tuple[Any, _Rows, Array]:  # fmt: skip
    """Rows `at`, at + 1, …: `first` [d_model], then those that the drafted records [n - 1, emits]
    stand for, of which `count` rows count. The memories after them, and every row's prediction."""
    x = jnp.concatenate([first[None], _embedded(t, drafted)])
    i = at + jnp.arange(len(x), dtype=jnp.int32)
    real = jnp.arange(len(x)) < count
    x, after, margins = place(t, x, i), [], []
    for block, kinds, states in zip(t.blocks, memories, held, strict=True):
        read, added, kept = normalised(block.norm, x), jnp.zeros_like(x), []
        for head, memory, state in zip(block.heads, kinds, states, strict=True):
            if isinstance(memory, Table):
                z, state, margin = _latest(memory, head, state, read, real)
            else:
                z, state, margin = _summed(head, state, read, i, real)
            added = added + linear(z, head.W_O)
            kept.append(state)
            margins.append(margin)
        x = after_heads(block, x + added)
        after.append(tuple(kept))
    end = jax.vmap(lambda row: decoder_end(t, row))(x)
    tied = jax.vmap(lambda m: tie_reported(t, m))(margins)
    wide = accumulator(t.dtype)
    gaps = jnp.stack([m.gap.astype(wide) for m in margins], 1)
    ties = jnp.stack([m.tied for m in margins], 1)
    rows = _Rows(end.record, end.code, end.legible & ~tied, gaps, ties, end.logit.astype(wide))
    return tuple(after), rows, end.row


def _embedded(t: Transformer, records: Array) -> Array:
    """The rows [n, d_model] of the tokens that the records [n, emits] name."""
    names = [span.name for span in t.emits]
    columns = [records[:, names.index(source.name)] for source, _ in t.carry]
    # A factor that is none (-1) has no embedding.
    parts = [
        jnp.where((column >= 0)[:, None], W_E[jnp.maximum(column, 0)], 0)
        for W_E, column in zip(t.W_E, columns, strict=True)
    ]
    return sum(parts, jnp.zeros((len(records), t.d_model), t.dtype))


def _summed(
    head: AttentionHead, state: Any, x: Array, i: Array, real: Array
) -> tuple[Array, Any, Margin]:
    """A uniform head's sums or means: see `RunningSum`."""
    values = keys_values(head, x)[1].astype(state[1].dtype)
    values = jnp.where(real[:, None], values, 0)
    upto = state[1] + jnp.cumsum(values, axis=0)
    strict = head.visible.strict  # type: ignore[attr-defined]
    total, seen = (upto - values, i) if strict else (upto, i + 1)
    count = jnp.maximum(seen, 1).astype(total.dtype)[:, None]
    mean = total / count if isinstance(head.rule, Average) else total
    none = Margin(jnp.full(len(x), jnp.inf, x.dtype), jnp.zeros(len(x), bool))
    last = upto[-1]
    return mean.astype(x.dtype), (last - values[-1], last), none


def _latest(
    table: Table, head: AttentionHead, state: Array, x: Array, real: Array
) -> tuple[Array, Array, Margin]:
    """The latest write to the address that each row reads: see `Table`."""
    n = len(x)
    asked, own, null = addresses(head, x)
    key, value = keys_values(head, x)
    rows = jnp.concatenate([key, value, jnp.ones((n, 1), x.dtype)], 1)
    slots = jnp.where(real, table.slot(own, null), len(state)).astype(jnp.int64)
    order = jnp.sort(slots * n + jnp.arange(n))
    no = jnp.zeros(n, bool)
    found = _before(order, rows, state, table.slot(asked, no).astype(jnp.int64))
    nowhere = jnp.full(n, len(state) - 1, jnp.int64)
    none = _before(order, rows, state, nowhere)
    d_head = key.shape[1]
    q = queries(head, x)
    first, second = ((q * part[:, :d_head]).sum(1) for part in (none, found))
    written = found[:, -1] > 0
    z = jnp.where(written[:, None], found[:, d_head:-1], none[:, d_head:-1])
    # The last of each address's writes stays; the others, and rows that do not count, go nowhere.
    last = jnp.concatenate([order[1:] // n != order[:-1] // n, jnp.ones(1, bool)])
    target = jnp.where(last, order // n, len(state))
    state = state.at[target].set(rows[order % n], mode="drop")
    return z, state, Margin(jnp.where(written, second - first, jnp.inf), no)


def _before(order: Array, rows: Array, state: Array, slots: Array) -> Array:
    """For each row, the latest row of this block that wrote to its slot, itself included, or what
    the table held there."""
    n = len(rows)
    place = jnp.searchsorted(order, slots * n + jnp.arange(n), side="right") - 1
    hit = order[jnp.maximum(place, 0)]
    inside = (place >= 0) & (hit // n == slots)
    return jnp.where(inside[:, None], rows[hit % n], state[slots])


def decode(
    t: Transformer, memories: Memories, rows: np.ndarray, encoder: np.ndarray, max_rows: int,
    draft: Draft,
) -> Iterator[Decoded]:  # fmt: skip
    """As :func:`tmsim.engine.run.decode`, of what the draft proposes: the same records, blocks of
    them. Only for a transformer that is :func:`draftable`."""
    state, _ = begin(t, memories, rows, encoder)
    held, x, i, generated = state.memories, state.x, int(state.i), 0
    margins, own = jax.device_get(no_margins(t)), np.zeros((0, len(t.emits)), np.int32)
    while True:
        most = min(ROWS - 1, max_rows - generated)
        proposed = draft(own, most)
        room = ROWS if len(proposed) > FEW - 1 else FEW
        padded = np.full((room - 1, len(t.emits)), -1, np.int32)
        padded[: len(proposed)] = proposed
        rest = (x, jnp.asarray(padded), jnp.int32(i))
        after, made, following = _block(t, memories, held, *rest, jnp.int32(len(proposed) + 1))
        records, codes, legible = (np.asarray(part) for part in made[:3])
        right, outcome = _right(proposed, records, codes, legible, max_rows - generated)
        if right <= len(proposed) and outcome is None:
            # The rows after the first that differs never were: the memories without them.
            after, *_ = _block(t, memories, held, *rest, jnp.int32(right))
        margins = _narrowed(margins, made, right)
        own, generated = records[:right], generated + right
        yield Decoded(own, outcome, margins, len(rows) + generated)
        if outcome is not None:
            return
        held, x, i = after, following[right - 1], i + right


def _right(
    proposed: np.ndarray, records: np.ndarray, codes: np.ndarray, legible: np.ndarray, room: int
) -> tuple[int, Outcome | None]:
    """How many predictions of a block count, and how the run ends after them, if it does.

    All up to the first that is not the draft's, that one included; a row that ends the run, or
    predicts nothing legible, has none.
    """
    n = len(proposed) + 1
    differs = (records[: n - 1] != proposed).any(1)
    upto = int(np.argmax(differs)) + 1 if differs.any() else n
    over = codes[:upto] != RUNNING
    bad = over | ~legible[:upto] | (np.arange(upto) >= room)
    if not bad.any():
        return upto, None
    row = int(np.argmax(bad))
    if over[row]:
        return row, OUTCOMES[codes[row]]
    return row, Outcome.illegible if not legible[row] and row < room else Outcome.out_of_steps


def _narrowed(kept: Margins, made: _Rows, count: int) -> Margins:
    """The smallest margins so far, over the first `count` rows too."""
    if not count or not made.gaps.shape[1]:
        return kept
    gaps, ties, logits = (np.asarray(part)[:count] for part in made[3:])
    gap, logit = np.minimum(kept.gap, gaps.min(0)), np.minimum(kept.logit, logits.min())
    return Margins(gap, kept.ties + ties.sum(0), logit)  # type: ignore[arg-type]
