"""What the experiments on half-spaces share: linear attention's weights, and what is expected."""

from __future__ import annotations

from fractions import Fraction
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tmsim.catalogue import find
from tmsim.elicit.experiments.result import Row
from tmsim.elicit.measure import mean_interval
from tmsim.elicit.predicting import predict
from tmsim.elicit.tasks.linear import LinearData, LinearTask
from tmsim.machines.models.least_squares import LeastSquares

BASE = "oswald_2023"
READOUT = "the sign of the prediction, whose weights unit vectors ask for"
SLOPE = sqrt(2 / np.pi)
"""E|g| of a standard normal g: how much of a label ±1 is linear in the input."""


def learned(data: list[LinearData], layers: int, rate: Fraction) -> NDArray[np.float64]:
    """The weights [trials, d] that k layers of linear attention predict by, data in the prompt.

    Every unit vector is a query of the same prompt: the prediction for it is a weight.
    """
    x, y = (np.stack(parts) for parts in zip(*data, strict=True))
    learner = LeastSquares(x.shape[-1], (rate,) * layers)
    return predict(find(BASE), learner, x, y, np.eye(x.shape[-1]))


def rate(n: int, d: int) -> Fraction:
    """1/(1 + √(d/n))², the reciprocal of the greatest eigenvalue to be expected, in 64ths.

    Source: V. Marchenko and L. Pastur, 1967.
    """
    return Fraction(max(1, int(64 / (1 + sqrt(d / n)) ** 2)), 64)


def descent_error(n: int, d: int, layers: int, rate: float, noise: float = 0.0) -> float:
    """The error above the noise after k steps of descent, for many features (d/n fixed).

    y = c ⟨w*, x⟩ + e, e of variance 1 − c² and uncorrelated with x. In the eigenvectors of S, the
    mean of x xᵀ, k steps make f(s) = 1 − (1 − η s)^k of the solution: c f(S) w* + f(S) S⁻¹ ξ with
    Cov ξ = (1 − c²) S/n. The eigenvalues s follow Marchenko and Pastur's law; with
    s = 1 + γ + 2√γ cos φ, γ = d/n, it has the density 2 sin²φ/(π s) in φ.

    >>> from tmsim.elicit.bounds.linear import hebb_error
    >>> one, hebb = descent_error(1280, 40, 1, 0.5), hebb_error(40, 1280)
    >>> abs(one / hebb - 1) < 0.03
    True
    """
    gamma, c = d / n, (1 - 2 * noise) * SLOPE
    phi = (np.arange(4000) + 0.5) * np.pi / 4000
    s = 1 + gamma + 2 * sqrt(gamma) * np.cos(phi)
    weight = 2 * np.sin(phi) ** 2 / (s * 4000)
    made = 1 - (1 - rate * s) ** layers
    along, length = c * (weight * made).sum(), c**2 * (weight * made**2).sum()
    length += (1 - c**2) * gamma * (weight * made**2 / s).sum()
    return float((1 - 2 * noise) * np.arccos(along / sqrt(length)) / np.pi)


def errors(tasks: list[LinearTask], weights: Any) -> NDArray[np.float64]:
    """How much more than the noise each of the weights [trials, d] errs on its task, exactly."""
    return np.array([t.error(w) - t.noise for t, w in zip(tasks, weights, strict=True)])


def row(found: NDArray[np.float64], expected: float | None, **varied: Any) -> Row:
    """One figure: what was varied, what was expected, and the mean error with its interval."""
    low, high = mean_interval(found)
    told: Row = {**varied, "trials": len(found), "expected": expected}
    return told | {"measured": found.mean(), "interval": (max(low, 0.0), high)}
