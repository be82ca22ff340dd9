"""Where lines go, and the bar that shows that a long run is alive."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence
from threading import Timer
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from rich.progress import Progress

PATIENCE = 2.0  # seconds without a bar


def columns() -> int:
    """The width of the terminal; 80, or what COLUMNS says, where there is none."""
    return shutil.get_terminal_size().columns


class Bar:
    """Inside ``with``: after two seconds a progress bar on standard error, if that is a terminal.

    Lines that are printed meanwhile must go through :meth:`line`, which keeps them above the bar.

    >>> with Bar("steps") as bar:
    ...     bar.line([("one", "bold"), (" two ", "")])
    one two
    """

    def __init__(self, unit: str) -> None:
        self.unit, self.shown = unit, False
        self._progress: Any = None
        self._task: Any = None
        self._timer = Timer(PATIENCE, self._show)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            self._progress = _progress(self.unit)
            self._task = self._progress.add_task("compiling", total=None, speed="")
            self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        if self._progress is not None and self.shown:
            self._progress.stop()
        self.shown = False

    def _show(self) -> None:
        assert self._progress is not None
        self.shown = True
        self._progress.start()

    def update(self, done: int, total: int | None, label: str, speed: str = "") -> None:
        """So much is done, of at most `total`, at such a speed."""
        if self._progress is not None:
            self._progress.update(
                self._task, completed=done, total=total, description=label, speed=speed
            )

    def under(self, lines: Sequence[Sequence[tuple[str, str]]]) -> None:
        """Show these lines under the bar until others follow; they vanish with it."""
        if self._progress is not None:
            from rich.text import Text

            self._progress.under = Text("\n").join(Text.assemble(*pieces) for pieces in lines)

    def line(self, pieces: Sequence[tuple[str, str]]) -> None:
        """Print one line to standard output, with styles where it is a terminal."""
        if not sys.stdout.isatty():
            print("".join(text for text, _ in pieces).rstrip())
            return
        from rich.console import Console
        from rich.text import Text

        console = self._progress.console if self._progress and self.shown else Console()
        console.print(Text.assemble(*pieces), soft_wrap=True, highlight=False)


def _progress(unit: str) -> Progress:
    from rich.console import Console, RenderableType
    from rich.progress import (
        BarColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class BarAndLines(Progress):
        """A bar, and under it what :meth:`Bar.under` was given."""

        under = Text()

        def get_renderables(self) -> Iterator[RenderableType]:
            yield from super().get_renderables()
            yield self.under

    count = TextColumn("{task.completed:,.0f} " + unit)
    name, speed = TextColumn("{task.description}"), TextColumn("{task.fields[speed]}")
    left = TimeRemainingColumn(compact=True)
    parts = (name, BarColumn(20), count, speed, TimeElapsedColumn(), TextColumn("left"), left)
    return BarAndLines(*parts, console=Console(stderr=True), transient=True)
