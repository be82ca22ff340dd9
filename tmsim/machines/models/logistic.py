"""Logistic regression by gradient descent, with a piecewise linear sigmoid. As text:

    features 2
    rates 1 x 10
    knots 64

and the further lines of `least_squares`. Labels are 0 and 1 (any rational between them is a
probability), and the loss's gradient is (link(⟨w, x⟩) - y) x. The link joins points of the sigmoid
σ at `knots` even places from -B to B, and is constant beyond: σ′s integral would make the loss.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import pairwise

from tmsim.machines.models.descent import Descent, described, settings

NAMES = ("features", "rates", "momentum", "decay", "nesterov", "threshold", "knots")
GRID = 1 << 30


def reach(knots: int) -> int:
    """B, the last knot's place: it grows as fast as the error inside falls.

    >>> reach(2), reach(64), reach(1024)
    (3, 8, 12)
    """
    return knots.bit_length() + 1


@cache
def points(knots: int) -> tuple[tuple[Fraction, Fraction], ...]:
    """The knots: places from -B to B, and the sigmoid there, rounded to 30 binary digits.

    >>> [(str(at), float(value)) for at, value in points(3)]
    [('-3', 0.04742587357759476), ('0', 0.5), ('3', 0.9525741264224052)]
    """
    edge = reach(knots)
    at = [Fraction(2 * edge * m, knots - 1) - edge for m in range(knots)]
    return tuple((t, Fraction(round(GRID / (1 + math.exp(-t))), GRID)) for t in at)


def tolerance(knots: int) -> float:
    """How far the link is from the sigmoid at most.

    Beyond B it is off by at most σ(-B); between knots a distance h apart by h²/8 · max |σ″| =
    h²√3/144 (linear interpolation), and by the rounding of the knots.

    >>> f"{tolerance(64):.1e}", f"{tolerance(1024):.1e}"
    ('7.8e-04', '6.6e-06')
    """
    edge = reach(knots)
    apart = 2 * edge / (knots - 1)
    return max(1 / (1 + math.exp(edge)), apart**2 * math.sqrt(3) / 144) + 1 / GRID


@dataclass(frozen=True)
class Logistic(Descent):
    """The learner of linear classes: see :class:`Descent`; `knots` is 2 or more.

    >>> learner = Logistic(1, (Fraction(2),) * 5, knots=64)
    >>> given = [([1], 1), ([-2], 0)], [1]
    >>> round(learner.output(learner.run(given, 5).configuration)["prediction"], 3)
    2.272
    """

    knots: int = 64

    def __post_init__(self) -> None:
        super().__post_init__()
        if type(self.knots) is not int or self.knots < 2:
            raise ValueError(f"knots {self.knots!r}: expected 2, 3, 4, …")

    def link(self, prediction: Fraction) -> Fraction:
        """The piecewise linear sigmoid, exactly."""
        return interpolated(points(self.knots), prediction)


def interpolated(known: Sequence[tuple[Fraction, Fraction]], x: Fraction) -> Fraction:
    """The piecewise linear function through the known points, constant beyond them.

    >>> str(interpolated([(Fraction(0), Fraction(0)), (Fraction(2), Fraction(1))], Fraction(1, 2)))
    '1/4'
    """
    if x <= known[0][0]:
        return known[0][1]
    for (a, u), (b, v) in pairwise(known):
        if x <= b:
            return u + (v - u) * (x - a) / (b - a)
    return known[-1][1]


def parse(text: str) -> Logistic:
    """A learner as text: see the module. Raises ValueError naming the line or the field.

    >>> parse("features 1\\nrates 1 x 2\\nknots 8").knots
    8
    """
    told = settings(text, NAMES)
    if "features" not in told:
        raise ValueError("no line says 'features'; expected 'features' and a whole number")
    return Logistic(**told)


def write(machine: Logistic) -> str:
    """The learner as :func:`parse` reads it.

    >>> parse(write(Logistic(2, ("1/2",)))) == Logistic(2, ("1/2",))
    True
    """
    return described(machine)
