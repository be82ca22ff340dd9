"""Numbers without rounding: surds against balls, and what balls refuse to decide."""

from __future__ import annotations

from fractions import Fraction

import flint
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmsim.proofs.exact_numbers import (
    Ball,
    Undecided,
    at_rising_precision,
    clamped,
    enclose,
    exponential,
    quotient,
    reciprocal,
    root,
)
from tmsim.proofs.exact_roots import Surd, sign

rationals = st.fractions(-20, 20, max_denominator=12)
radicands = st.fractions(0, 50, max_denominator=12)


@st.composite
def surds(draw: st.DrawFn):
    """A rational plus rational multiples of roots."""
    total = draw(rationals)
    for coefficient, radicand in draw(st.lists(st.tuples(rationals, radicands), max_size=3)):
        total = total + coefficient * root(radicand)
    return total


@given(surds(), surds())
def test_surds_add_and_multiply_as_their_balls_do(x, y) -> None:
    with flint.ctx.workprec(200):
        assert enclose(x + y).overlaps(enclose(x) + enclose(y))
        assert enclose(x * y).overlaps(enclose(x) * enclose(y))
        assert enclose(x - y).overlaps(enclose(x) - enclose(y))


@given(surds(), surds())
def test_surds_are_ordered_as_their_balls_are(x, y) -> None:
    with flint.ctx.workprec(4000):
        difference = enclose(x) - enclose(y)
        expected = 1 if difference > 0 else -1 if difference < 0 else 0
    assert sign(x - y) == expected
    assert (x < y, x == y, x > y) == (expected < 0, expected == 0, expected > 0)


@given(radicands)
def test_a_root_squares_to_its_radicand(x) -> None:
    assert root(x) * root(x) == x
    assert x == 0 or root(x) * reciprocal(root(x)) == 1


def test_equal_sums_of_roots_are_equal() -> None:
    assert (root(2) + root(3)) * (root(2) + root(3)) == 5 + 2 * root(6)
    assert root(12) - root(3) - root(3) == 0
    assert isinstance(root(2) + 1, Surd)
    assert type(root(2) * root(2)) is int


@given(st.integers(1, 100))
def test_the_convergents_of_a_root_are_on_its_two_sides(steps) -> None:
    p, q = 1, 1  # p² - 2q² = -1, and the sign changes with every step
    for _ in range(steps):
        p, q = p + 2 * q, p + q
    assert sign(Fraction(p, q) - root(2)) == (-1 if steps % 2 == 0 else 1)


@pytest.mark.parametrize(
    ("x", "places", "rounded"),
    [(root(2), 2, Fraction(141, 100)), (-root(2), 1, Fraction(-14, 10)), (100 * root(2), -1, 140)],
)
def test_surds_and_balls_round_to_decimals(x, places, rounded) -> None:
    assert round(x, places) == rounded
    assert round(Ball(enclose(x)), places) == rounded


def test_balls_decide_what_they_can_and_refuse_the_rest() -> None:
    e = exponential(1)
    assert Fraction(271828, 100000) < e < Fraction(271829, 100000)
    assert abs(-e) > 2 and quotient(e, 2) > 1 and e * 0 == 0
    with pytest.raises(Undecided, match="may be negative, zero or positive"):
        sign(e * exponential(-1) - 1)
    with pytest.raises(Undecided, match="may round either way"):
        round((e * exponential(-1) - 1) + Fraction(1, 2), 0)


def test_clamping_a_ball_needs_no_comparison() -> None:
    around_zero = exponential(1) * exponential(-1) - 1
    assert clamped(around_zero).arb.contains(0)
    assert clamped(around_zero + 1, 1).arb.contains(1)
    wide = Ball(flint.arb(0, 0.5))
    assert Fraction(-1, 10) < clamped(wide) and clamped(wide + 1, 1) < Fraction(11, 10)
    assert clamped(exponential(1), 1) == 1 and clamped(-exponential(1)) == 0


def test_precision_rises_until_a_comparison_is_decided_or_4096_bits_leave_it_open() -> None:
    tried = []

    def within(power: int):
        def run() -> bool:
            tried.append(flint.ctx.prec)
            return exponential(1) * exponential(-1) < 1 + Fraction(1, 2**power)

        return run

    assert at_rising_precision(within(1000))
    assert tried == [128, 512, 2048]
    with pytest.raises(Undecided):
        at_rising_precision(within(10**4))
    assert tried[-1] == 4096


def test_a_negative_radicand_is_refused() -> None:
    with pytest.raises(ArithmeticError, match=r"the root of -2: expected .* not negative"):
        root(-2)
