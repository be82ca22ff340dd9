"""A run on the screen while it is made: the picture's lines, and the bar."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tmsim.cli.view.picture import Line, Picture
from tmsim.cli.view.screen import Bar, columns
from tmsim.machines import Configuration, TuringMachine
from tmsim.task import Chunk

if TYPE_CHECKING:
    from tmsim.simulation import Simulation


class Show(Bar):
    """Inside ``with``: hand :meth:`chunk` to the simulation, then the run to :meth:`end`.

    `every` shows every step; without `drawn` there is only the bar.
    """

    def __init__(
        self, machine: TuringMachine, start: Configuration, *, drawn: bool, every: bool
    ) -> None:
        super().__init__("steps")
        self.machine, self.start, self.drawn, self.every = machine, start, drawn, every
        self._picture: Picture | None = None
        self._seen = 0

    def chunk(self, chunk: Chunk) -> None:
        """Draw the steps that were just made."""
        self._seen = chunk.first - 1 + len(chunk.trace)
        self.update(self._seen, chunk.limit, "running")
        if self.drawn:
            self._print(*self._pictured(chunk.limit).more(chunk.trace))

    def end(self, run: Simulation) -> None:
        """Draw what no chunk has shown, and the last configuration."""
        if self.drawn:
            picture = self._pictured(max(run.steps, 1))
            self._print(*picture.more(run.trace.part(self._seen, run.steps)), *picture.end("end"))

    def _pictured(self, limit: int) -> Picture:
        if self._picture is None:
            self._picture = Picture(self.machine, self.start, limit, columns(), self.every)
            self._print(self._picture.header())
        return self._picture

    def _print(self, *lines: Line) -> None:
        for line in lines:
            self.line(line)
        sys.stdout.flush()
