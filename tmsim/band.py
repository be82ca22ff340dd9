"""One tape of a run as it goes on: an array of cells that grows."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np


class Band:
    """A tape as an array that grows: symbols by their index, and how far it was reached.

    `cells` holds cell `left` and those after it; `low` and `high` are the outermost cells that a
    word or the head has reached.

    >>> band = Band({0: 1, 1: 1}, head=0, blank=0)
    >>> band.write(np.array([2, 3, 2]), np.array([5, 6, 7]))
    >>> [band[cell] for cell in range(-1, 5)]
    [None, 1, 1, 7, 6, None]
    """

    def __init__(self, marked: Mapping[int, int], head: int, blank: int) -> None:
        self.low = self.high = self.left = head
        self.blank, self.cells = blank, np.full(1, blank, np.int32)
        self.write(np.array([*marked], int), np.array([*marked.values()], int))

    @classmethod
    def holding(cls, cells: np.ndarray, left: int, low: int, high: int, blank: int) -> Band:
        """The band with these cells, from cell `left` on, reached from `low` to `high`."""
        band = cls({}, low, blank)
        band.cells, band.left, band.low, band.high = np.array(cells), left, low, high
        return band

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

    def marked(self) -> dict[int, int]:
        """The cells that are not blank, each with its symbol's index.

        >>> Band({2: 1, 3: 0}, head=0, blank=0).marked()
        {2: 1}
        """
        at = np.flatnonzero(self.cells != self.blank)
        return dict(zip((at + self.left).tolist(), self.cells[at].tolist(), strict=True))

    def marked_outside(self, low: int, high: int) -> tuple[bool, bool]:
        """Is any cell not blank to the left of `low`, and any to the right of `high`?"""
        marked = self.cells != self.blank
        left, right = max(low - self.left, 0), max(high + 1 - self.left, 0)
        return bool(marked[:left].any()), bool(marked[right:].any())

    def __getitem__(self, cell: int) -> int | None:
        """The symbol there; None where neither a word nor a head was yet."""
        return int(self.cells[cell - self.left]) if self.low <= cell <= self.high else None
