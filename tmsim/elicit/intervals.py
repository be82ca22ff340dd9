"""Confidence intervals that hold at every sample size."""

from __future__ import annotations

from math import log, sqrt
from typing import NamedTuple

from scipy import special

from tmsim.elicit.arguments import count, within


class Interval(NamedTuple):
    """From `low` to `high`, both included."""

    low: float
    high: float

    def __contains__(self, value: object) -> bool:
        return isinstance(value, int | float) and self.low <= value <= self.high


def clopper_pearson(successes: int, trials: int, confidence: float = 0.95) -> Interval:
    """The exact interval of a probability p from `successes` in `trials` independent trials.

    Covers p with probability at least `confidence` for every p: the ends are the p at which the
    binomial's tails are (1 − confidence)/2, quantiles of beta distributions. Source: C. Clopper and
    E. Pearson, Biometrika 26 (1934). Raises ValueError for trials < 1, successes outside
    0 … trials, a confidence outside (0, 1).

    >>> low, high = clopper_pearson(0, 100)
    >>> low, round(high, 4)
    (0.0, 0.0362)
    """
    n, k = count("trials", trials), count("successes", successes, least=0)
    if k > n:
        raise ValueError(f"successes is {k}; expected at most the {n} trials")
    tail = (1 - within("confidence", confidence, 0, 1)) / 2
    low = 0.0 if k == 0 else float(special.betaincinv(k, n - k + 1, tail))
    high = 1.0 if k == n else float(special.betainccinv(k + 1, n - k, tail))
    return Interval(low, high)


def hoeffding(mean: float, trials: int, confidence: float = 0.95) -> Interval:
    """The interval of the expectation of a variable in [0, 1], from the mean of independent draws.

    Half-width √(ln(2/(1 − confidence))/(2·trials)), cut to [0, 1]. Source: W. Hoeffding, JASA 58
    (1963), theorem 2. Raises ValueError for a mean outside [0, 1], trials < 1, a confidence outside
    (0, 1).

    >>> low, high = hoeffding(0.5, 1000)
    >>> round(low, 4), round(high, 4)
    (0.4571, 0.5429)
    """
    if not 0 <= mean <= 1:
        raise ValueError(f"mean is {mean}; expected a number from 0 to 1")
    miss = 1 - within("confidence", confidence, 0, 1)
    half = sqrt(log(2 / miss) / (2 * count("trials", trials)))
    return Interval(max(0.0, mean - half), min(1.0, mean + half))
