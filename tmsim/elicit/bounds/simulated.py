"""The number of examples that was needed, by simulation: a bisection, with a confidence interval.

What is simulated is the learner itself, on draws of its data: counting for text, two classifiers
for half-spaces. The same learners' *transformers* are measured in `tmsim.elicit.experiments`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from math import pi
from typing import NamedTuple

import jax
import numpy as np
from numpy.typing import ArrayLike

from tmsim.elicit.arguments import count, distribution, generator, member, within
from tmsim.elicit.bounds.search import largest
from tmsim.elicit.intervals import Interval, clopper_pearson
from tmsim.elicit.margin import max_margin

MOST_CELLS = 4_000_000  # counts drawn for one size: about a second
MOST_WORK = 400_000  # d³/ε, which the max-margin solver's time grows with: some seconds


class Measured(NamedTuple):
    """A needed size: the least n whose `trials` failed at most δ of the time, and its interval.

    Below `interval.low` the probability of failure is above δ, and at `interval.high` it is below
    it, by Clopper and Pearson's interval for the trials at that size.
    """

    n: float
    interval: Interval
    trials: int


def needed(
    failures: Callable[[int], int], trials: int, delta: float, confidence: float = 0.95
) -> Measured:
    """Bisects the least n with `failures(n)` ≤ δ·trials, and the ends of its interval.

    failures(n): how many of the trials miss with n examples, deterministic, expected to fall.
    Raises ValueError for trials so few that not even no failure shows a probability below δ.

    >>> found = needed(lambda n: round(1000 * 0.5**n), 1000, 0.05)
    >>> found.n, found.interval
    (5, Interval(low=4, high=5))
    """
    delta, trials = within("delta", delta, 0, 1), count("trials", trials)
    if clopper_pearson(0, trials, confidence).high > delta:
        raise ValueError(
            f"trials is {trials}; expected more, to show that failures have probability < {delta:g}"
        )
    failed = cache(failures)

    def interval(n: int) -> Interval:
        return clopper_pearson(failed(n), trials, confidence)

    n = largest(lambda n: failed(n) > delta * trials, first=1) + 1
    low = largest(lambda n: interval(n).low > delta, first=1) + 1
    high = largest(lambda n: interval(n).high > delta, first=low) + 1
    return Measured(n, Interval(min(low, n), max(high, n)), trials)


def text(key: jax.Array, p: ArrayLike, epsilon: float, delta: float, trials: int = 300) -> Measured:
    """The examples, m·n in all, with which counting is within ε in every context; p [m, V].

    Each context has n examples; a trial fails where the largest of the m distances is above ε.
    Raises ValueError where p is no [m, V] of distributions, ε or δ is outside (0, 1), there are too
    few trials, or trials·m·V is above 4·10⁶.

    >>> found = text(jax.random.key(0), [[0.5, 0.5]], 0.1, 0.05)
    >>> 60 < found.interval.low <= found.n <= found.interval.high < 140
    True
    """
    p, epsilon = np.atleast_2d(distribution("p", p)), within("epsilon", epsilon, 0, 1)
    m, V = p.shape
    if trials * m * V > MOST_CELLS:
        raise ValueError(f"{trials} trials of {m} × {V} counts; expected at most {MOST_CELLS:,}")

    def failures(n: int) -> int:
        rng = generator(jax.random.fold_in(key, n))
        counts = rng.multinomial(n, p, size=(trials, m))
        distance = np.abs(counts / n - p).sum(-1) / 2
        # A hair: 3/10 and 0.3 − 1/10 differ by rounding, and TV = ε is within ε.
        return int((distance.max(1) > epsilon * (1 + 1e-12)).sum())

    found = needed(failures, trials, delta)
    return Measured(m * found.n, Interval(*(m * end for end in found.interval)), trials)


def _hebb_errors(rng: np.random.Generator, d: int, n: int, trials: int) -> np.ndarray:
    """Errors of Σ yx, from what they depend on: the sum along w and the norm across it."""
    along = np.abs(rng.standard_normal((trials, n))).sum(1)
    across = np.sqrt(n * rng.chisquare(d - 1, trials)) if d > 1 else np.zeros(trials)
    return np.arctan2(across, along) / pi


def _max_margin_errors(rng: np.random.Generator, d: int, n: int, trials: int) -> np.ndarray:
    errors = np.empty(trials)
    for trial in range(trials):
        x = rng.standard_normal((n, d))
        w = max_margin(x, np.where(x[:, 0] < 0, -1, 1))
        errors[trial] = np.arctan2(np.linalg.norm(w[1:]), w[0]) / pi
    return errors


LEARNERS = {"hebb": _hebb_errors, "max-margin": _max_margin_errors}


def linear(
    key: jax.Array, learner: str, d: int, epsilon: float, delta: float, trials: int = 100
) -> Measured:
    """The examples with which a learner's error is at most ε: Gaussian inputs, no noise.

    learner: "hebb" (Σ yx, one layer of linear attention) or "max-margin". Inputs are rotation
    invariant, so w is the first unit vector. Raises ValueError for another learner, d < 1, ε or δ
    outside (0, 1), too few trials, or a max-margin with d³/ε above 4·10⁵.

    >>> found = linear(jax.random.key(0), "hebb", 20, 0.2, 0.05)
    >>> 60 < found.interval.low <= found.n <= found.interval.high < 140
    True
    """
    member("learner", learner, LEARNERS)
    d, epsilon = count("dimension", d), within("epsilon", epsilon, 0, 1)
    if learner == "max-margin" and d**3 / epsilon > MOST_WORK:
        raise ValueError(
            f"dimension³/epsilon is {d**3 / epsilon:,.0f}; expected {MOST_WORK:,} or less"
        )

    def failures(n: int) -> int:
        errors = LEARNERS[learner](generator(jax.random.fold_in(key, n)), d, n, trials)
        return int((errors > epsilon).sum())

    return needed(failures, trials, delta)
