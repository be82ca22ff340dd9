"""The numbers of the exact reading: rationals and surds, and balls where these do not suffice.

A :class:`Ball` encloses what exponentials and nested roots give; a comparison that its radius
leaves open raises :class:`Undecided`, and :func:`at_rising_precision` tries again with more bits.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any, TypeVar

from tmsim.proofs import exact_roots
from tmsim.proofs.exact_roots import Irrational, Real, Surd, tidy

T = TypeVar("T")
PRECISIONS = (1 << 7, 1 << 9, 1 << 11, 1 << 12)
"""The bits of a ball's centre that are tried in turn."""


class Undecided(ArithmeticError):
    """Two balls overlap, so their order is not known at this precision."""


class Ball(Irrational):
    """An arb ball of python-flint: a number known up to its radius.

    >>> str(exponential(1)), exponential(1) > Fraction(27, 10)
    ('[2.7182818 +/- 2.85e-8]', True)
    """

    __slots__ = ("arb",)

    def __init__(self, arb: Any) -> None:
        self.arb = arb

    def __add__(self, other: Real) -> Real:
        if not isinstance(other, Irrational) and other == 0:
            return self
        return Ball(self.arb + enclose(other))

    def __mul__(self, other: Real) -> Real:
        if not isinstance(other, Irrational) and other == 0:
            return 0
        return Ball(self.arb * enclose(other))

    def sign(self) -> int:
        if self.arb > 0 or self.arb < 0:
            return 1 if self.arb > 0 else -1
        if self.arb.is_zero():
            return 0
        raise Undecided(f"{self} may be negative, zero or positive")

    def __round__(self, places: int = 0) -> Real:
        unit = Fraction(10) ** -places
        # A ball around a half has no unique floor: which way it rounds is not known.
        whole = (self * (1 / unit) + Fraction(1, 2)).arb.floor().unique_fmpz()
        if whole is None:
            raise Undecided(f"{self} may round either way to a multiple of {unit}")
        return tidy(int(whole) * unit)

    def __str__(self) -> str:
        return self.arb.str(8)

    __repr__ = __str__


def _flint() -> Any:
    try:
        import flint  # type: ignore[import-not-found]
    except ImportError:
        raise ImportError("exact exponentials and nested roots need python-flint") from None
    return flint


def enclose(x: Real) -> Any:
    """An arb ball around `x`, at flint's current precision."""
    if isinstance(x, Ball):
        return x.arb
    if isinstance(x, Surd):
        return sum((enclose(r) * enclose(n).sqrt() for n, r in x.terms.items()), enclose(0))
    flint = _flint()
    return flint.arb(flint.fmpq(x.numerator, x.denominator))


def rounded(x: Real) -> float:
    """The number as a float, roots and balls by their middle.

    >>> rounded(Fraction(1, 4))
    0.25
    """
    return float(enclose(x)) if isinstance(x, Irrational) else float(x)


def quotient(total: Real, count: int) -> Real:
    """total / count, exactly."""
    share = Fraction(1, count)
    return total * share if isinstance(total, Irrational) else tidy(Fraction(total) * share)


def reciprocal(x: Real) -> Real:
    """1 / x: 1/(r·√n) = (1/(r·n))·√n for a single root, a ball for a sum of roots."""
    if not isinstance(x, Irrational):
        return tidy(1 / Fraction(x))
    if isinstance(x, Surd) and len(x.terms) == 1:
        [(n, r)] = x.terms.items()
        return Surd({n: tidy(1 / (Fraction(r) * n))})
    return Ball(1 / enclose(x))


def root(x: Real) -> Real:
    """√x: a rational or a surd for a rational x, a ball for the root of a root."""
    return Ball(enclose(x).sqrt()) if isinstance(x, Irrational) else exact_roots.root(x)


def exponential(x: Real) -> Real:
    """eˣ: 1 for x = 0, else a ball."""
    return 1 if not isinstance(x, Irrational) and x == 0 else Ball(enclose(x).exp())


def logarithm(n: int) -> Real:
    """ln n of a positive integer: 0 for n = 1, else a ball."""
    return 0 if n == 1 else Ball(enclose(n).log())


def clamped(x: Real, high: int | None = None) -> Real:
    """max(x, 0), and at most `high` if given; continuous, so a ball needs no comparison."""
    try:
        return 0 if x <= 0 else x if high is None or x < high else high
    except Undecided:
        ball = enclose(x).max(enclose(0))
        return Ball(ball if high is None else ball.min(enclose(high)))


def at_rising_precision(run: Callable[[], T]) -> T:
    """`run()` with balls of more and more bits until no comparison in it stays undecided."""
    context = _flint().ctx
    for bits in PRECISIONS[:-1]:
        with context.workprec(bits):
            try:
                return run()
            except Undecided:
                continue
    with context.workprec(PRECISIONS[-1]):
        return run()
