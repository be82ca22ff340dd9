"""Machines of one frame decoded together, each run compared with the reference's when it has ended.

For constructions of any feedback: rows need not be steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from tmsim.engine import run as engine
from tmsim.engine.assemble import assemble, rows
from tmsim.engine.transformer import OUTCOMES
from tmsim.machines import TuringMachine, initial, run
from tmsim.outcome import Outcome
from tmsim.proofs import Bounds, Construction
from tmsim.proofs.claim import padded
from tmsim.told import ended, told
from tmsim.trace import Trace

AT_ONCE = 64


class Found(NamedTuple):
    """Of each run: the outcome's index in `OUTCOMES`, steps, cells that are not blank at the end,
    and the number of the first step that is not the reference's (from 1; 0 where all are)."""

    codes: np.ndarray
    steps: np.ndarray
    sigma: np.ndarray
    wrong: np.ndarray


def together(
    construction: Construction, machines: Sequence[TuringMachine], bounds: Bounds, dtype: str
) -> Found:
    """How the machines end on blank tapes; needs ``jax.enable_x64(True)`` around it."""
    parts = [
        _part(construction, machines[first : first + AT_ONCE], bounds, dtype)
        for first in range(0, len(machines), AT_ONCE)
    ]
    return Found(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def _part(
    construction: Construction, machines: Sequence[TuringMachine], bounds: Bounds, dtype: str
) -> Found:
    frame = construction.frame(machines[0], bounds)
    program = construction.program(frame)
    # The last machine again, so that few sizes are compiled.
    size = 1 << (len(machines) - 1).bit_length()
    filled = [*machines, *[machines[-1]] * (size - len(machines))]
    every = [assemble(program, construction.leaves(m, frame), dtype) for m in filled]
    prompts = [construction.prompt(m, (), (0,), frame) for m in filled]
    given = [tuple(rows(program, part, np.float64) for part in prompt) for prompt in prompts]
    limit = construction.rows(frame)
    kept = padded(max(len(p.rows) for p in prompts) + limit)
    memories = engine.plan(every[0], "auto", kept, bounds.cells)
    made = engine.decode_batch(every, memories, given, [limit] * len(filled))  # type: ignore[arg-type]
    ends = []
    for machine, (records, outcome) in zip(machines, made, strict=False):
        emitted = {span.name: records[:, j] for j, span in enumerate(every[0].emits)}
        trace, how = ended(told(construction, machine, (0,), emitted), outcome, bounds.steps)
        ends.append(_compared(machine, trace, how, bounds))
    return Found(*map(np.array, zip(*ends, strict=True)))


def _compared(
    machine: TuringMachine, trace: Trace, outcome: Outcome, bounds: Bounds
) -> tuple[int, int, int, int]:
    """One machine's entry of :class:`Found`."""
    wanted = run(machine, max_steps=bounds.steps, keep=True)
    at = trace.differs(Trace.from_steps(machine, wanted.trace or ()))
    last = trace.last(initial(machine))
    if at is None and (len(trace), outcome) != (wanted.steps, wanted.outcome):
        at = min(len(trace), wanted.steps)
    sigma = sum(len(tape) for tape in last.tapes)
    return OUTCOMES.index(outcome), len(trace), sigma, 0 if at is None else at + 1
