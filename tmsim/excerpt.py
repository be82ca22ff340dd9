"""The first and the last steps of a run that is too long to keep whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np

from tmsim.band import Band
from tmsim.machines import Configuration, Step, TuringMachine
from tmsim.trace import COLUMNS, Trace, name_of


@dataclass(frozen=True)
class Excerpt:
    """What is kept of a run of `steps` steps: those of `first`, those of `tail`, and what follows
    from all of them.

    `first` are steps 1, 2, …, and `tail` the last ones; between them steps may be missing.
    `bands` are the tapes at the end, `crc` the hash of all steps (None where the machine has none),
    `marks` the hash after 1,000, 10,000, … of them. In place of a :class:`tmsim.trace.Trace` it
    answers what it can, and raises a ValueError of one line where other steps are asked for.

    >>> import tmsim
    >>> trace = tmsim.simulate("sweeper", max_steps=2000, keep=10).trace
    >>> trace, len(trace), len(trace.rows(0, 10))
    (<Excerpt of 2,000 steps: the first 10 and the last 1,024>, 2000, 10)
    >>> trace.rows(0, 50)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    ValueError: trace: steps 1 to 50 of 2,000 are not all kept, only the first 10 and ...
    """

    machine: TuringMachine
    steps: int
    first: Trace
    tail: Trace
    bands: tuple[Band, ...]
    crc: str | None
    marks: Mapping[int, str]

    def __len__(self) -> int:
        return self.steps

    @property
    def kept(self) -> str:
        """Which steps are kept, in words."""
        told = []
        if len(self.first):
            told.append(f"the first {len(self.first):,}")
        if len(self.tail):
            told.append(f"the last {len(self.tail):,}")
        return " and ".join(told) or "none"

    def __repr__(self) -> str:
        return f"<Excerpt of {self.steps:,} steps: {self.kept}>"

    def part(self, start: int, stop: int) -> Trace:
        """Steps start … stop - 1, counted from 0. Raises ValueError where they are not kept."""
        start, stop, _ = slice(start, stop).indices(self.steps)
        edge = self.steps - len(self.tail)
        if stop <= max(start, len(self.first)):
            return self.first.part(start, max(start, stop))
        if start >= edge:
            return self.tail.part(start - edge, stop - edge)
        if edge == len(self.first):
            return Trace.together([self.first, self.tail]).part(start, stop)
        self._refuse(start, stop)

    def rows(self, start: int = 0, stop: int | None = None) -> list[Step]:
        """As :meth:`Trace.rows`. Raises ValueError where the steps are not kept."""
        return self.part(start, self.steps if stop is None else stop).rows()

    def columns(self) -> tuple[np.ndarray, ...]:
        """As :meth:`Trace.columns`. Raises ValueError unless every step is kept."""
        return self.part(0, self.steps).columns()

    def to_numpy(self) -> dict[str, np.ndarray]:
        """As :meth:`Trace.to_numpy`. Raises ValueError unless every step is kept."""
        return self.part(0, self.steps).to_numpy()

    def to_dict(self) -> dict[str, list]:
        """As :meth:`Trace.to_dict`. Raises ValueError unless every step is kept."""
        return self.part(0, self.steps).to_dict()

    def differs(self, other: Trace) -> int | None:
        """As :meth:`Trace.differs`. Raises ValueError where `other` is longer than what is kept."""
        return self.part(0, min(self.steps, len(other))).differs(other)

    def hash(self) -> str | None:
        """Of all steps, those included that are not kept: see :meth:`Trace.hash`."""
        return self.crc

    def last(self, initial: Configuration) -> Configuration:
        """The configuration after all steps, which began in `initial`."""
        latest = self.tail if len(self.tail) else self.first
        if not len(latest):
            return initial
        state = name_of(self.machine.states, int(latest.next_state[-1]))
        heads = (latest.head[:, -1] + latest.move[:, -1]).tolist()
        return self._configuration(state, heads, [band.marked() for band in self.bands])

    def before_tail(self) -> Configuration:
        """The configuration before the first step of the tail, which has at least one step.

        The tail's writes are taken back: what a step read is what was there before it.
        """
        t = self.tail
        cells = [band.marked() for band in self.bands]
        for tape, head, read in zip(cells, t.head, t.read, strict=True):
            tape.update(zip(head[::-1].tolist(), read[::-1].tolist(), strict=True))
        state = name_of(self.machine.states, int(t.state[0]))
        return self._configuration(state, t.head[:, 0].tolist(), cells)

    def _configuration(
        self, state: Any, heads: list[int], cells: list[dict[int, int]]
    ) -> Configuration:
        symbols = self.machine.symbols
        tapes = tuple({c: name_of(symbols, a) for c, a in tape.items()} for tape in cells)
        return Configuration(state, tapes, tuple(heads), self.machine.blank)

    def _refuse(self, start: int, stop: int) -> NoReturn:
        raise ValueError(
            f"trace: steps {start + 1:,} to {stop:,} of {self.steps:,} are not all kept, only"
            f" {self.kept}; expected steps among these, or a run with a larger keep"
        )

    def stored(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """The excerpt as a JSON object and arrays, which :meth:`restored` reads."""
        arrays = {
            f"{part}/{name}": column
            for part, trace in (("first", self.first), ("tail", self.tail))
            for name, column in zip(COLUMNS, trace.columns(), strict=True)
        }
        arrays |= {f"tape/{t}": band.cells for t, band in enumerate(self.bands)}
        marks = {str(step): crc for step, crc in self.marks.items()}
        places = [[band.left, band.low, band.high] for band in self.bands]
        return {"steps": self.steps, "crc": self.crc, "marks": marks, "tapes": places}, arrays

    @classmethod
    def restored(
        cls, machine: TuringMachine, about: Mapping[str, Any], arrays: Mapping[str, np.ndarray]
    ) -> Excerpt:
        """What :meth:`stored` wrote, of this machine. Raises KeyError where a part is missing."""
        first, tail = (
            Trace(machine, *(arrays[f"{part}/{name}"] for name in COLUMNS))
            for part in ("first", "tail")
        )
        blank, bands = machine.symbols.index(machine.blank), []
        for t, (left, low, high) in enumerate(about["tapes"]):
            bands.append(Band.holding(arrays[f"tape/{t}"], left, low, high, blank))
        marks = {int(step): crc for step, crc in about["marks"].items()}
        return cls(machine, about["steps"], first, tail, tuple(bands), about["crc"], marks)
