"""Every row of a run again, with what the transformer computed in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from tmsim.choices import Assembled
from tmsim.engine.assemble import rows
from tmsim.engine.run import encode
from tmsim.engine.transformer import Transformer
from tmsim.engine.verify import activations, verify_contexts
from tmsim.export.rebuilding import rebuilt
from tmsim.generating import named
from tmsim.proofs import Scene
from tmsim.proofs.contexts import given
from tmsim.simulation import Simulation
from tmsim.turing import TuringConstruction

MOST_SCORES = 2**29
"""How many scores of one context are held at once: 4 GiB in float64."""


@dataclass(frozen=True)
class Pass:
    """One context of a decoder, or one pass of a loop.

    `scenes` are its rows, `named` the activations of all of them (see :mod:`tmsim.engine.verify`),
    `steps` how many steps were made before each row; `first` is the number of its first row in the
    run. Of a loop `active` is the row that the pass's step is read from.
    """

    scenes: list[Scene]
    named: Mapping[str, np.ndarray]
    steps: list[int]
    first: int
    active: int | None


def passes(run: Simulation) -> tuple[Assembled, TuringConstruction, Iterator[Pass]]:
    """The transformer that made the run, its proof, and the run pass by pass.

    Raises ValueError for a run whose rows are not the machine's steps (a translated one), that did
    not keep all of its steps, or whose scores would not fit.
    """
    again = rebuilt(run)
    construction = again.choices.construction
    if not isinstance(construction, TuringConstruction):
        raise ValueError(
            f"view: {run.construction} runs a translation, whose rows are not the machine's steps;"
            " expected a construction of Turing machines"
        )
    made, taken = again.made, run.trace.rows()
    told = construction.passes(run.machine, run.tapes, run.heads, taken, made.frame)
    scenes = [list(each) for each in told]
    _fits(made.weights, max(map(len, scenes)))
    return made, construction, _captured(run, made, construction, scenes)


def _fits(weights: Transformer, count: int) -> None:
    needed = len(weights.heads) * count**2
    if needed > MOST_SCORES:
        most = int((MOST_SCORES / len(weights.heads)) ** 0.5)
        raise ValueError(
            f"view: {count:,} rows under {len(weights.heads)} heads have {needed:,} scores;"
            f" expected at most {most:,} rows: ask for fewer steps"
        )


def _captured(
    run: Simulation, made: Assembled, construction: TuringConstruction, scenes: list[list[Scene]]
) -> Iterator[Pass]:
    weights = made.weights
    matrices = [rows(made.program, [s.row for s in each], np.float64) for each in scenes]
    before = _steps_before(run, made, construction, matrices)
    encoder = encode(weights, rows(made.program, made.prompt.encoder, np.float64))
    longest, first = max(map(len, matrices)), 0
    for each, matrix, steps in zip(scenes, matrices, before, strict=True):
        # Rows below are not seen by those above, so that one compiled length does for all contexts.
        filled = np.zeros((longest, matrix.shape[1]))
        filled[: len(matrix)] = matrix
        found = jax.device_get(activations(weights, jnp.asarray(filled, weights.dtype), encoder))
        yield Pass(each, found, steps, first, _active(weights, found))
        first += len(matrix)


def _active(weights: Transformer, found: Mapping[str, np.ndarray]) -> int | None:
    if weights.W_active is None:
        return None
    last = found[f"blocks.{len(weights.blocks) - 1}.resid_post"]
    return int(np.argmax(last.astype(np.float64) @ np.asarray(weights.W_active, np.float64)))


def _steps_before(
    run: Simulation, made: Assembled, construction: TuringConstruction, matrices: list[np.ndarray]
) -> list[list[int]]:
    """Per pass and row, how many of the run's steps were made before the row's output."""
    weights = made.weights

    def completed(record: np.ndarray) -> int:
        return len(construction.decode(named(record[None], weights), run.machine).state)

    if weights.feedback == "loop":
        return [[min(t, run.steps)] * len(m) for t, m in enumerate(matrices)]
    counts = list(given(made.program, matrices, len(made.prompt.rows)))
    encoder = rows(made.program, made.prompt.encoder, np.float64)
    records: Iterator[Any] = (
        record for part in verify_contexts(weights, matrices, counts, encoder)
        for record in part.records
    )  # fmt: skip
    total, every = 0, []
    for number, (matrix, count) in enumerate(zip(matrices, counts, strict=True), 1):
        before, last = [], number == len(matrices)
        for row in range(len(matrix)):
            before.append(min(total, run.steps))
            if row >= count - 1 and (last or row < len(matrix) - 1):
                total += completed(next(records))
        every.append(before)
    return every
