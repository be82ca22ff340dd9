"""The one while-loop, in interruptible blocks.

A block decodes at most `limit` rows without leaving compiled code; between blocks the host sees the
records, may show progress, and may stop. Compiled code depends on the frame's static parts only: a
second machine of the same frame costs no compilation.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
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
from tmsim.engine.interrupts import Interrupts
from tmsim.engine.memory import memory_for
from tmsim.engine.transformer import OUTCOMES, RUNNING, Transformer
from tmsim.outcome import Outcome
from tmsim.proofs.rules import Prefix

# XLA would keep 16-bit intermediates in float32 and so compute other numbers than the dtype's.
EXACT = {"xla_allow_excess_precision": False}
BLOCK_ROWS = 1 << 16
LEAST_ROWS = 32
SECONDS_PER_BLOCK = 0.5


def plan(t: Transformer, kind: str, rows: int, cells: int) -> Memories:
    """One memory per head: see :func:`tmsim.engine.memory.memory_for`."""
    return tuple(
        tuple(memory_for(head, kind, rows, cells) for head in block.heads) for block in t.blocks
    )


@partial(jax.jit, static_argnames=("memories",), compiler_options=EXACT)
def _ingest(t: Transformer, memories: Memories, rows: Array, count: Array, encoded: Encoded):
    """The memories after the first `count` of the rows."""

    def one(i: Array, states: Any) -> Any:
        return row_pass(t, memories, states, place(t, rows[i], i), i, encoded)[1]

    return lax.fori_loop(0, count, one, _empty(t, memories))


def _empty(t: Transformer, memories: Memories) -> tuple[tuple[Any, ...], ...]:
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
    """The state after all prompt rows but the last, which is the next row to run.

    rows [n ≥ 1, d_model] (a loop: all its rows), encoder [m, d_model], both without positions; the
    encoder's are padded to at least `least` (≥ 1) rows, of which only m count.
    """
    # Where rows may attend to each other, padding waits until they are encoded.
    told = encode(t, encoder if t.encoder else _padded(encoder, least))
    count: Any = np.int32(len(encoder))
    encoded = Encoded(_padded(told, least), count)
    x: Any = rows.astype(t.dtype)
    last, held = len(rows) - 1, _empty(t, memories)
    if t.feedback == "loop":
        last = 0
    else:
        if last:
            held = _ingest(t, memories, _padded(x), np.int32(last), encoded)
        x = x[-1]
    at, none, running = map(np.int32, (last, 0, RUNNING))
    # Put on the device as they are: building them there would compile a program for each shape.
    # They are copied, for the first block is given them to overwrite.
    start: Any = {"x": x, "i": at, "generated": none, "outcome": running, "memories": held}
    start = RunState(**start, margins=no_margins(t))
    return jax.device_put((start, encoded), may_alias=False)


def _block(
    t: Transformer, memories: Memories, encoded: Encoded, max_rows: Array, state: RunState,
    limit: Array, rows: int, batched: bool,
) -> tuple[RunState, Array]:  # fmt: skip
    """Up to `limit` passes; records [rows, emits] ([rows, batch, emits] if batched)."""
    one = jax.vmap(step, in_axes=(0, None, 0, 0, 0)) if batched else step
    shape = (rows, *state.outcome.shape, len(t.emits))

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


@dataclass(frozen=True)
class Decoded:
    """What a run has come to: `outcome` is None while it goes on."""

    records: np.ndarray
    outcome: Outcome | None
    margins: Margins


def decode(
    t: Transformer,
    memories: Memories,
    rows: np.ndarray,
    encoder: np.ndarray,
    max_rows: int,
) -> Iterator[Decoded]:
    """Decode until a stop fires, yielding the records [n, emits] of each block.

    Blocks are sized to take about half a second, so that an interrupt is answered in time.
    """
    state, encoded = begin(t, memories, rows, encoder)
    limit, done = 64, 0
    while True:
        started = time.perf_counter()
        state, records = run_block(
            t, memories, encoded, jnp.int32(max_rows), state, jnp.int32(limit),
            rows=BLOCK_ROWS, batched=False,
        )  # fmt: skip
        code, generated = int(state.outcome), int(state.generated)
        took = time.perf_counter() - started
        outcome = None if code == RUNNING else OUTCOMES[code]
        # Copied to the host: the state's own buffers are given to the next block.
        margins = jax.device_get(state.margins)
        yield Decoded(np.asarray(records)[: generated - done], outcome, margins)
        if outcome is not None:
            return
        done = generated
        limit = _next_limit(limit, took)


def _next_limit(limit: int, took: float) -> int:
    """The first block's time holds the compilation, so growth is the rule and shrinking is slow."""
    aim = limit * 8 if took < SECONDS_PER_BLOCK / 8 else limit * 2
    if took > 2 * SECONDS_PER_BLOCK and limit > 64:
        aim = limit // 2
    return min(max(aim, 64), BLOCK_ROWS)


def stacked(trees: list[Any]) -> Any:
    """Equal-shaped pytrees as one, with a leading batch axis."""
    return jax.tree.map(lambda *leaves: jnp.stack(leaves), *trees)


def decode_batch(
    transformers: list[Transformer],
    memories: Memories,
    prompts: list[tuple[np.ndarray, np.ndarray]],
    max_rows: list[int],
    chunk: int = 256,
) -> list[tuple[np.ndarray, Outcome]]:
    """Decode many machines of one frame together: records [n, emits] and outcome of each."""
    least = max(LEAST_ROWS, *(len(encoder) for _, encoder in prompts))
    pairs = zip(transformers, prompts, strict=True)
    begun = [begin(t, memories, *prompt, least) for t, prompt in pairs]
    encoded = stacked([encoded for _, encoded in begun])
    state, t = stacked([s for s, _ in begun]), stacked(transformers)
    limits, blocks = jnp.array(max_rows, jnp.int32), []
    with Interrupts() as interrupts:
        while bool((state.outcome == RUNNING).any()):
            state, records = run_block(
                t, memories, encoded, limits, state, jnp.int32(chunk), rows=chunk, batched=True
            )
            blocks.append(np.asarray(records))
            interrupts.check()
    every = np.concatenate(blocks) if blocks else np.zeros((0, len(prompts), len(t.emits)), int)
    made, codes = np.asarray(state.generated), np.asarray(state.outcome)
    return [(every[: made[b], b], OUTCOMES[codes[b]]) for b in range(len(prompts))]
