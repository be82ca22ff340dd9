"""Learning m distributions over V tokens by counting: what suffices, and what is to be expected.

The learner answers with the empirical distribution of a context's n examples. All sizes are real
numbers of examples in all m contexts, n/m in each (balanced), such that the largest of the m total
variations is at most ε with probability 1 − δ; round them up to use them.
"""

from __future__ import annotations

from math import log, pi, sqrt

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from tmsim.elicit.arguments import count, distribution, within

ROWS = 256  # of the covariance held at once


def bretagnolle_huber_carol(V: int, contexts: int, epsilon: float, delta: float) -> float:
    """m·(V ln 2 + ln(m/δ))/(2ε²): enough, for every distribution.

    P(TV ≥ ε) ≤ 2^V exp(−2nε²): a union of Hoeffding's inequality over the 2^V events. The V and the
    logarithm add, where the abstract multiplies them. Source: A. van der Vaart and J. Wellner, Weak
    Convergence and Empirical Processes, proposition A.6.6 (there of J. Bretagnolle and C. Huber).
    Raises ValueError for V or m < 1, ε or δ outside (0, 1).

    >>> [round(bretagnolle_huber_carol(V, 1, 0.1, 0.05)) for V in (2, 16, 64, 256, 1024)]
    [219, 704, 2368, 9022, 35639]
    """
    m, e, d = count("contexts", contexts), within("epsilon", epsilon, 0, 1), _delta(delta)
    return m * (count("vocabulary", V) * log(2) + log(m / d)) / (2 * e**2)


def mcdiarmid(V: int, contexts: int, epsilon: float, delta: float) -> float:
    """m·(½√(V − 1) + √(ln(m/δ)/2))²/ε²: enough, for every distribution.

    E[TV] ≤ ½√((V − 1)/n) by Jensen and Cauchy–Schwarz, and P(TV − E[TV] ≥ u) ≤ exp(−2nu²), as one
    example moves TV by at most 1/n. Source of the second: C. McDiarmid, On the method of bounded
    differences, 1989, lemma 1.2. Raises ValueError for V or m < 1, ε or δ outside (0, 1).

    >>> [round(mcdiarmid(V, 1, 0.1, 0.05)) for V in (2, 16, 1024)]
    [297, 999, 29639]
    """
    m, e, d = count("contexts", contexts), within("epsilon", epsilon, 0, 1), _delta(delta)
    return m * ((sqrt(count("vocabulary", V) - 1) / 2 + sqrt(log(m / d) / 2)) / e) ** 2


def gaussian(p: ArrayLike, contexts: int, epsilon: float, delta: float) -> float:
    """The size at which a normal variable with the limit's mean and variance is at most ε.

    √n·TV tends to ½ Σ_v |G_v| for a Gaussian vector G with covariance diag(p) − p pᵀ; its mean is
    Σ_v √(p_v(1 − p_v)/(2π)) and its variance follows from E|X||Y| = (2/π)σσ'(√(1 − ρ²) + ρ asin ρ).
    Taken as normal, so an approximation: for V ≫ 1 and n ≫ V. p [V]: one context's distribution,
    the same for all m. Raises ValueError where p is no distribution, m < 1, ε or δ outside (0, 1).

    >>> round(gaussian(np.full(64, 1 / 64), 1, 0.1, 0.05))
    1341
    """
    m, e, d = count("contexts", contexts), within("epsilon", epsilon, 0, 1), _delta(delta)
    mean, deviation = limit_moments(p)
    # All m are within ε when each is, and they are independent.
    quantile = float(special.ndtri(np.exp(np.log1p(-d) / m)))
    return m * max(0.0, (mean + quantile * deviation) / e) ** 2


def limit_moments(p: ArrayLike) -> tuple[float, float]:
    """Mean and standard deviation of the limit of √n·TV, for p [V].

    Raises ValueError where p is no distribution.

    >>> mean, deviation = limit_moments([0.5, 0.5])  # half-normal: ½|N(0, 1)|
    >>> round(mean, 4), round(deviation, 4)
    (0.3989, 0.3014)
    """
    p = distribution("p", p)
    # Equal probabilities are one class, with its multiplicity: a uniform source is one number.
    p, times = np.unique(p[(p > 0) & (p < 1)], return_counts=True)
    sigma = np.sqrt(p * (1 - p))
    variance = times @ sigma**2 * (1 - 2 / pi)
    for start in range(0, len(p), ROWS):
        some = slice(start, start + ROWS)
        # Two symbols of a coin attain −1, and rounding must not pass it.
        correlation = -np.outer(p[some], p) / np.outer(sigma[some], sigma)
        correlation = np.maximum(correlation, -1)
        products = np.sqrt(1 - correlation**2) + correlation * np.arcsin(correlation) - 1
        products *= np.outer(sigma[some], sigma) * 2 / pi
        variance += times[some] @ products @ times - times[some] @ np.diagonal(products, start)
    return float(times @ sigma / sqrt(2 * pi)), sqrt(max(float(variance) / 4, 0.0))


def of_texts(V: int, contexts: int, length: int, epsilon: float, delta: float) -> float:
    """Examples for texts of l tokens: bretagnolle_huber_carol at ε/l, l²·V/ε² in order.

    Each context is a prefix, with its own distribution of the next token, and an example is one
    next token. The distance of two texts is at most the sum of the l distances of their next tokens
    (chain rule and triangle inequality), so ε/l in each context is enough. Raises ValueError as
    there, and for l < 1.

    >>> round(of_texts(16, 1, 2, 0.1, 0.05) / of_texts(16, 1, 1, 0.1, 0.05))
    4
    """
    within("epsilon", epsilon, 0, 1)
    return bretagnolle_huber_carol(V, contexts, epsilon / count("length", length), delta)


def _delta(delta: float) -> float:
    return within("delta", delta, 0, 1)
