"""Exact arithmetic with square roots: rationals, and sums of roots of integers.

A rational is an int or a Fraction. A :class:`Surd` is Σ rᵢ·√nᵢ, kept so that two equal values look
alike: every comparison is decided.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from math import floor, gcd, isqrt
from typing import Any

Real = Any
"""An int, a Fraction, a Surd, or a Ball of exact_numbers; all take part in +, ·, <, = and abs."""


def tidy(x: Real) -> Real:
    """The same number; an integral Fraction as an int."""
    return x.numerator if type(x) is Fraction and x.denominator == 1 else x


class Irrational:
    """What surds and balls share: subtraction and order, both from `+`, `·` and `sign`."""

    __slots__ = ()

    def __add__(self, other: Real) -> Real:
        raise NotImplementedError

    def __mul__(self, other: Real) -> Real:
        raise NotImplementedError

    def sign(self) -> int:
        """-1, 0 or 1."""
        raise NotImplementedError

    def __radd__(self, other: Real) -> Real:
        return self + other

    def __rmul__(self, other: Real) -> Real:
        return self * other

    def __neg__(self) -> Real:
        return self * -1

    def __sub__(self, other: Real) -> Real:
        return self + -other

    def __rsub__(self, other: Real) -> Real:
        return -self + other

    def __abs__(self) -> Real:
        return -self if self.sign() < 0 else self

    def __lt__(self, other: Real) -> bool:
        return sign(self - other) < 0

    def __le__(self, other: Real) -> bool:
        return self is other or sign(self - other) <= 0

    def __gt__(self, other: Real) -> bool:
        return sign(self - other) > 0

    def __ge__(self, other: Real) -> bool:
        return self is other or sign(self - other) >= 0

    def __eq__(self, other: object) -> bool:
        return self is other or sign(self - other) == 0  # a ball less itself is not known to be 0

    __hash__ = None  # type: ignore[assignment]


def sign(x: Real) -> int:
    """-1, 0 or 1; a ball that holds 0 and other numbers has none, and raises Undecided."""
    return x.sign() if isinstance(x, Irrational) else (x > 0) - (x < 0)


class Surd(Irrational):
    """Σ coefficient · √radicand; no product of two radicands is a square, so equality is plain.

    Square roots of integers from different classes modulo squares are linearly independent over the
    rationals: the sum is 0 only when it has no terms, and rational only when 1 is its one radicand.

    >>> root(8) == 2 * root(2), root(2) * root(8), root(2) > Fraction(141421, 100000)
    (True, 4, True)
    """

    __slots__ = ("terms",)

    def __init__(self, terms: Mapping[int, int | Fraction]) -> None:
        self.terms = terms

    def __add__(self, other: Real) -> Real:
        if not isinstance(other, (int, Fraction, Surd)):
            return NotImplemented
        return _collected([*self.terms.items(), *_terms(other)])

    def __mul__(self, other: Real) -> Real:
        if not isinstance(other, (int, Fraction, Surd)):
            return NotImplemented
        products = []
        for n, r in self.terms.items():
            for m, s in _terms(other):
                common = gcd(n, m)
                products.append(((n // common) * (m // common), r * s * common))
        return _collected(products)

    def sign(self) -> int:
        bits = 64
        while True:  # the sum is not 0, so some precision tells on which side of 0 it lies
            low, high = self.bounds(bits)
            if low > 0 or high < 0:
                return 1 if low > 0 else -1
            bits *= 2

    def bounds(self, bits: int) -> tuple[Fraction, Fraction]:
        """Two rationals around the sum, from roots to `bits` binary places."""
        low = high = Fraction(0)
        for n, r in self.terms.items():
            below = isqrt(n << 2 * bits)
            above = below if below * below == n << 2 * bits else below + 1
            low += r * (below if r > 0 else above)
            high += r * (above if r > 0 else below)
        return low / (1 << bits), high / (1 << bits)

    def __round__(self, places: int = 0) -> Real:
        """The nearest multiple of 10^-places; an irrational never lies between two of them."""
        unit, bits = Fraction(10) ** -places, 64
        while True:
            low, high = (floor(x / unit + Fraction(1, 2)) for x in self.bounds(bits))
            if low == high:
                return tidy(low * unit)
            bits *= 2

    def __str__(self) -> str:
        shown = (f"{r}" if n == 1 else f"{r}·√{n}" for n, r in self.terms.items())
        return " + ".join(shown).replace("+ -", "- ")

    __repr__ = __str__


def _terms(x: Real) -> Iterable[tuple[int, int | Fraction]]:
    return x.terms.items() if isinstance(x, Surd) else [(1, x)]


def _collected(terms: Iterable[tuple[int, int | Fraction]]) -> Real:
    """Σ r·√n with one term for each class of radicands modulo squares."""
    total: dict[int, int | Fraction] = {}
    for n, r in terms:
        whole = isqrt(n)
        if whole * whole == n:
            n, r = 1, r * whole
        elif n not in total:
            for m in total:
                product = isqrt(n * m)
                if product * product == n * m:  # √n = (√(nm) / m)·√m
                    n, r = m, r * Fraction(product, m)
                    break
        total[n] = tidy(total.get(n, 0) + r)
    total = {n: r for n, r in total.items() if r}
    if not total:
        return 0
    return total[1] if list(total) == [1] else Surd(total)


def root(x: int | Fraction) -> Real:
    """√x of a rational, as a rational if it is one. Raises ArithmeticError below 0.

    >>> root(Fraction(9, 4)), root(Fraction(1, 2))
    (Fraction(3, 2), 1/2·√2)
    """
    if x < 0:
        raise ArithmeticError(f"the root of {x}: expected a number that is not negative")
    return _collected([(x.numerator * x.denominator, Fraction(1, x.denominator))])
