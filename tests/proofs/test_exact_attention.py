"""Each rule, score and visibility on rows computed by hand (values 1, 10, 100 …)."""

from __future__ import annotations

from fractions import Fraction

import pytest

from tests.proofs.toys import attending
from tmsim.proofs import (
    All,
    Average,
    ClippedDot,
    Dot,
    Leftmost,
    Linear,
    NegAbsDot,
    Past,
    Rightmost,
    Softmax,
    Sum,
    TopTwo,
    Unique,
)
from tmsim.proofs.exact_attention import UnexpectedTie

HALF = Fraction(1, 2)


@pytest.mark.parametrize(
    ("rule", "keys", "read", "gap"),
    [
        (Unique(), [1, 3, 2], 10, 1),
        (Leftmost(), [3, 1, 3], 1, 0),
        (Rightmost(), [3, 1, 3], 100, 0),
        (Rightmost(), [3, 3, Fraction(5, 2)], 10, 0),
        (Rightmost(HALF), [3, 3, Fraction(5, 2)], 100, -HALF),
        (Average(), [3, 1, 3], Fraction(101, 2), 2),
        (Average(), [2, 2, 2], 37, None),
        (TopTwo(), [3, 1, 2], Fraction(101, 2), 1),
        (TopTwo(HALF), [3, 1, 2], 1, 1),
        (TopTwo(), [3, 3, 3], Fraction(11, 2), 0),
        (TopTwo(), [5], 1, None),
        (Linear(), [3, 1, -2], 3 + 10 - 200, None),
        (Sum(), [3, 1, -2], 111, None),
    ],
)
def test_a_rule_reads_what_its_definition_says(rule, keys, read, gap) -> None:
    one_pass = attending(rule, keys)
    assert one_pass.resid[-1][-1][2] == read
    assert one_pass.attended[0][0][-1].gap == gap


@pytest.mark.parametrize(
    ("score", "keys", "rows"),
    [
        (Dot(), [-3, 1, 2], (2,)),
        (NegAbsDot(), [-3, 1, 2], (1,)),
        (ClippedDot(), [1, 2, 5], (1, 2)),
        (ClippedDot(at=Fraction(1)), [1, 2, 5], (0, 1, 2)),
        (Dot(decimals=1), [Fraction(104, 100), Fraction(96, 100), Fraction(9, 10)], (0, 1)),
        (Dot(decimals=0), [HALF, Fraction(3, 2), Fraction(5, 2)], (1, 2)),  # 0, 2, 2: half to even
    ],
)
def test_a_score_ranks_rows_as_its_definition_says(score, keys, rows) -> None:
    assert attending(Average(), keys, score=score).attended[0][0][-1].rows == rows


@pytest.mark.parametrize(
    ("visible", "sums"),
    [
        (Past(), [1, 11, 111, 1111]),
        (Past(strict=True), [0, 1, 11, 111]),
        (Past(window=2), [1, 11, 110, 1100]),
        (Past(strict=True, window=2), [0, 1, 11, 110]),
        (All(), [1111, 1111, 1111, 1111]),
    ],
)
def test_a_head_reads_the_visible_rows_and_nothing_where_there_are_none(visible, sums) -> None:
    one_pass = attending(Sum(), [0] * 4, visible=visible)
    assert [row[2] for row in one_pass.resid[-1]] == sums
    for i, attended in enumerate(one_pass.attended[0][0]):
        assert list(attended.rows) == [j for j in range(4) if visible.sees(i, j)]


def test_unique_reports_a_tie_with_its_place() -> None:
    with pytest.raises(UnexpectedTie, match=r"attend: head h, row 2: rows 1 and 2 both score 3"):
        attending(Unique(), [1, 3, 3])


def test_softmax_weights_are_those_of_the_exponentials() -> None:
    row = attending(Softmax(Fraction(2)), [0, 1]).attended[0][0][-1]
    # 1/(1 + e²) = 0.1192…, e²/(1 + e²) = 0.8807…
    assert Fraction(11920, 100000) < row.weights[0] < Fraction(11921, 100000)
    assert Fraction(88079, 100000) < row.weights[1] < Fraction(88080, 100000)


def test_softmax_grows_with_the_logarithm_of_the_rows() -> None:
    row = attending(Softmax(Fraction(0), Fraction(2)), [0, 1]).attended[0][0][-1]
    # λ = 2·ln 2, so the weights are as 1 : 4.
    assert Fraction(799999, 10**6) < row.weights[1] < Fraction(800001, 10**6)


def test_softmax_of_equal_scores_is_a_rational_mean() -> None:
    assert attending(Softmax(), [7, 7, 7]).resid[-1][-1][2] == 37
