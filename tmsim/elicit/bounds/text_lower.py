"""Learning distributions: what no learner, and no prompt of any kind, can do with less."""

from __future__ import annotations

from functools import lru_cache
from math import lgamma, log, sqrt

import numpy as np
from scipy import special

from tmsim.elicit.arguments import count, positive, within
from tmsim.elicit.bounds.search import largest

NEGLIGIBLE = 1e-12  # terms of the sum below this are left out: a lower bound stays one
MOST = 1 << 17  # examples for each of the V symbols, up to which the sum is evaluated


def bayes_risk(V: int, n: int, concentration: float) -> float:
    """A lower bound of every learner's E[TV] after n examples of a p ~ Dirichlet(a, …, a).

    ½·V·E_K[E|X − median X|] where K ~ BetaBinomial(n, a, (V − 1)a) counts one symbol and
    X ~ Beta(a + K, (V − 1)a + n − K) is its probability given the count: in absolute loss the
    median is the best answer to each symbol, and E|X − median| = E[X]·(1 − 2·I_median(α + 1, β)).
    The worst p is no easier, so it bounds every base model with examples in its prompt. For
    n ≫ V ≫ 1 it comes near √(V/(2πn)), that of counting. Source: the argument is that of
    S. Kamath, A. Orlitsky, D. Pichapati and A. T. Suresh, On learning distributions from their
    samples, COLT 2015; worked out here for finite n. Raises ValueError for V < 2, n < 0, a not
    above 0.

    >>> bayes_risk(2, 0, 1.0)  # a uniform coin and no toss
    0.25
    """
    V, n = count("vocabulary", V, 2), count("n", n, 0)
    a = positive("concentration", concentration)
    rest = (V - 1) * a
    most = min(n, int((n / V + 1) * (2 + 40 / a)) + 50)  # beyond it, K is negligible
    K = np.arange(most + 1, dtype=np.float64)
    log_chance = (
        -special.betaln(K + 1, n - K + 1) - np.log(n + 1)
        + special.betaln(a + K, rest + n - K) - special.betaln(a, rest)
    )  # fmt: skip
    kept = log_chance > log(NEGLIGIBLE)
    K, chance = K[kept], np.exp(log_chance[kept])
    alpha, beta = a + K, rest + n - K
    median = special.betaincinv(alpha, beta, 0.5)
    deviation = alpha / (alpha + beta) * (1 - 2 * special.betainc(alpha + 1, beta, median))
    return float(V / 2 * (chance * deviation).sum())


def minimax(V: int, contexts: int, epsilon: float, delta: float) -> float:
    """Necessary examples of any learner: with fewer, some p is missed with more than probability δ.

    A learner within ε with probability 1 − δ has E[TV] ≤ ε + δ(1 − ε), so `bayes_risk` at n may
    not exceed that, at any concentration; √(n/V)/2 comes near the best. The contexts' distributions
    are independent, and what is seen in one says nothing of another: m times as many. In order
    V/ε², whatever the base model; 0 where one guess is enough. Found to 1 %, from below. Raises
    ValueError for V < 2, m < 1, ε or δ outside (0, 1), or where
    it is beyond 2¹⁷·V examples of a context.

    >>> round(minimax(64, 1, 0.1, 0.05) / 64, 1)
    4.8
    """
    V, m = count("vocabulary", V, 2), count("contexts", contexts)
    e, d = within("epsilon", epsilon, 0, 1), within("delta", delta, 0, 1)
    return float(m * _least(V, e + d * (1 - e)))


@lru_cache(maxsize=1024)
def _least(V: int, risk: float) -> int:
    """The least n at which the Bayes risk is not above `risk`, or 1 % less of it."""

    def missed(n: int) -> bool:
        return bayes_risk(V, n, max(1.0, sqrt(n / V) / 2)) > risk

    return largest(missed, tolerance=0.01, most=MOST * V) + 1


def prompt_tokens(V: int, contexts: int, epsilon: float) -> float:
    """Necessary tokens of any prompt, however it is made, that selects m distributions within ε.

    A prompt of n tokens selects one of at most Vⁿ behaviours of a given base model, and these must
    cover the m simplices. A ball of radius ε in total variation is ε times the simplex's
    difference body, of volume C(2k, k)·ε^k simplices in k = V − 1 dimensions, so
    n ≥ m·(k ln(1/ε) − ln C(2k, k))/ln V; 0 where that is negative (ε above 1/4, roughly). Source:
    metric entropy, A. Kolmogorov and V. Tikhomirov, 1959; the volume, C. Rogers and G. Shephard,
    1957. Raises ValueError for V < 2, m < 1, ε outside (0, 1).

    >>> round(prompt_tokens(64, 1, 0.01), 1)
    49.4
    """
    k = count("vocabulary", V, 2) - 1
    entropy = k * log(1 / within("epsilon", epsilon, 0, 1))
    volume = lgamma(2 * k + 1) - 2 * lgamma(k + 1)
    return count("contexts", contexts) * max(0.0, entropy - volume) / log(V)
