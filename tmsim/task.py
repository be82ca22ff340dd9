"""A run to make, with every choice settled, and the run as it goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from os import PathLike
from typing import NamedTuple

import numpy as np

from tmsim.choices import Assembled, Choices
from tmsim.engine.transformer import Transformer
from tmsim.generating import named
from tmsim.machines import Configuration, TuringMachine
from tmsim.outcome import Outcome
from tmsim.proofs import Bounds, Columns
from tmsim.recorder import KEEP
from tmsim.trace import Trace


class Chunk(NamedTuple):
    """Rows of a run that goes on: steps `first`, `first` + 1, … of at most `limit`.

    `seconds` have passed since its attempt began, `tokens` is how many rows were generated until
    now. The first chunk of a run that goes on from a checkpoint tells the configuration `before`.
    """

    first: int
    trace: Trace
    limit: int
    seconds: float
    tokens: int = 0
    before: Configuration | None = None


@dataclass(frozen=True, kw_only=True)
class Task(Choices):
    """A Turing machine's run to make, with every choice settled.

    `keep` is how many first steps of a long run are kept, `checkpoint` the folder that it is saved
    in every so many tokens, `every`; `drafted`: the reference machine drafts the run.
    """

    machine: TuringMachine
    source: str | None
    start: Configuration
    tapes: tuple[tuple, ...]
    activations: tuple[str, ...] = ()
    keep: int = KEEP
    checkpoint: str | PathLike[str] | None = None
    every: int | None = None
    drafted: bool = False
    watch: Callable[[Chunk], None] | None = field(default=None, compare=False)

    @property
    def reach(self) -> int:
        """The farthest |position| that the start configuration uses."""
        return max(map(abs, (*self.start.heads, *(len(word) for word in self.tapes))))

    def within(self, bounds: Bounds) -> Assembled:
        """The construction for this machine in these bounds."""
        return self.assembled(self.machine, self.tapes, self.start.heads, bounds)

    def trace(self, records: np.ndarray, transformer: Transformer, before: Trace) -> Trace:
        """The steps that newly emitted records stand for, after the steps `before`."""
        columns: Columns = self.construction.decode(named(records, transformer), self.machine)
        state, heads = self.machine.states.index(self.start.state), self.start.heads
        if len(before):
            state = int(before.next_state[-1])
            heads = tuple((before.head[:, -1] + before.move[:, -1]).tolist())
        return Trace.of(self.machine, columns, state, heads)

    def first_difference(self, part: Trace, expected: Trace, done: int) -> str | None:
        """One sentence on where the run leaves the reference; None where the prefix agrees.

        `part` and `expected` are the steps after the first `done`.
        """
        at = part.differs(expected)
        if at is not None:
            return f"step {done + at + 1} is {_told(part, at)}, expected {_told(expected, at)}"
        if len(expected) < len(part):
            return f"the reference ends after {done + len(expected)} steps, the run goes on"
        return None

    def wrong_end(self, outcome: Outcome | None, last: Configuration) -> str | None:
        """One sentence if the run, right so far, ends otherwise than the machine."""
        real = self.machine.end(last)
        claimed = outcome if outcome in (Outcome.halted, Outcome.no_transition) else None
        if claimed is not None and claimed != real:
            return f"the run ends with {claimed}, the reference {real or 'goes on'}"
        if outcome is Outcome.out_of_steps and real is not None:
            return f"the run goes on, the reference ends with {real}"
        return None


def _told(trace: Trace, at: int) -> str:
    [step] = trace.rows(at, at + 1)
    move = "".join(m.name for m in step.moves)
    read, write = (",".join(map(str, s)) for s in (step.read, step.write))
    return f"({step.state}, {read}) → ({step.next_state}, {write}, {move})"
