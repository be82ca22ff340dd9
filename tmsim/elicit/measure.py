"""How far two models are apart, and the same in expectation: the figures, with intervals.

A distance is between the base with a dataset in its prompt and a *target*, and the base's output
becomes a distribution by a *readout*: a figure that names neither says nothing, so both are values.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special, stats

from tmsim.elicit.arguments import count, distribution, within
from tmsim.elicit.distance import total_variation
from tmsim.elicit.intervals import Interval, clopper_pearson


class Target(StrEnum):
    """What the base with the dataset in its prompt is compared with."""

    same_base = "the same hand-built base, fine-tuned on the dataset in the prompt"
    full_data = "the model fine-tuned on the full data, of which the prompt shows a part"
    population = "the population that the data were drawn from"


class Readout(StrEnum):
    """How the weights x [..., V] that the model gives to tokens become a distribution.

    `simplex` divides by the sum what is not negative; it may answer 0. `softmax` is the softmax of
    ln max(x, 2^-126), as a model with logits would say it: no token has probability 0.
    """

    simplex = "simplex: the weights over their sum"
    softmax = "softmax of the weights' logarithms"

    def __call__(self, weights: ArrayLike) -> NDArray[np.float64]:
        """Distributions [..., V]; ValueError where a row holds NaN or nothing above 0.

        >>> Readout.simplex([3.0, 0.0, 1.0]), Readout.softmax([3.0, 1.0])
        (array([0.75, 0.  , 0.25]), array([0.75, 0.25]))
        """
        x = np.asarray(weights, np.float64)
        if not np.isfinite(x).all() or not (x.max(-1) > 0).all():
            raise ValueError("a readout that is NaN or nowhere above 0: expected weights of tokens")
        if self is Readout.softmax:
            return special.softmax(np.log(np.maximum(x, 2.0**-126)), axis=-1)
        positive = np.maximum(x, 0)
        return positive / positive.sum(-1, keepdims=True)


@dataclass(frozen=True)
class Coverage:
    """In how many of the trials TV ≤ ε held, with the exact interval of its probability."""

    epsilon: float
    successes: int
    trials: int
    interval: Interval

    @property
    def fraction(self) -> float:
        return self.successes / self.trials


@dataclass(frozen=True)
class Distances:
    """Total variations [trials] at one size of the data, with what they are distances to.

    >>> found = Distances(Target.population, Readout.simplex, 10, np.array([0.1, 0.2, 0.3]))
    >>> round(found.mean, 3), found.coverage(0.2).successes
    (0.2, 2)
    """

    target: Target
    readout: Readout
    n: int
    tv: NDArray[np.float64]

    @property
    def mean(self) -> float:
        return float(self.tv.mean())

    def interval(self, confidence: float = 0.95) -> Interval:
        """The interval of the expected distance: Student's, from the trials, cut to [0, 1]."""
        low, high = mean_interval(self.tv, confidence)
        return Interval(max(low, 0.0), min(high, 1.0))

    def coverage(self, epsilon: float, confidence: float = 0.95) -> Coverage:
        """P(TV ≤ ε), with Clopper and Pearson's interval."""
        return coverage(self.tv, epsilon, confidence)


def distances(
    base: ArrayLike, target: ArrayLike, n: int, *, to: Target, readout: Readout
) -> Distances:
    """Exact distances of the base's readouts [trials, V] to distributions [trials, V] or [V].

    >>> distances([[1.0, 3.0]], [0.5, 0.5], 4, to=Target.population, readout=Readout.simplex).tv
    array([0.25])
    """
    tv = np.atleast_1d(total_variation(readout(base), target))
    return Distances(to, readout, count("n", n), tv)


def mean_interval(values: ArrayLike, confidence: float = 0.95) -> Interval:
    """Student's interval of the expectation, from independent values [trials], at least 2.

    >>> low, high = mean_interval([0.0, 1.0, 2.0])
    >>> round(low, 3), round(high, 3)
    (-1.484, 3.484)
    """
    x = np.asarray(values, np.float64).ravel()
    count("trials", len(x), least=2)
    tail = (1 + within("confidence", confidence, 0, 1)) / 2
    half = stats.t.ppf(tail, len(x) - 1) * x.std(ddof=1) / np.sqrt(len(x))
    return Interval(float(x.mean() - half), float(x.mean() + half))


def coverage(tv: ArrayLike, epsilon: float, confidence: float = 0.95) -> Coverage:
    """In how many trials the distance is at most ε.

    >>> coverage([0.1, 0.2], 0.15).fraction
    0.5
    """
    found = np.asarray(tv, np.float64).ravel()
    epsilon = within("epsilon", epsilon, 0, 1)
    if not found.size or np.isnan(found).any():
        raise ValueError(f"{found.size} distances, some NaN: expected at least one, all numbers")
    near = int((found <= epsilon).sum())
    return Coverage(epsilon, near, len(found), clopper_pearson(near, len(found), confidence))


def expected_subsample_distance(p: ArrayLike, n: int, N: int) -> float:
    """About E TV(p̂_n, p̂_N), n of the N draws of p without replacement: the target `full_data`.

    Σ_v √(p_v (1 − p_v)/(2πn) · (1 − n/N)), for uniform p of V tokens √((V − 1)/(2πn) · (1 − n/N)):
    the normal approximation with the correction for a finite population (n ≫ V).

    >>> round(expected_subsample_distance([0.25] * 4, 100, 400), 4)
    0.0598
    """
    p = distribution("p", p)
    if not 1 <= n <= N:
        raise ValueError(f"{n} of {N} examples: expected 1 <= n <= N")
    return float(np.sqrt(p * (1 - p) / (2 * np.pi * n) * (1 - n / N)).sum())
