"""Runs whose context is rewritten: compiled blocks up to each closing token, and the host between.

The host keeps the context's rows. When a token closes it, the feedback says which rows remain; they
are the prompt of the next block. So the cost of a token depends on the context, not on the run.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from tmsim.engine.blocks import (
    SECONDS_PER_BLOCK,
    Decoded,
    Saved,
    begin,
    next_limit,
    replaced,
    restored,
    run_block,
    saved,
)
from tmsim.engine.drivers import Memories, RunState
from tmsim.engine.memory import Scan, full
from tmsim.engine.transformer import CLOSED, OUTCOMES, RUNNING, Transformer
from tmsim.outcome import Outcome

SEGMENT_ROWS = 1 << 12
FIRST_ROOM, GROWTH = 1 << 10, 8
"""Full caches begin with this many rows, or the planned ones if fewer, and grow by this factor."""


class Context:
    """The rows of the context, without positions: [n, d_model].

    `longest` is how many rows the largest one had; the last row counts once it is settled.
    """

    def __init__(self, t: Transformer, rows: np.ndarray) -> None:
        self.rows = rows.astype(np.float64)
        self.longest = len(rows)
        self._rule = t.rewrites
        self._embeddings = [np.asarray(W, np.float64) for W in t.W_E]
        self._marks = np.asarray(t.W_marks, np.float64), np.asarray(t.b_marks, np.float64)

    def extend(self, tokens: np.ndarray) -> None:
        """Generated tokens [m, factors] enter."""
        embedded = sum(W[tokens[:, j]] for j, W in enumerate(self._embeddings))
        self.rows = np.concatenate([self.rows, embedded]) if len(tokens) else self.rows
        self.longest = max(self.longest, len(self.rows) - 1)

    def close(self) -> int:
        """The next context, told how many of its first rows are where they were.

        Raises ValueError where the last token closes nothing: then it does not enter.
        """
        assert self._rule is not None
        W, b = self._marks
        kept = self._rule.kept((self.rows @ W + b > 0.5).tolist())
        self.longest = max(self.longest, len(self.rows))
        self.rows = self.rows[kept]
        return next((j for j, k in enumerate(kept) if j != k), len(kept))


def decode(
    t: Transformer, memories: Memories, rows: np.ndarray, encoder: np.ndarray, max_rows: int,
    resumed: Saved | None = None, wanted: Callable[[int], bool] | None = None,
) -> Iterator[Decoded]:  # fmt: skip
    """As :func:`tmsim.engine.run.decode`; several contexts may come in one block."""
    room = min(_planned(memories), FIRST_ROOM)
    while room <= len(rows):
        room *= GROWTH
    if resumed is not None:
        room = int(resumed[1][0])
    memories = _roomy(memories, room)
    state, encoded = begin(t, memories, rows, encoder)
    context, parts, limit = Context(t, rows), [], 64
    if resumed is not None:
        context.rows, context.longest = resumed[0], int(resumed[1][1])
        state = restored(state, resumed[2:])
    done = int(state.generated)
    emits, most, shown = len(t.emits), jnp.int32(max_rows), time.perf_counter()
    while True:
        started = time.perf_counter()
        if len(context.rows) >= room:
            room *= GROWTH
            state, memories = _grown(state, room, memories), _roomy(memories, room)
        rest = jnp.int32(min(limit, room - len(context.rows) + 1))
        state, records = run_block(
            t, memories, encoded, most, state, rest, rows=SEGMENT_ROWS, batched=False
        )
        code, generated = int(state.outcome), int(state.generated)
        made = np.asarray(records)[: generated - done]
        context.extend(made[:, emits:])
        done, outcome = generated, None
        if code == CLOSED:
            try:
                same = context.close()
            except ValueError:
                made, outcome = made[:-1], Outcome.illegible
            else:
                state = replaced(t, memories, encoded, state, context.rows, same)
        else:
            context.longest = max(context.longest, len(context.rows))
            outcome = None if code == RUNNING else OUTCOMES[code]
            limit = min(next_limit(limit, time.perf_counter() - started), SEGMENT_ROWS)
        parts.append(made[:, :emits])
        if outcome is not None or time.perf_counter() - shown > SECONDS_PER_BLOCK / 2:
            margins = jax.device_get(state.margins)
            keep = None
            if outcome is None and wanted and wanted(done):
                keep = (context.rows, np.array([room, context.longest]), *saved(state))
            yield Decoded(np.concatenate(parts), outcome, margins, context.longest, keep)
            parts, shown = [], time.perf_counter()
        if outcome is not None:
            return


def _planned(memories: Memories) -> int:
    """How many rows the full caches were planned for."""
    return max((m.rows for kinds in memories for m in kinds if full(m)), default=FIRST_ROOM)


def _roomy(memories: Memories, room: int) -> Memories:
    return tuple(tuple(Scan(room) if full(m) else m for m in kinds) for kinds in memories)


def _grown(state: RunState, room: int, memories: Memories) -> RunState:
    """The same run with full caches of `room` rows."""

    def grown(memory: Any, held: Any) -> Any:
        if not full(memory) or not held:
            return held
        return tuple(jnp.pad(part, ((0, room - len(part)), (0, 0))) for part in held)

    every = zip(memories, state.memories, strict=True)
    held = tuple(tuple(map(grown, kinds, states)) for kinds, states in every)
    return replace(state, memories=held)
