"""The part of a tape that a picture looks at."""

from __future__ import annotations


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
