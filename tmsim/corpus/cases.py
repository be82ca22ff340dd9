"""A row made ready to run: its machine, and what the reference says about the room it needs."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from tmsim.bounds import below
from tmsim.corpus.rows import Row
from tmsim.machines import Configuration, TuringMachine, formats, initial, steps_from
from tmsim.proofs import Bounds, Claim


@dataclass(frozen=True)
class Apart:
    """A row that was not run: the `kind` of reason, and the reason with its numbers."""

    row: Row
    kind: str
    reason: str


@dataclass(frozen=True)
class Case:
    """A row, its machine and start, and the steps and the farthest |position| of its run."""

    row: Row
    machine: TuringMachine
    start: Configuration
    steps: int
    reach: int

    @classmethod
    def of(cls, row: Row, max_steps: int) -> Case | Apart:
        """The row made ready, or why it is not run: its format, or more than `max_steps` steps.

        Raises ValueError naming the row's place if its text or its input has a mistake.
        """
        if row.format not in formats.names():
            return Apart(row, "no parser", f"no parser for {row.format}")
        try:
            document = formats.parse(row.text, row.format)
            document = document.with_input([row.word], row.input_head)
            machine = document.machine
            if len(row.end.tapes) != machine.tapes:
                raise ValueError(f"tapes: {len(row.end.tapes)}; the machine has {machine.tapes}")
            start = initial(machine, document.tapes, document.heads)
        except ValueError as error:
            raise ValueError(f"{row.place} ({row.name}), {error}") from None
        if row.end.steps > max_steps:
            return Apart(row, "outside bounds", f"{row.end.steps:,} steps > limit {max_steps:,}")
        reach, steps = max(row.input_head, len(row.word)), 0
        for step in islice(steps_from(machine, start), min(row.max_steps, max_steps + 1)):
            steps += 1
            reach = max(reach, *(abs(h + m) for h, m in zip(step.heads, step.moves, strict=True)))
        if steps > max_steps:
            reason = f"more steps than the row's {row.end.steps:,} and the limit {max_steps:,}"
            return Apart(row, "outside bounds", reason)
        return cls(row, machine, start, steps, reach)

    @property
    def bounds(self) -> Bounds:
        """Bounds that hold the run, from a coarse grid, so that few frames are compiled."""
        return Bounds(coarse(self.steps), below(max(self.reach, 14)))

    def beyond(self, claim: Claim, dtype: str, rows: int) -> str | None:
        """Where a run of so many rows leaves what the claim guarantees in that dtype, if so."""
        limits = claim.exact_to.get(dtype, {})
        for name, needed in (("position", self.reach), ("rows", rows)):
            if needed > limits.get(name, needed):
                return f"{name} {needed:,} > {limits[name]:,}, to which {dtype} is exact"
        return None


def coarse(steps: int) -> int:
    """At least `steps`, from a coarse grid: 62, 254, 1,022, …"""
    room = 64
    while room - 2 < steps:
        room *= 4
    return room - 2
