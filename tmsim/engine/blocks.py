"""The one while-loop, in interruptible blocks.

A block decodes at most `limit` rows without leaving compiled code; between blocks the host sees the
records, may show progress, and may stop. Compiled code depends on the frame's static parts only: a
second machine of the same frame costs no compilation.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from tmsim.engine.drivers import (
    Encoded,
    Margins,
    Memories,
    RunState,
    block_pass,
    no_margins,
    place,
    row_pass,
    step,
)
from tmsim.engine.memory import full, memory_for
from tmsim.engine.queue import begun
from tmsim.engine.transformer import RUNNING, Transformer
from tmsim.outcome import Outcome
from tmsim.proofs.rules import Prefix

# XLA would keep 16-bit intermediates in float32 and so compute other numbers than the dtype's.
EXACT = {"xla_allow_excess_precision": False}
BLOCK_ROWS = 1 << 16
LEAST_ROWS = 32
CHUNK_ROWS = 256
"""Rows of a context are taken in so many at a time: one shape is compiled."""
SECONDS_PER_BLOCK = 0.5


def plan(t: Transformer, kind: str, rows: int, cells: int) -> Memories:
    """One memory per head: see :func:`tmsim.engine.memory.memory_for`."""
    return tuple(
        tuple(memory_for(head, kind, rows, cells) for head in block.heads) for block in t.blocks
    )


@partial(jax.jit, static_argnames=("memories",), compiler_options=EXACT)
def _ingest(t: Transformer, memories: Memories, rows: Array, count: Array, encoded: Encoded):
    """The memories after the first `count` of the rows."""
    return taken_in(t, memories, nothing_held(t, memories), rows, jnp.int32(0), count, encoded)


@partial(jax.jit, static_argnames=("memories",), donate_argnames=("held",), compiler_options=EXACT)
def _ingest_after(
    t: Transformer, memories: Memories, held: Any, rows: Array, start: Array, count: Array,
    encoded: Encoded,
):  # fmt: skip
    """The memories after `count` more rows, the first of them row `start`."""
    return taken_in(t, memories, held, rows, start, count, encoded)


def taken_in(
    t: Transformer, memories: Memories, held: Any, rows: Array, start: Array, count: Array,
    encoded: Encoded,
) -> Any:  # fmt: skip
    """The memories after `count` more rows, the first of them row `start`."""

    def one(j: Array, states: Any) -> Any:
        i = start + j
        return row_pass(t, memories, states, place(t, rows[j], i), i, encoded)[1]

    return lax.fori_loop(0, count, one, held)


def nothing_held(t: Transformer, memories: Memories) -> tuple[tuple[Any, ...], ...]:
    """The memories before the first row."""
    if t.feedback == "loop":
        return ()
    return tuple(
        tuple(
            () if isinstance(head.visible, Prefix) else memory.empty(head)
            for head, memory in zip(block.heads, kinds, strict=True)
        )
        for block, kinds in zip(t.blocks, memories, strict=True)
    )


@partial(jax.jit, compiler_options=EXACT)
def _encoded(t: Transformer, rows: Array) -> Array:
    everything = Encoded(rows, jnp.int32(len(rows)))
    rows = place(t, rows, jnp.arange(len(rows), dtype=jnp.int32))
    for block in t.encoder:
        rows, _ = block_pass(block, rows, everything)
    return rows


def encode(t: Transformer, rows: np.ndarray) -> Any:
    """The encoder's final rows [m, d_model], told their positions as the decoder's rows are."""
    return np.asarray(_encoded(t, rows.astype(t.dtype)))


def _padded(rows: Any, least: int = LEAST_ROWS) -> Any:
    """Zero rows up to a power of two, and at least `least`: few shapes are compiled."""
    length = 1 << (max(len(rows), least) - 1).bit_length()
    return np.concatenate([rows, np.zeros((length - len(rows), rows.shape[1]), rows.dtype)])


def begin(
    t: Transformer,
    memories: Memories,
    rows: np.ndarray,
    encoder: np.ndarray,
    least: int = LEAST_ROWS,
) -> tuple[RunState, Encoded]:
    """The state after all prompt rows but the last, which is the next row to run (of a string, the
    last of the first window).

    rows [n ≥ 1, d_model] (a loop: all its rows), encoder [m, d_model], both without positions; the
    encoder's are padded to at least `least` (≥ 1) rows, of which only m count.
    """
    # Where rows may attend to each other, padding waits until they are encoded.
    told = encode(t, encoder if t.encoder else _padded(encoder, least))
    count: Any = np.int32(len(encoder))
    encoded = Encoded(_padded(told, least), count)
    x: Any = rows.astype(t.dtype)
    last, held, queue = len(rows) - 1, nothing_held(t, memories), ()
    if t.queue is not None:
        last, queue = t.queue.window - 1, begun(t, rows)
    if t.feedback == "loop":
        last = 0
    else:
        if last:
            held = _ingest(t, memories, _padded(x), np.int32(last), encoded)
        x = x[last]
    at, none, running = map(np.int32, (last, 0, RUNNING))
    # Put on the device as they are: building them there would compile a program for each shape.
    # They are copied, for the first block is given them to overwrite.
    start: Any = {"x": x, "i": at, "generated": none, "outcome": running, "memories": held}
    start = RunState(**start, margins=no_margins(t), queue=queue)
    return jax.device_put((start, encoded), may_alias=False)


def replaced(
    t: Transformer, memories: Memories, encoded: Encoded, state: RunState, rows: np.ndarray,
    same: int,
) -> RunState:  # fmt: skip
    """The state with the context `rows` [n ≥ 1, d_model] in place of the one that it had.

    Its first `same` rows are those of the context before: a full cache keeps them, for later rows
    are invisible from there and will be written over. Any other memory takes all rows in anew.
    """
    x, last = rows.astype(t.dtype), len(rows) - 1
    cut = all(full(memory) for kinds in memories for memory in kinds)
    held: Any = (
        state.memories if cut else jax.device_put(nothing_held(t, memories), may_alias=False)
    )
    for start in range(min(same, last) if cut else 0, last, CHUNK_ROWS):
        more = x[start : min(start + CHUNK_ROWS, last)]
        at, count = np.int32(start), np.int32(len(more))
        held = _ingest_after(t, memories, held, _padded(more, CHUNK_ROWS), at, count, encoded)
    now: Any = {"x": x[last], "i": np.int32(last), "outcome": np.int32(RUNNING)}
    return replace(state, memories=held, **jax.device_put(now, may_alias=False))


def _block(
    t: Transformer, memories: Memories, encoded: Encoded, max_rows: Array, state: RunState,
    limit: Array, rows: int, batched: bool,
) -> tuple[RunState, Array]:  # fmt: skip
    """Up to `limit` passes; records [rows, recorded] ([rows, batch, recorded] if batched)."""
    one = jax.vmap(step, in_axes=(0, None, 0, 0, 0)) if batched else step
    shape = (rows, *state.outcome.shape, t.recorded)

    def more(carry: tuple[RunState, Array, Array]) -> Array:
        state, n, _ = carry
        return (state.outcome == RUNNING).any() & (n < limit)

    def body(carry: tuple[RunState, Array, Array]) -> tuple[RunState, Array, Array]:
        state, n, records = carry
        state, recorded = one(t, memories, encoded, max_rows, state)
        return state, n + 1, lax.dynamic_update_index_in_dim(records, recorded, n, 0)

    state, _, records = lax.while_loop(
        more, body, (state, jnp.int32(0), jnp.zeros(shape, jnp.int32))
    )
    return state, records


run_block = jax.jit(
    _block,
    static_argnames=("memories", "rows", "batched"),
    donate_argnames=("state",),
    compiler_options=EXACT,
)


Saved = tuple[np.ndarray, ...]
"""All that a run needs to go on, in arrays whose order is the engine's own affair."""


