"""Where a machine's states, arrows and labels stand in its diagram."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import permutations
from math import hypot
from typing import NamedTuple

Point = tuple[float, float]
MOST_ORDERED = 8
"""Of so many states every order around the circle is tried."""
ALONG = tuple(0.5 + side * step / 20 for step in range(7) for side in (1, -1))
"""Where on its arrow a label may stand, the middle first."""


class Box(NamedTuple):
    """A rectangle by its middle and its half width and height."""

    x: float
    y: float
    w: float
    h: float

    def overlap(self, other: Box) -> float:
        """The area that two boxes share.

        >>> Box(0, 0, 1, 1).overlap(Box(1, 1, 1, 1))
        1
        """
        wide = min(self.x + self.w, other.x + other.w) - max(self.x - self.w, other.x - other.w)
        high = min(self.y + self.h, other.y + other.h) - max(self.y - self.h, other.y - other.h)
        return max(wide, 0) * max(high, 0)

    def holds(self, point: Point) -> bool:
        return abs(point[0] - self.x) < self.w and abs(point[1] - self.y) < self.h


class Arc(NamedTuple):
    """A parabola from one point to another; its control point is `bend` lengths off the middle, to
    the right of the way (what matplotlib calls arc3)."""

    start: Point
    end: Point
    bend: float

    def at(self, t: float) -> Point:
        """The point at the parameter t in [0, 1].

        >>> Arc((0, 0), (0, 2), bend=0.5).at(0.5)
        (0.5, 1.0)
        """
        (a, b), (c, d), (x, y) = self.start, self.end, self.control
        u, v, w = (1 - t) ** 2, 2 * t * (1 - t), t**2
        return u * a + v * x + w * c, u * b + v * y + w * d

    @property
    def control(self) -> Point:
        (a, b), (c, d) = self.start, self.end
        return (a + c) / 2 + self.bend * (d - b), (b + d) / 2 - self.bend * (c - a)

    def cut(self, radius: float) -> Arc:
        """The arc between circles of that radius around its ends."""
        (x, y), found = self.control, []
        for a, b in (self.start, self.end):
            length = hypot(x - a, y - b)
            found.append((a + radius * (x - a) / length, b + radius * (y - b) / length))
        return Arc(found[0], found[1], self.bend)


def around(count: int, pairs: Iterable[tuple[int, int]]) -> list[int]:
    """The order of the states around the circle, the first one first.

    Joined states stand near each other: the sum of the ways along the circle is the smallest there
    is, and the first such order is taken. Of more than 8 states the order stays.

    >>> around(4, [(0, 2), (2, 1), (1, 3)])
    [0, 2, 1, 3]
    """
    if not 3 < count <= MOST_ORDERED:
        return list(range(count))
    joined = {(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]}

    def length(order: Sequence[int]) -> int:
        place = {state: i for i, state in enumerate(order)}
        apart = (abs(place[a] - place[b]) for a, b in joined)
        return sum(min(d, count - d) for d in apart)

    return list(min(((0, *rest) for rest in permutations(range(1, count))), key=length))


def arcs(
    places: Sequence[Point], pairs: Sequence[tuple[int, int]]
) -> Iterator[tuple[tuple[int, int], Arc]]:
    """An arc for each pair of different states.

    States side by side are joined along the circle, the way back inside it; others inside the
    circle, so that no state between them is touched.
    """
    for a, b in pairs:
        if a == b:
            continue
        (x, y), (u, v) = places[a], places[b]
        # Right of the way is outside the circle when the way goes round it clockwise.
        outside = 1 if x * v - y * u > 0 else -1
        beside = min((a - b) % len(places), (b - a) % len(places)) == 1
        back = (b, a) in pairs
        if beside:
            bend = 0.2 * outside if not back else 0.2
        else:
            bend = -0.1 * outside if not back else (0.0 if outside > 0 else 0.22)
        yield (a, b), Arc((x, y), (u, v), bend)


def placed(
    sizes: Sequence[tuple[float, float]], lines: Sequence[Arc], taken: Iterable[Box]
) -> list[Point]:
    """The middle of each arc's label, of half width and height `sizes`, on the arc.

    One after the other stands where it covers the least of the boxes and of the other arcs.
    """
    boxes, found = list(taken), []
    sampled = [[arc.at(t / 24) for t in range(25)] for arc in lines]
    for i, ((w, h), arc) in enumerate(zip(sizes, lines, strict=True)):

        def cost(t: float, i: int = i, w: float = w, h: float = h, arc: Arc = arc) -> float:
            box = Box(*arc.at(t), w, h)
            covered = sum(box.overlap(other) for other in boxes)
            crossed = sum(
                box.holds(p) for j, points in enumerate(sampled) if j != i for p in points
            )
            return 20 * covered + 0.3 * crossed + abs(t - 0.5)

        at = arc.at(min(ALONG, key=cost))
        boxes.append(Box(*at, w, h))
        found.append(at)
    return found
