"""Decoding: every row follows from the transformer's own rows, checked against the reference."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from tmsim.bounds import first_bounds, grown
from tmsim.certificate import Certificate
from tmsim.compiling import CompileTimer
from tmsim.engine import run as engine
from tmsim.engine.assemble import rows
from tmsim.engine.drivers import Margins
from tmsim.engine.interrupts import Interrupts
from tmsim.engine.memory import Scan
from tmsim.engine.transformer import Transformer
from tmsim.outcome import Outcome
from tmsim.proofs import Bounds
from tmsim.proofs.claim import padded
from tmsim.reference import Reference
from tmsim.simulation import Simulation
from tmsim.task import Chunk, Task
from tmsim.trace import Trace

log = logging.getLogger("tmsim")


@dataclass(frozen=True)
class Result:
    """What one attempt came to; `outcome` is None if it was interrupted."""

    outcome: Outcome | None
    trace: Trace
    certificate: Certificate | None
    disagreement: str | None


def decoded(task: Task, timer: CompileTimer) -> Simulation:
    """Decode in ever larger bounds until the run ends inside them."""
    began, watched = perf_counter(), 0
    bounds = opening(task)
    while True:
        result = attempt(task, bounds, watched)
        larger = grown(bounds, result.outcome, task.max_steps, task.cells is not None)
        # More room would not mend a run that has left the reference.
        if larger is None or result.disagreement is not None:
            break
        log.info("%s within %s: growing to %s", result.outcome, bounds, larger)
        bounds, watched = larger, max(watched, len(result.trace))
    return simulation(task, "decode", bounds, result, perf_counter() - began, timer)


def opening(task: Task) -> Bounds:
    """The bounds of the first attempt."""
    places = (*task.start.heads, *(len(word) for word in task.tapes))
    reach = max(map(abs, places))

    def bounds(loop: bool, keeps_rows: bool) -> Bounds:
        return first_bounds(task.max_steps, reach, task.cells, loop=loop, keeps_rows=keeps_rows)

    _, weights, _ = task.assembled(bounds(False, True))
    loop = weights.feedback == "loop"
    kinds = [m for block in engine.plan(weights, task.lowering, 1, 1) for m in block]
    return bounds(loop, not loop and any(isinstance(memory, Scan) for memory in kinds))


def attempt(task: Task, bounds: Bounds, watched: int) -> Result:
    """One run inside fixed bounds; the first `watched` steps have been shown before."""
    program, weights, prompt = task.assembled(bounds)
    given = rows(program, prompt.rows, np.float64)
    encoder = rows(program, prompt.encoder, np.float64)
    kept = len(given) if weights.feedback == "loop" else padded(len(given) + bounds.steps)
    memories = engine.plan(weights, task.lowering, kept, bounds.cells)
    limit = min(task.max_steps, bounds.steps)
    reference = Reference(task.machine, task.start) if task.check else None
    parts = [Trace.empty(task.machine)]
    outcome = margins = wrong = None
    done, began = 0, perf_counter()
    try:
        for block in interruptible(engine.decode(weights, memories, given, encoder, limit)):
            part = task.trace(block.records, weights, parts[-1])
            if reference is not None and wrong is None:
                wrong = task.first_difference(part, reference.take(len(part)), done)
            if len(part):
                parts.append(part)
            outcome, margins = block.outcome, block.margins
            done += len(part)
            _show(task, part, done, watched, perf_counter() - began)
    except KeyboardInterrupt:
        log.info("interrupted after %d steps", done)
        outcome = None
    trace = Trace.together(parts)
    if reference is not None and wrong is None:
        wrong = task.wrong_end(outcome, trace.last(task.start))
    certificate = None if margins is None else certified(weights, margins)
    return Result(outcome, trace, certificate, wrong)


def interruptible(blocks: Iterable[engine.Decoded]) -> Iterator[engine.Decoded]:
    """The blocks; an interrupt is raised once the block that it fell into has been handed on."""
    with Interrupts() as interrupts:
        for block in blocks:
            yield block
            interrupts.check()


def _show(task: Task, part: Trace, done: int, watched: int, seconds: float) -> None:
    """Hand the steps that were not shown before to the watcher."""
    fresh = part.part(max(len(part) - (done - watched), 0), len(part))
    if task.watch is not None and len(fresh):
        task.watch(Chunk(done - len(fresh) + 1, fresh, task.max_steps, seconds))


def certified(t: Transformer, margins: Margins) -> Certificate:
    """The margins by the heads' names (numbered where a name stands twice)."""
    names = unique([head.name for head in t.heads])
    logit = float(margins.logit)
    return Certificate.of(names, margins.gap.tolist(), margins.ties.tolist(), logit)


def unique(names: Sequence[str]) -> list[str]:
    """The names, each with its place behind it where it stands more than once."""
    return [n if names.count(n) == 1 else f"{n}#{i}" for i, n in enumerate(names)]


def simulation(
    task: Task, engine: str, bounds: Bounds, result: Result, seconds: float, timer: CompileTimer
) -> Simulation:
    """The finished run as the value that users get."""
    rule = task.rule or task.construction.claim.rules[0]
    return Simulation(
        machine=task.machine,
        source=task.source,
        construction=task.name,
        engine=engine,
        dtype=task.dtype,
        rule=str(rule),
        memory=task.memory,
        bounds=bounds,
        tapes=task.tapes,
        heads=task.start.heads,
        outcome=result.outcome,
        trace=result.trace,
        tokens=len(result.trace),
        certificate=result.certificate,
        matches_reference=result.disagreement is None if task.check else None,
        disagreement=result.disagreement,
        seconds=seconds,
        compile_seconds=min(timer.seconds, seconds),
    )