def saved(state: RunState) -> Saved:
    """A host copy of the state, whose own buffers are given to the next block."""
    return tuple(np.array(leaf) for leaf in jax.tree.leaves(state))


def restored(like: RunState, leaves: Saved) -> RunState:
    """The state that :func:`saved` copied, of a run whose first state is `like`.

    Raises ValueError where the arrays' shapes or number formats are not that run's.
    """
    fresh, tree = jax.tree.flatten(like)
    kinds, found = ([f"{a.dtype}{list(a.shape)}" for a in arrays] for arrays in (fresh, leaves))
    if kinds != found:
        told, expected = (", ".join(names) for names in (found, kinds))
        raise ValueError(f"the saved state is of another run: {told}; expected {expected}")
    return jax.device_put(jax.tree.unflatten(tree, leaves), may_alias=False)


@dataclass(frozen=True)
class Decoded:
    """What a run has come to: `outcome` is None while it goes on.

    records [n, emits] are the block's, `longest` is how many rows the largest context had so far,
    `state` is there where it was wanted.
    """

    records: np.ndarray
    outcome: Outcome | None
    margins: Margins
    longest: int
    state: Saved | None = None


def next_limit(limit: int, took: float) -> int:
    """How many rows the next block may take, after one of `limit` rows took so many seconds.

    The first block's time holds the compilation, so growth is the rule and shrinking is slow.
    """
    aim = limit * 8 if took < SECONDS_PER_BLOCK / 8 else limit * 2
    if took > 2 * SECONDS_PER_BLOCK and limit > 64:
        aim = limit // 2
    return min(max(aim, 64), BLOCK_ROWS)
