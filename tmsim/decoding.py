"""Decoding: every row follows from the transformer's own rows, checked against the reference.

Nothing here grows with the length of the run: blocks are compared, hashed and dropped.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from time import perf_counter

from tmsim.bounds import first_bounds, grown
from tmsim.certificate import Certificate
from tmsim.compiling import CompileTimer
from tmsim.drafting import drafted
from tmsim.excerpt import Excerpt
from tmsim.generating import certified, generated, keeps_rows
from tmsim.outcome import Outcome
from tmsim.proofs import Bounds
from tmsim.recorder import Recorder
from tmsim.reference import Reference
from tmsim.resuming import Checkpoints, Progress
from tmsim.simulation import Simulation
from tmsim.task import Chunk, Task
from tmsim.trace import Trace

log = logging.getLogger("tmsim")


@dataclass(frozen=True)
class Result:
    """What one attempt came to; `outcome` is None if it was interrupted.

    `tokens` counts the rows that were generated, `context` the rows of the largest context.
    """

    outcome: Outcome | None
    trace: Trace | Excerpt
    tokens: int
    context: int
    certificate: Certificate | None
    disagreement: str | None


def decoded(task: Task, timer: CompileTimer) -> Simulation:
    """Decode in ever larger bounds until the run ends inside them.

    Raises ValueError where the task's folder holds a checkpoint that is damaged or of another run.
    """
    began = perf_counter()
    checkpoints = None if task.checkpoint is None else Checkpoints(task, timer)
    found = None if checkpoints is None else checkpoints.load()
    if isinstance(found, Simulation):
        return found
    progress = found or Progress(opening(task), Recorder(task.machine, task.start, task.keep))
    watcher = _Watcher(task, progress)
    while True:
        bounds = progress.bounds
        result = attempt(task, progress, watcher, checkpoints)
        larger = grown(bounds, result.outcome, task.max_steps, task.cells is not None)
        # More room would not mend a run that has left the reference.
        if larger is None or result.disagreement is not None:
            break
        log.info("%s within %s: growing to %s", result.outcome, bounds, larger)
        progress = Progress(larger, Recorder(task.machine, task.start, task.keep))
    engine = "verify" if task.drafted else "decode"
    run = simulation(task, engine, bounds, result, perf_counter() - began, timer)
    if checkpoints is not None:
        run = checkpoints.with_earlier(run)
        if run.outcome is not None:
            checkpoints.finish(run)
    return run


def opening(task: Task) -> Bounds:
    """The bounds of the first attempt."""

    def bounds(loop: bool, keeps_rows: bool) -> Bounds:
        steps, reach = task.max_steps, task.reach
        return first_bounds(steps, reach, task.cells, loop=loop, keeps_rows=keeps_rows)

    weights = task.within(bounds(False, True)).weights
    return bounds(weights.feedback == "loop", keeps_rows(task, weights))


def attempt(
    task: Task, now: Progress, watcher: _Watcher, checkpoints: Checkpoints | None
) -> Result:
    """One run inside fixed bounds, from what it has come to already."""
    made, recorder = task.within(now.bounds), now.recorder
    limit = min(task.max_steps, now.bounds.steps)
    checked = task.check and now.wrong is None
    reference = Reference(task.machine, recorder.configuration) if checked else None
    now.context = max(now.context, len(made.prompt.rows))
    outcome, margins, began = None, None, perf_counter()
    due = None if checkpoints is None else checkpoints.due
    if task.drafted:
        blocks = drafted(task, made, limit)
    else:
        blocks = generated(task, made, limit, resumed=now.state, wanted=due)
    try:
        for block in blocks:
            part, done = task.trace(block.records, made.weights, recorder.latest), len(recorder)
            outcome, margins = block.outcome, block.margins
            now.tokens, now.context = now.tokens + len(block.records), block.longest
            if done + len(part) > limit:
                part, outcome = part.part(0, limit - done), Outcome.out_of_steps
            if reference is not None and now.wrong is None:
                now.wrong = task.first_difference(part, reference.take(len(part)), done)
            recorder.add(part)
            watcher.show(part, len(recorder), now.tokens, perf_counter() - began)
            if outcome is not None:
                break
            if checkpoints is not None and block.state is not None:
                now.state = block.state
                checkpoints.save(now)
    except KeyboardInterrupt:
        log.info("interrupted after %d steps", len(recorder))
        outcome = None
    if task.check and now.wrong is None:
        now.wrong = task.wrong_end(outcome, recorder.configuration)
    certificate = None if margins is None else certified(made.weights, margins)
    return Result(outcome, recorder.trace, now.tokens, now.context, certificate, now.wrong)


class _Watcher:
    """Hands each step to the task's watcher once, however often the run starts anew."""

    def __init__(self, task: Task, progress: Progress) -> None:
        self.task, self.watched = task, len(progress.recorder)
        self.before = progress.recorder.configuration if self.watched else None

    def show(self, part: Trace, done: int, tokens: int, seconds: float) -> None:
        """The run has come to step `done`, and `part` are its last steps."""
        fresh = part.part(max(len(part) - (done - self.watched), 0), len(part))
        if self.task.watch is not None and len(fresh):
            first = done - len(fresh) + 1
            chunk = Chunk(first, fresh, self.task.max_steps, seconds, tokens, self.before)
            self.before = None
            self.task.watch(chunk)
        self.watched = max(self.watched, done)


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
        tokens=result.tokens,
        context=result.context,
        certificate=result.certificate,
        matches_reference=result.disagreement is None if task.check else None,
        disagreement=result.disagreement,
        seconds=seconds,
        compile_seconds=min(timer.seconds, seconds),
    )
