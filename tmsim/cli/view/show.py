"""A run on the screen while it is made: the picture's lines, and the bar."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tmsim.cli.view.picture import Line, Picture
from tmsim.cli.view.screen import Bar, columns
from tmsim.excerpt import Excerpt
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
        self._tokens, self._seconds = 0, 0.0

    def chunk(self, chunk: Chunk) -> None:
        """Draw the steps that were just made."""
        self._seen = chunk.first - 1 + len(chunk.trace)
        self.update(self._seen, chunk.limit, "running", self._speed(chunk))
        if self.drawn:
            if chunk.before is not None:
                self._from(chunk.before, chunk.first - 1, chunk.limit)
            picture = self._pictured(chunk.limit)
            self._print(*picture.more(chunk.trace))
            self.under(picture.now())

    def end(self, run: Simulation) -> None:
        """Draw what no chunk has shown, and the last configuration."""
        if not self.drawn:
            return
        trace, limit = run.trace, max(run.steps, 1)
        if isinstance(trace, Excerpt) and self._seen < run.steps:
            # A finished run that was kept: its beginning, and its end.
            self._print(*self._pictured(limit).more(trace.part(0, len(trace.first))))
            self._seen = run.steps - len(trace.tail)
            self._from(trace.before_tail(), self._seen, limit)
        picture = self._pictured(limit)
        self._print(*picture.more(trace.part(self._seen, run.steps)), *picture.end("end"))

    def _speed(self, chunk: Chunk) -> str:
        """Of what this process has generated, without the first chunk, which waited for XLA."""
        if not self._tokens:
            self._tokens, self._seconds = chunk.tokens, chunk.seconds
        spent = chunk.seconds - self._seconds
        made = chunk.tokens - self._tokens
        return f"{made / spent:,.0f} tokens/s" if made > 0 and spent > 0 else ""

    def _pictured(self, limit: int) -> Picture:
        if self._picture is None:
            self._picture = Picture(self.machine, self.start, limit, columns(), self.every)
            self._print(self._picture.header())
        return self._picture

    def _from(self, configuration: Configuration, done: int, limit: int) -> None:
        """Go on with the picture in this configuration, which follows step `done`."""
        begun = self._picture is not None
        self._picture = Picture(
            self.machine, configuration, limit, columns(), self.every, done=done
        )
        if not begun:
            self._print(self._picture.header())

    def _print(self, *lines: Line) -> None:
        for line in lines:
            self.line(line)
        sys.stdout.flush()
