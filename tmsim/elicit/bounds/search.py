"""Searches on whole numbers for where a monotone statement changes."""

from __future__ import annotations

from collections.abc import Callable

MOST = 1 << 40  # examples: no search goes farther


def largest(
    holds: Callable[[int], bool], first: int = 0, tolerance: float = 0.0, most: int = MOST
) -> int:
    """The largest n ≥ first at which `holds`, which is true up to there and false beyond it.

    first − 1 where it holds nowhere. Doubles, then bisects; with a tolerance, stops at an n that
    holds and is less by at most this share. Raises ValueError where it still holds beyond `most`.

    >>> largest(lambda n: n * n < 1000)
    31
    """
    low, step = first - 1, 1
    while holds(low + step):
        low, step = low + step, 2 * step
        if low > most:
            raise ValueError(
                f"needs more than {most:,} examples; expected a larger epsilon or delta"
            )
    high = low + step
    while high - low > 1 and high - low > tolerance * low:
        middle = (low + high) // 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low
