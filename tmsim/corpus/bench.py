"""Runs cases under one construction: what they cost, in which batches, and how each run ends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import le

import numpy as np

from tmsim import catalogue
from tmsim.corpus.cases import Case
from tmsim.corpus.cost import Cost, cost, grouped
from tmsim.corpus.ready import Ready, ready
from tmsim.corpus.rows import End
from tmsim.engine.assemble import assemble, rows
from tmsim.engine.run import decode_batch, plan
from tmsim.engine.transformer import Transformer
from tmsim.modelled import runs_turing_machines
from tmsim.outcome import Outcome
from tmsim.proofs import Construction, Frame, Program
from tmsim.proofs.claim import padded

MOST = 10**10
"""Multiply-adds that one row may take, unless told otherwise: some seconds of one core."""

Prompt = tuple[np.ndarray, np.ndarray]


def simulator(name: str) -> Construction:
    """The construction of that name, which runs Turing machines, as they are or translated.

    Raises ValueError for an unknown construction, or one that runs none.
    """
    found = catalogue.find(name)
    if not runs_turing_machines(found):
        kind = found.model.__name__
        raise ValueError(f"construction {name!r} simulates a {kind}, not a TuringMachine")
    return found


class Bench:
    """A construction in its claim's first number format, with what was already worked out."""

    def __init__(self, name: str, most: int = MOST) -> None:
        self.most = most
        self.construction = simulator(name)
        self.dtype = self.construction.claim.dtypes[0]
        self._programs: dict[Frame, Program] = {}
        self._prices: dict[tuple[Frame, int], Cost] = {}

    def program(self, frame: Frame) -> Program:
        """The proof for that frame, written once."""
        if frame not in self._programs:
            self._programs[frame] = self.construction.program(frame)
        return self._programs[frame]

    def weights(self, run: Ready, frame: Frame) -> Transformer:
        leaves = self.construction.leaves(run.machine, frame)
        return assemble(self.program(frame), leaves, self.dtype)

    def price(self, run: Ready, frame: Frame) -> Cost:
        """What a pass in that frame costs; of its machines only the rows kept matter."""
        most = run.most if run.translation else self.construction.rows(frame)
        if (frame, most) not in self._prices:
            decoder, encoder = map(len, self._prompt(run, frame))
            weights, cells = self.weights(run, frame), frame.bounds.cells
            self._prices[frame, most] = cost(weights, decoder, encoder, most, cells)
        return self._prices[frame, most]

    def ready(self, case: Case) -> Ready | str:
        """The case ready to run, or why it is outside the construction's bounds."""
        claim = self.construction.claim
        if claim.most_tapes is not None and case.machine.tapes > claim.most_tapes:
            return f"{case.machine.tapes} tapes, the claim is for {claim.tapes}"
        run = ready(self.construction, case)
        if isinstance(run, str):
            return run
        each = self.price(run, run.frame).multiply_adds
        if run.rows * each > self.most:
            return f"{run.rows:,} rows × {each:.1e} multiply-adds > {self.most:.0e} for one row"
        if not claim.exact_to.get(self.dtype):
            return run
        prompt = len(self._prompt(run, run.frame)[0])
        return case.beyond(claim, self.dtype, prompt + run.rows) or run

    def run(self, runs: Sequence[Ready]) -> Iterator[tuple[Case, str]]:
        """Each case with the difference of its end from its row's; "" if there is none."""
        by_frame: dict[Frame, list[Ready]] = {}
        for each in runs:
            by_frame.setdefault(each.frame, []).append(each)
        lengths = {frame: [run.rows for run in held] for frame, held in by_frame.items()}
        if any(run.translation for run in runs):
            # Made for its own frame: a queue is as long as its cells.
            groups = iter([(frame, [frame]) for frame in lengths])
        else:
            groups = grouped(lengths, lambda frame: self.price(_inside(runs, frame), frame))
        for frame, taken in groups:
            together = [run for each in taken for run in by_frame[each]]
            yield from self._together(frame, sorted(together, key=lambda run: run.rows))

    def _together(self, frame: Frame, runs: list[Ready]) -> Iterator[tuple[Case, str]]:
        """Runs of one frame, in batches of one size, so that one compilation serves them all."""
        prompts = [self._prompt(run, frame) for run in runs]
        size = min(self.price(runs[-1], frame).batch, len(runs))
        most = runs[-1].most if runs[-1].translation else self.construction.rows(frame)
        kept = padded(max(len(rows) for rows, _ in prompts) + most)
        for first in range(0, len(runs), size):
            batch = runs[first : first + size]
            given = prompts[first : first + size]
            weights = [self.weights(run, frame) for run in batch]
            spare = size - len(batch)  # filled with runs that may take no step
            ended = decode_batch(
                weights + weights[:1] * spare,
                plan(weights[0], "auto", kept, frame.bounds.cells),
                given + given[:1] * spare,
                [run.most for run in batch] + [0] * spare,
            )
            names = [span.name for span in weights[0].emits]
            for run, (records, outcome) in zip(batch, ended, strict=False):
                emitted = dict(zip(names, records.T, strict=True))
                yield run.case, _difference(self.construction, run, emitted, outcome)

    def _prompt(self, run: Ready, frame: Frame) -> Prompt:
        prompt = self.construction.prompt(run.machine, run.given, run.heads, frame)
        program = self.program(frame)
        decoder, encoder = (rows(program, part, np.float64) for part in prompt)
        return decoder, encoder


def _inside(runs: Sequence[Ready], frame: Frame) -> Ready:
    """One of the runs that the frame has room for."""

    def size(of: Frame) -> tuple[int, ...]:
        return of.states, of.symbols, of.bounds.steps, of.bounds.cells

    for run in runs:
        if run.frame.tapes == frame.tapes and all(map(le, size(run.frame), size(frame))):
            return run
    raise ValueError(f"no run fits {frame}")


def _difference(construction: Construction, run: Ready, emitted: dict, outcome: Outcome) -> str:
    """How the run of these records ends otherwise than its row says; "" if it does not."""
    read = run.read(construction, emitted, outcome)
    if isinstance(read, str):
        return read
    case, (trace, outcome) = run.case, read
    end = End.of(outcome, len(trace), trace.last(case.start), case.row.input_head)
    return case.row.end.differences(end)
