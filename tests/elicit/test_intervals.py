"""Intervals cover what they are of, exactly as often as they say or more."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tmsim.elicit.intervals import clopper_pearson, hoeffding

confidences = st.sampled_from([0.8, 0.95, 0.999])


@given(st.integers(1, 60), st.floats(0.01, 0.99), confidences)
def test_clopper_pearson_covers_every_probability(n: int, p: float, confidence: float) -> None:
    covering = (
        stats.binom.pmf(k, n, p) for k in range(n + 1) if p in clopper_pearson(k, n, confidence)
    )
    assert sum(covering) >= confidence - 1e-9


@given(st.integers(1, 500), st.data())
def test_clopper_pearson_is_scipys(n: int, data: st.DataObject) -> None:
    k = data.draw(st.integers(0, n))
    low, high = clopper_pearson(k, n, 0.9)
    theirs = stats.binomtest(k, n).proportion_ci(0.9, method="exact")
    assert (low, high) == (pytest.approx(theirs.low), pytest.approx(theirs.high))


@given(st.integers(1, 80), st.floats(0.01, 0.99), confidences)
def test_hoeffding_covers_the_mean_of_coins(n: int, p: float, confidence: float) -> None:
    covering = (
        stats.binom.pmf(k, n, p) for k in range(n + 1) if p in hoeffding(k / n, n, confidence)
    )
    assert sum(covering) >= confidence - 1e-9


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: clopper_pearson(3, 2), "successes is 3"),
        (lambda: clopper_pearson(-1, 2), "successes is -1"),
        (lambda: clopper_pearson(0, 0), "trials is 0"),
        (lambda: clopper_pearson(0, 1, 1.0), "confidence is 1"),
        (lambda: hoeffding(float("nan"), 5), "mean is nan"),
        (lambda: hoeffding(0.5, 0), "trials is 0"),
    ],
)
def test_bad_input_is_named(make, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make()
