"""The bounds of half-spaces: laws of their arguments, and what learners attain beside them."""

from __future__ import annotations

from collections.abc import Callable
from math import acos, inf, pi, sqrt

import jax
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tmsim.elicit.bounds import claims, linear, simulated
from tmsim.elicit.margin import max_margin
from tmsim.elicit.tasks.linear import LinearTask

units = st.floats(0.02, 0.9)

# Sizes of (d, ε, δ).
OF_HALF_SPACES: list[Callable[[int, float, float], float]] = [
    lambda d, e, delta: claims.linear(d, e),
    linear.max_margin,
    lambda d, e, delta: linear.max_margin_expected(d, e),
    lambda d, e, delta: linear.max_margin_gaussian(d, e),
    lambda d, e, delta: linear.hebb_gaussian(d, e),
    linear.consistent,
    linear.unseen_directions_size,
]


@pytest.mark.parametrize("size", OF_HALF_SPACES)
@settings(max_examples=25)
@given(st.integers(1, 60), units, units)
def test_sizes_of_half_spaces_are_monotone(size, d: int, eps: float, delta: float) -> None:
    n = size(d, eps, delta)
    assert n < inf
    assert size(2 * d, eps, delta) >= n and size(d, eps / 2, delta) >= n
    assert size(d, eps, delta / 2) >= n


@given(st.integers(2, 40), units, units)
def test_necessary_for_half_spaces_is_below_sufficient(d: int, eps: float, delta: float) -> None:
    needs = linear.worst_inputs(d, eps, delta), linear.unseen_directions_size(d, eps, delta)
    enough = linear.max_margin(d, eps, delta), linear.consistent(d, eps, delta)
    assert max(needs) <= min(enough) + 1 or eps > 0.5  # above ½ a coin is enough


@given(st.floats(8, 1000))
def test_hebbs_error_and_size(ratio: float) -> None:
    a = round(ratio)
    d = 4000
    error = linear.hebb_error(d, d * a)
    assert error == pytest.approx(1 / sqrt(2 * pi * a), rel=0.6 / a + 1 / d)
    assert error == pytest.approx(acos(sqrt(2 * a / (pi + 2 * a))) / pi, rel=1e-3)
    assert linear.hebb_gaussian(d, error) == pytest.approx(d * a)


def test_hebbs_error_is_measured() -> None:
    errors = simulated._hebb_errors(np.random.default_rng(0), 40, 40 * 32, 400)
    assert errors.mean() == pytest.approx(linear.hebb_error(40, 40 * 32), rel=0.03)
    x = np.random.default_rng(1).standard_normal((100, 40 * 8, 40))
    w = (np.where(x[..., :1] < 0, -1, 1) * x).sum(1)
    direct = np.arccos(w[:, 0] / np.linalg.norm(w, axis=1)) / pi
    assert direct.mean() == pytest.approx(linear.hebb_error(40, 40 * 8), rel=0.03)


@given(st.integers(1, 6), st.integers(1, 30), st.integers(0, 500))
def test_the_max_margin_satisfies_its_optimality_conditions(d: int, n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n, d))
    y = np.where(x[:, 0] < 0, -1, 1)
    assume(np.abs(x[:, 0]).min() > 1e-3)
    w = max_margin(x, y)
    margins = y * (x @ w)
    assert margins.min() == pytest.approx(1, abs=1e-6)
    support = (x * y[:, None])[margins < 1 + 1e-6]
    from scipy import optimize

    assert optimize.nnls(support.T, w)[1] < 1e-6 * np.linalg.norm(w)


def test_max_margin_errors_keep_their_bounds() -> None:
    n, d = 160, 20
    errors = simulated._max_margin_errors(np.random.default_rng(0), d, n, 60)
    assert errors.mean() < d / (n + 1)
    assert errors.mean() == pytest.approx(0.5005 * d / n, rel=0.15)
    with pytest.raises(ValueError, match="no half-space separates the 2"):
        max_margin([[1.0], [1.0]], [1, -1])


def test_no_learner_beats_the_unseen_span() -> None:
    n, d = 20, 60
    errors = []
    for key in jax.random.split(jax.random.key(0), 60):
        direction, drawn = jax.random.split(key)
        task = LinearTask.random(direction, d)
        x, y = task.sample(drawn, n)
        told = x.T @ np.linalg.solve(x @ x.T, x @ task.w)  # w's projection: the best that there is
        errors.append(task.error(told))
        assert task.error(max_margin(x, y)) >= errors[-1] - 1e-9
    assert np.mean(errors) == pytest.approx(linear.unseen_directions(d, n), abs=0.01)


@given(st.integers(1, 400), st.integers(0, 300))
def test_the_unseen_span_is_an_error(d: int, n: int) -> None:
    error = linear.unseen_directions(d, n)
    assert 0 <= error <= 0.5 and (error > 0) == (n < d)
    assert linear.unseen_directions(d, n + 1) <= error + 1e-9
