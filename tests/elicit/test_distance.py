"""Total variation is a metric; its estimate has no bias and an interval that covers."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmsim.elicit import sources
from tmsim.elicit.distance import estimated, total_variation


@st.composite
def triples(draw: st.DrawFn) -> np.ndarray:
    V = draw(st.integers(1, 8))
    weights = draw(
        st.lists(
            st.lists(st.integers(0, 9), min_size=V, max_size=V).filter(any), min_size=3, max_size=3
        )
    )
    counts = np.array(weights, float)
    return counts / counts.sum(1, keepdims=True)


@given(triples())
def test_it_is_a_metric_of_at_most_one(pqr: np.ndarray) -> None:
    p, q, r = pqr
    tv = total_variation
    assert 0 <= tv(p, q) == tv(q, p) <= 1
    assert tv(p, p) == 0 and (tv(p, q) > 1e-12) == (np.abs(p - q).max() > 1e-12)
    assert tv(p, r) <= tv(p, q) + tv(q, r) + 1e-12


@given(triples())
def test_it_is_the_greatest_difference_of_an_event(pqr: np.ndarray) -> None:
    p, q, _ = pqr
    assert total_variation(p, q) == pytest.approx((p - q)[p > q].sum(), abs=1e-12)


def test_disjoint_supports_are_at_one() -> None:
    assert total_variation([1, 0], [0, 1]) == 1


def estimate(seed: int, p: np.ndarray, q: np.ndarray, n: int):
    with np.errstate(divide="ignore"):
        log_p, log_q = np.log(p), np.log(q)

    def draw(key: jax.Array, size: int) -> np.ndarray:
        return np.asarray(jax.random.choice(key, len(p), (size,), p=p))

    return estimated(jax.random.key(seed), draw, log_p.__getitem__, log_q.__getitem__, n)


def test_the_estimate_is_unbiased_where_two_samples_would_not_be() -> None:
    p = q = sources.uniform(500)
    assert estimate(0, p, q, 50).value == 0
    q = sources.zipf(500)
    exact = total_variation(p, q)
    found = [estimate(seed, p, q, 50) for seed in range(200)]
    assert np.mean([each.value for each in found]) == pytest.approx(exact, abs=0.02)
    assert all(exact in each.interval for each in found[:50])


def test_an_outcome_that_q_lacks_counts_whole() -> None:
    p, q = np.array([0.5, 0.5]), np.array([1.0, 0.0])
    assert estimate(1, p, q, 4000).value == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: total_variation([0.5, 0.5], [1.0]), "2 outcomes and q has 1"),
        (lambda: total_variation([0.5, float("nan")], [0.5, 0.5]), "p has the entry nan"),
        (lambda: total_variation([0.5, 0.5], [1.5, -0.5]), "q has the entry -0.5"),
        (lambda: total_variation([0.5, 0.4], [0.5, 0.5]), "p has a row with sum 0.9"),
        (lambda: total_variation(1.0, [1.0]), r"p has shape \(\)"),
        (lambda: estimate(0, np.array([0.5, 0.5]), np.array([0.5, 0.5]), 0), "n is 0"),
        (lambda: estimate(0, np.array([1.0]), np.array([np.nan]), 2), "not finite"),
    ],
)
def test_bad_input_is_named(make, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make()
