"""Runs of a transformer, yielded block by block, or many machines' runs together."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from tmsim.engine import contexts
from tmsim.engine.blocks import (
    BLOCK_ROWS,
    EXACT,
    LEAST_ROWS,
    Decoded,
    Saved,
    begin,
    encode,
    next_limit,
    plan,
    restored,
    run_block,
    saved,
)
from tmsim.engine.drivers import Memories
from tmsim.engine.interrupts import Interrupts
from tmsim.engine.transformer import OUTCOMES, RUNNING, Transformer
from tmsim.outcome import Outcome

__all__ = [
    "BLOCK_ROWS", "EXACT", "Decoded", "Saved", "begin", "decode", "decode_batch", "encode", "plan",
    "run_block", "stacked",
]  # fmt: skip


def decode(
    t: Transformer,
    memories: Memories,
    rows: np.ndarray,
    encoder: np.ndarray,
    max_rows: int,
    *,
    resumed: Saved | None = None,
    wanted: Callable[[int], bool] | None = None,
) -> Iterator[Decoded]:
    """Decode until a stop fires, yielding the records [n, emits] of each block.

    wanted: told how many rows were generated, says after which blocks to yield the state too;
    resumed: such a state, after which to go on. Raises ValueError for a state of another run.

    Blocks are sized to take about half a second, so that an interrupt is answered in time. While a
    block is looked at, the next one is made. Where the feedback rewrites the context, full caches
    grow with it beyond what they were planned for.
    """
    if t.rewrites is not None:
        yield from contexts.decode(t, memories, rows, encoder, max_rows, resumed, wanted)
        return
    state, encoded = begin(t, memories, rows, encoder)
    if resumed is not None:
        state = restored(state, resumed)
    most, limit, done = jnp.int32(max_rows), 64, int(state.generated)

    def dispatched(state: Any, limit: int) -> tuple[Any, Any, float]:
        """The next block, which XLA makes while the host goes on."""
        started = time.perf_counter()
        state, records = run_block(
            t, memories, encoded, most, state, jnp.int32(limit), rows=BLOCK_ROWS, batched=False
        )
        return state, records, started

    ahead = dispatched(state, limit)
    while True:
        state, records, started = ahead
        code, generated = int(state.outcome), int(state.generated)
        outcome = None if code == RUNNING else OUTCOMES[code]
        # Copied to the host: the state's own buffers are given to the next block.
        margins, keep = jax.device_get(state.margins), None
        longest = len(rows) + (0 if t.feedback == "loop" else generated)
        made = np.asarray(records)[: generated - done]
        if outcome is None:
            keep = saved(state) if wanted and wanted(generated) else None
            done, limit = generated, next_limit(limit, time.perf_counter() - started)
            ahead = dispatched(state, limit)
        yield Decoded(made, outcome, margins, longest, keep)
        if outcome is not None:
            return


def stacked(trees: list[Any]) -> Any:
    """Equal-shaped pytrees as one, with a leading batch axis."""
    # On the host: stacked there, a leaf's shape needs no program of its own.
    return jax.tree.map(lambda *leaves: jax.device_put(np.stack(leaves)), *trees)


def decode_batch(
    transformers: list[Transformer],
    memories: Memories,
    prompts: list[tuple[np.ndarray, np.ndarray]],
    max_rows: list[int],
    chunk: int = 256,
) -> list[tuple[np.ndarray, Outcome]]:
    """Decode many machines of one frame together: records [n, emits] and outcome of each.

    Where the feedback rewrites the context, each machine does so at its own time: one by one.
    """
    if any(t.rewrites for t in transformers):
        every = zip(transformers, prompts, max_rows, strict=True)
        return [_whole(t, memories, *prompt, limit) for t, prompt, limit in every]
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


def _whole(
    t: Transformer, memories: Memories, rows: np.ndarray, encoder: np.ndarray, limit: int
) -> tuple[np.ndarray, Outcome]:
    """A run's records and its outcome."""
    blocks = []
    with Interrupts() as interrupts:
        for block in decode(t, memories, rows, encoder, limit):
            blocks.append(block)
            interrupts.check()
    outcome = blocks[-1].outcome
    assert outcome is not None
    return np.concatenate([block.records for block in blocks]), outcome
