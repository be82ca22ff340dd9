"""A Turing machine run by a construction of another model: translated, emulated, read back."""

from __future__ import annotations

import logging
from time import perf_counter

from tmsim.bounds import grown
from tmsim.compiling import CompileTimer
from tmsim.decoding import Result, simulation
from tmsim.emulation import Made, attempt, opening
from tmsim.machines.translate import Translation
from tmsim.modelled import ModelConstruction
from tmsim.outcome import Outcome
from tmsim.proofs import Bounds
from tmsim.reference import Reference
from tmsim.simulation import Simulation
from tmsim.task import Chunk, Task
from tmsim.trace import Trace

log = logging.getLogger("tmsim")


def translated(task: Task, timer: CompileTimer) -> Simulation:
    """Decode the translated machine in ever larger bounds until the run ends inside them."""
    began, bounds = perf_counter(), opening(task, task.reach)
    while True:
        translation = translate(task, bounds)
        limit = min(bounds.steps, task.max_steps)
        room = Bounds(translation.steps, translation.cells)
        made = attempt(task, translation.machine, translation.given, room, translation.steps)
        result = read_back(task, translation, made, bounds, limit)
        larger = grown(bounds, result.outcome, task.max_steps, task.cells is not None)
        if larger is None or result.disagreement is not None:
            break
        log.info("%s within %s: growing to %s", result.outcome, bounds, larger)
        bounds = larger
    seconds = perf_counter() - began
    if task.watch is not None and len(result.trace):
        made = result.trace.part(0, len(result.trace))
        task.watch(Chunk(1, made, task.max_steps, seconds, result.tokens))
    return simulation(task, "decode", bounds, result, seconds, timer)


def translate(task: Task, bounds: Bounds) -> Translation:
    """The task's machine in the construction's model. Raises ValueError where there is no way."""
    assert isinstance(task.construction, ModelConstruction)
    return task.construction.translation(task.machine, task.tapes, task.start.heads, bounds)


def read_back(
    task: Task, translation: Translation, made: Made, bounds: Bounds, limit: int
) -> Result:
    """The Turing machine's steps that the other model's steps stand for, and how they end."""
    trace = Trace.from_steps(task.machine, translation.back(made.trace.rows()))
    outcome = made.outcome
    if len(trace) > limit:
        trace, outcome = trace.part(0, limit), Outcome.out_of_steps
    last = trace.last(task.start)
    real = task.machine.end(last)
    if outcome in (Outcome.halted, Outcome.no_transition):
        at_the_edge = max(map(abs, last.heads)) >= bounds.cells
        outcome = real or (Outcome.out_of_cells if at_the_edge else outcome)
    wrong = None
    if task.check:
        expected = Reference(task.machine, task.start).take(len(trace))
        wrong = task.first_difference(trace, expected, 0) or task.wrong_end(outcome, last)
    return Result(outcome, trace, made.tokens, made.context, made.certificate, wrong)
