"""One tape of a picture: its cells as they are now, and the part of it that is looked at."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np


class Band:
    """A tape as an array that grows: symbols by their index, and how far it was reached.

    >>> band = Band({0: 1, 1: 1}, head=0, blank=0)
    >>> band.write(np.array([2, 3, 2]), np.array([5, 6, 7]))
    >>> [band[cell] for cell in range(-1, 5)]
    [None, 1, 1, 7, 6, None]
    """

    def __init__(self, marked: Mapping[int, int], head: int, blank: int) -> None:
        self.low = self.high = self.left = head
        self.blank, self.cells = blank, np.full(1, blank, np.int32)
        self.write(np.array([*marked], int), np.array([*marked.values()], int))

    def write(self, cells: np.ndarray, symbols: np.ndarray) -> None:
        """Write in turn; where a cell is written twice the last write stays."""
        if len(cells):
            self.reach(int(cells.min()), int(cells.max()))
            self.cells[cells - self.left] = symbols

    def reach(self, low: int, high: int) -> None:
        """Take these cells in; an array that must grow at least doubles."""
        self.low, self.high = min(self.low, low), max(self.high, high)
        spare = self.high - self.low + 1
        before = spare if self.low < self.left else 0
        after = spare if self.high >= self.left + len(self.cells) else 0
        if before or after:
            self.cells = np.pad(self.cells, (before, after), constant_values=self.blank)
            self.left -= before

    def marked_outside(self, low: int, high: int) -> tuple[bool, bool]:
        """Is any cell not blank to the left of `low`, and any to the right of `high`?"""
        marked = self.cells != self.blank
        left, right = max(low - self.left, 0), max(high + 1 - self.left, 0)
        return bool(marked[:left].any()), bool(marked[right:].any())

    def __getitem__(self, cell: int) -> int | None:
        """The symbol there; None where neither a word nor a head was yet."""
        return int(self.cells[cell - self.left]) if self.low <= cell <= self.high else None


class Window:
    """The cells `low`, …, `low` + `width` - 1, which follow the head when it leaves them.

    >>> window = Window(low=-2, width=8)
    >>> window.follow(5), window.follow(6)
    (-2, 2)
    """

    def __init__(self, low: int, width: int) -> None:
        self.low, self.width = low, width

    @classmethod
    def around(cls, low: int, high: int, most: int, growing: bool) -> Window:
        """Just these cells if they fit in `most`; all `most`, the cells amid them, if `growing`."""
        needed = high - low + 1
        width = most if growing else min(needed, most)
        return cls(low - (width - needed) // 2 if needed <= width else low, width)

    def follow(self, head: int) -> int:
        """The first cell, after the window was centred on a head outside it."""
        if not self.low <= head < self.low + self.width:
            self.low = head - self.width // 2
        return self.low
