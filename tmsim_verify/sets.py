"""Sets of rationals that a certificate speaks of: an interval and a lattice."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fractions import Fraction as Q
from math import gcd, lcm
from typing import Any, NamedTuple


def rational(x: Any) -> Q:
    """A whole number, or a fraction as the text "p/q"; ValueError for anything else."""
    if type(x) is int or (type(x) is str and re.fullmatch(r"-?[0-9]{1,400}/[0-9]{1,400}", x)):
        return Q(x)
    raise ValueError(f"{str(x)[:40]!r} is no rational number")


def common(*numbers: Q | None) -> Q | None:
    """The greatest common divisor of rationals; 0 of none; None if one is unknown."""
    known = [x for x in numbers if x is not None]
    if len(known) < len(numbers):
        return None
    down = lcm(*(x.denominator for x in known))
    return Q(gcd(*(int(x * down) for x in known)), down)


def times(a: Q | None, b: Q | None) -> Q | None:
    """a·b, where None is any number."""
    return Q(0) if 0 in (a, b) else None if a is None or b is None else a * b


class Set(NamedTuple):
    """Numbers x with low ≤ x ≤ high and x - anchor a multiple of step (None: any number)."""

    low: Q
    high: Q
    anchor: Q
    step: Q | None

    @property
    def most(self) -> Q:
        return max(-self.low, self.high)

    @property
    def unit(self) -> Q | None:
        return common(self.anchor, self.step)


def span(low: Any, high: Any, step: Any = 1) -> Set:
    return Set(Q(low), Q(high), Q(low), None if step is None else Q(step))


ZERO, ONE, DIGIT = span(0, 0, 0), span(1, 1, 0), span(0, 1)


def add(a: Set, b: Set) -> Set:
    return Set(a.low + b.low, a.high + b.high, a.anchor + b.anchor, common(a.step, b.step))


def mul(a: Set, b: Set) -> Set:
    ends = [x * y for x in a[:2] for y in b[:2]]
    steps = times(a.anchor, b.step), times(b.anchor, a.step), times(a.step, b.step)
    return Set(min(ends), max(ends), a.anchor * b.anchor, common(*steps))


def either(a: Set, b: Set) -> Set:
    step = common(a.step, b.step, a.anchor - b.anchor)
    return Set(min(a.low, b.low), max(a.high, b.high), a.anchor, step)


def clamp(a: Set, most: Q | None = None) -> Set:
    """max(x, 0), then min(x, most)."""
    cut = [Q(0)] * (a.low < 0)
    low, high = max(a.low, Q(0)), max(a.high, Q(0))
    if most is not None and high > most:
        cut, low, high = [*cut, most], min(low, most), most
    return Set(low, high, a.anchor, common(a.step, *(x - a.anchor for x in cut)))


def plain(x: Q | None) -> int | str | None:
    return x if x is None else int(x) if x.denominator == 1 else str(x)


def hull(sets: Iterable[Set]) -> list[int | str | None]:
    """The ends of the interval that holds all of them."""
    every = list(sets) or [ZERO]
    return [plain(min(s.low for s in every)), plain(max(s.high for s in every))]
