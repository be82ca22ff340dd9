"""Distances, what they are in expectation, and coverage."""

from __future__ import annotations

from itertools import product
from math import factorial, prod

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tmsim.elicit.distance import expected_total_variation
from tmsim.elicit.measure import (
    Readout,
    Target,
    coverage,
    distances,
    expected_subsample_distance,
    mean_interval,
)


def brute_force(p: list[float], n: int, q: list[float]) -> float:
    """E TV over all ways that n draws can fall."""
    total = 0.0
    for counts in product(range(n + 1), repeat=len(p)):
        if sum(counts) == n:
            ways = factorial(n) / prod(map(factorial, counts))
            chance = ways * prod(x**k for x, k in zip(p, counts, strict=True))
            total += chance * sum(abs(k / n - x) for k, x in zip(counts, q, strict=True)) / 2
    return total


@st.composite
def distributions(draw: st.DrawFn, size: int = 3) -> list[float]:
    weights = draw(st.lists(st.integers(0, 6), min_size=size, max_size=size).filter(any))
    return [w / sum(weights) for w in weights]


@given(distributions(), distributions(), st.integers(1, 6))
def test_the_expected_distance_is_the_mean_over_all_draws(
    p: list[float], q: list[float], n: int
) -> None:
    assert expected_total_variation(p, n, q) == pytest.approx(brute_force(p, n, q), abs=1e-12)
    assert expected_total_variation(p, n) == pytest.approx(brute_force(p, n, p), abs=1e-12)


@given(distributions(5), distributions(5))
def test_the_expected_distance_falls_to_its_floor(p: list[float], q: list[float]) -> None:
    floor = np.abs(np.subtract(p, q)).sum() / 2
    told = [expected_total_variation(p, n, q) for n in (10, 100, 10_000)]
    assert all(x >= floor - 1e-12 for x in told)
    assert told[-1] <= floor + 0.02


@pytest.mark.parametrize(("n", "N"), [(50, 100), (50, 400), (200, 1000)])
def test_a_subsample_is_as_far_as_the_hypergeometric_law_says(n: int, N: int) -> None:
    drawn = stats.hypergeom(N, N // 2, n)
    exact = drawn.expect(lambda k: np.abs(k / n - 0.5))
    assert expected_subsample_distance([0.5, 0.5], n, N) == pytest.approx(exact, rel=0.02)
    assert expected_subsample_distance([0.5, 0.5], N, N) == 0


weights = st.lists(st.floats(0, 1e6), min_size=2, max_size=6).filter(lambda x: max(x) > 0.001)


@given(weights, st.sampled_from(list(Readout)))
def test_a_readout_is_a_distribution_in_the_weights_order(x: list[float], readout: Readout) -> None:
    p = readout(x)
    assert p.sum() == pytest.approx(1)
    assert (p >= 0).all()
    assert np.allclose(p, np.divide(x, sum(x)), atol=1e-12)
    assert (p[np.argsort(x)] == np.sort(p)).all()


def test_the_readouts_differ_at_zero_alone() -> None:
    assert Readout.simplex([1.0, 0.0])[1] == 0
    assert 0 < Readout.softmax([1.0, 0.0])[1] < 1e-37
    assert Readout.simplex([1.0, -1.0]).tolist() == [1, 0]


def test_a_distance_says_what_it_is_to() -> None:
    found = distances(
        [[1, 1], [3, 1]], [0.5, 0.5], 8, to=Target.population, readout=Readout.simplex
    )
    assert found.tv.tolist() == [0, 0.25]
    assert (found.target, found.readout, found.n) == (Target.population, Readout.simplex, 8)
    assert found.coverage(0.1).fraction == 0.5
    low, high = found.interval()
    assert low == 0 and 0.125 < high <= 1


def test_students_interval_is_scipys() -> None:
    x = np.random.default_rng(1).random(12)
    wanted = stats.ttest_1samp(x, 0).confidence_interval(0.9)
    assert mean_interval(x, 0.9) == pytest.approx(tuple(wanted))


BAD = {
    "epsilon 0": (lambda: coverage([0.1], 0.0), "epsilon is 0.0"),
    "no trials": (lambda: coverage([], 0.1), "0 distances"),
    "a NaN distance": (lambda: coverage([np.nan], 0.1), "NaN"),
    "one trial has no interval": (lambda: mean_interval([0.1]), "trials is 1"),
    "n = 0": (lambda: expected_total_variation([1.0], 0), "n is 0"),
    "more than there are": (lambda: expected_subsample_distance([1.0], 3, 2), "3 of 2 examples"),
    "a readout of zeros": (lambda: Readout.simplex([0.0, 0.0]), "nowhere above 0"),
    "a readout of NaN": (lambda: Readout.softmax([1.0, np.nan]), "NaN"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_line_with_the_value(name: str) -> None:
    make, told = BAD[name]
    with pytest.raises(ValueError, match=told) as error:
        make()
    assert "\n" not in str(error.value)
