"""Which values a form takes, from its registers' kinds alone: for every machine, row and step.

A :class:`Range` is an interval and a lattice. A register holds what its kind says, a machine's
table 0 or 1; what is made of them follows by interval arithmetic and common divisors. Where a mean
or a reciprocal comes in, the interval stays and the lattice goes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from math import gcd, lcm

from tmsim.proofs.affine import Affine, Coefficient, Coordinate, Leaf, Number
from tmsim.proofs.stream import BITS, CODE, FLAG, ONE_HOT, Stream


def divisor(numbers: Iterable[Number | None]) -> Fraction | None:
    """The greatest number of which all are multiples, 0 where all are 0; None where one is None.

    >>> divisor([Fraction(3, 4), 2]), divisor([6, -4]), divisor([1, None])
    (Fraction(1, 4), Fraction(2, 1), None)
    """
    fractions = [None if x is None else Fraction(x) for x in numbers]
    known = [x for x in fractions if x is not None]
    if len(known) < len(fractions):
        return None
    whole = lcm(*(x.denominator for x in known))
    return Fraction(gcd(*(int(x * whole) for x in known)), whole)


def product(a: Number | None, b: Number | None) -> Fraction | None:
    """a·b, where None is any number."""
    if a == 0 or b == 0:
        return Fraction(0)
    return None if a is None or b is None else Fraction(a) * b


@dataclass(frozen=True)
class Range:
    """Numbers in [low, high] that differ from `anchor` by multiples of `step` (None: by anything).

    >>> str(Range.of(0, 1).times(Range.of(-1, 1, step=2)))
    '[-1, 1] in steps of 1'
    """

    low: Fraction
    high: Fraction
    anchor: Fraction
    step: Fraction | None

    @classmethod
    def of(cls, low: Number, high: Number, step: Number | None = 1) -> Range:
        """From `low` to `high` in steps."""
        least = Fraction(low)
        return cls(least, Fraction(high), least, None if step is None else Fraction(step))

    @classmethod
    def only(cls, value: Number) -> Range:
        return cls.of(value, value, 0)

    @property
    def most(self) -> Fraction:
        """The largest absolute value."""
        return max(abs(self.low), abs(self.high))

    @property
    def multiple(self) -> Fraction | None:
        """What every value is a multiple of; None where nothing is known."""
        return divisor([self.anchor, self.step])

    def plus(self, other: Range) -> Range:
        """The sums of a value of each."""
        step = divisor([self.step, other.step])
        anchor = self.anchor + other.anchor
        return Range(self.low + other.low, self.high + other.high, anchor, step)

    def times(self, other: Range) -> Range:
        """The products of a value of each."""
        ends = [a * b for a in (self.low, self.high) for b in (other.low, other.high)]
        # (a + ms)(b + nt) = ab + n·at + m·bs + mn·st
        crossed = [
            product(self.anchor, other.step),
            product(other.anchor, self.step),
            product(self.step, other.step),
        ]
        return Range(min(ends), max(ends), self.anchor * other.anchor, divisor(crossed))

    def hull(self, other: Range) -> Range:
        """What holds the values of either."""
        step = divisor([self.step, other.step, self.anchor - other.anchor])
        return Range(min(self.low, other.low), max(self.high, other.high), self.anchor, step)

    def mean(self) -> Range:
        """Means of any number of such values."""
        return Range(self.low, self.high, self.anchor, self.step if self.step == 0 else None)

    def clamped(self, most: Number | None = None) -> Range:
        """max(x, 0), and at most `most`."""
        cut = [Fraction(0)] if self.low < 0 else []
        low, high = max(self.low, Fraction(0)), max(self.high, Fraction(0))
        if most is not None and high > most:
            cut.append(Fraction(most))
            low, high = min(low, Fraction(most)), Fraction(most)
        step = divisor([self.step, *(x - self.anchor for x in cut)])
        return Range(low, high, self.anchor, step)

    def __str__(self) -> str:
        steps = "any steps" if self.step is None else f"steps of {self.step}"
        return f"[{self.low}, {self.high}] in {steps}"


NOTHING = Range.only(0)
DIGIT = Range.of(0, 1)


@dataclass(frozen=True)
class Summed:
    """A sum: its range, its largest partial sum in any order, and a unit of all its terms."""

    range: Range
    partial: Fraction
    unit: Fraction | None


@dataclass
class Given:
    """What a form's registers and tables hold.

    `scalars` are the ranges of scalar registers, `filled` the code registers that no row lacks;
    `digits` says that the entries of the machine's tables are 0 or 1, else nothing is known.
    """

    stream: Stream
    scalars: dict[str, Range]
    filled: frozenset[str]
    digits: bool

    def weight(self, coefficient: Coefficient) -> Range:
        """A coefficient's range. Raises KeyError naming a table of which none is known."""
        if not isinstance(coefficient, Leaf):
            return Range.only(coefficient)
        if not self.digits:
            raise KeyError(f"table {coefficient.name}")
        return DIGIT

    def held(self, place: Coordinate) -> Range:
        """A coordinate's range. Raises KeyError naming a scalar of which none is known."""
        kind = self.stream.registers[place.register].kind
        if kind in (FLAG, BITS, ONE_HOT):
            return DIGIT
        if kind == CODE:
            return Range.of(-1, 1, 2 if place.register in self.filled else 1)
        return self.scalars[place.register]

    def summed(self, form: Affine) -> Summed:
        """What the form may be; of a one-hot register one coordinate counts, or none."""
        units: list[Fraction | None] = [Fraction(form.constant)]
        by_register: dict[str, list[Range]] = {}
        for place, coefficient in form.terms.items():
            weight, held = self.weight(coefficient), self.held(place)
            by_register.setdefault(place.register, []).append(held.times(weight))
            units.append(product(held.multiple, weight.multiple))
        whole, partial = Range.only(form.constant), abs(Fraction(form.constant))
        for name, terms in by_register.items():
            if self.stream.registers[name].kind == ONE_HOT:
                terms = [reduce(Range.hull, terms, NOTHING)]
            for term in terms:
                whole, partial = whole.plus(term), partial + term.most
        return Summed(whole, partial, divisor(units))
