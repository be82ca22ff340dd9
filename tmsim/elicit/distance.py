"""Total variation, TV(P, Q) = ½ Σ_y |P(y) − Q(y)|: exact, or estimated without bias."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from tmsim.elicit.arguments import count, distribution
from tmsim.elicit.intervals import Interval, hoeffding


def total_variation(p: ArrayLike, q: ArrayLike) -> np.ndarray:
    """½ Σ |p − q| over the last axis, in float64; the other axes broadcast, and remain.

    p, q: probabilities [..., V]. Raises ValueError where a row is no distribution (negative, NaN,
    sum not 1) or the two have different V.

    >>> float(total_variation([0.5, 0.5, 0], [0.25, 0.25, 0.5]))
    0.5
    """
    P, Q = distribution("p", p), distribution("q", q)
    if P.shape[-1] != Q.shape[-1]:
        raise ValueError(f"p has {P.shape[-1]} outcomes and q has {Q.shape[-1]}; expected as many")
    return np.minimum(np.abs(P - Q).sum(-1) / 2, 1.0)


def expected_total_variation(sampled: ArrayLike, n: int, to: ArrayLike | None = None) -> float:
    """E TV(p̂, q), p̂ the empirical distribution of n draws of p = `sampled`, q = `to` (p itself).

    Exact: ½ Σ_v E|Bin(n, p_v)/n − q_v|, with E|X − a| = a(2F(a) − 1) − np(2F₁(a) − 1) for X of
    Bin(n, p), F its distribution function and F₁(a) = P(Bin(n − 1, p) ≤ a − 1). For a = np this is
    the mean absolute deviation of A. de Moivre, 1730 (P. Diaconis and S. Zabell, Closed form
    summation for classical distributions, Statistical Science 6, 1991); for uniform p and n ≤ V it
    is (1 − 1/V)^n. As n grows it falls to TV(p, q), its floor. Raises ValueError where p or q is
    no distribution [V], or n < 1.

    >>> round(expected_total_variation(np.full(1000, 1 / 1000), 100), 4), round(0.999**100, 4)
    (0.9048, 0.9048)
    """
    p = distribution("sampled", sampled)
    q = p if to is None else distribution("to", to)
    n = count("n", n)
    a = n * q
    below, weighted = stats.binom.cdf(a, n, p), stats.binom.cdf(np.floor(a) - 1, n - 1, p)
    return float((a * (2 * below - 1) - n * p * (2 * weighted - 1)).sum() / (2 * n))


class Estimate(NamedTuple):
    """A mean of `samples` independent draws, and the interval that it gives."""

    value: float
    interval: Interval
    samples: int


def estimated(
    key: jax.Array,
    sample_p: Callable[[jax.Array, int], Any],
    log_p: Callable[[Any], ArrayLike],
    log_q: Callable[[Any], ArrayLike],
    n: int,
    confidence: float = 0.95,
) -> Estimate:
    """TV(P, Q) = E_{y~P}[(1 − Q(y)/P(y))₊] as the mean of n draws: unbiased, each in [0, 1].

    A plug-in distance of two samples would be too large by about √(V/n); this needs the two
    densities instead. sample_p(key, n) draws n outcomes, log_p and log_q give their log
    probabilities, [n]; log_q may be −∞. The interval is Hoeffding's. Raises ValueError for n < 1,
    for densities of another shape, and for NaN or a draw with log_p = −∞.

    >>> p, q = np.log([0.5, 0.5]), np.log([0.75, 0.25])
    >>> draw = lambda key, n: np.asarray(jax.random.randint(key, (n,), 0, 2))
    >>> found = estimated(jax.random.key(0), draw, p.__getitem__, q.__getitem__, 4000)
    >>> 0.25 in found.interval
    True
    """
    drawn = sample_p(key, count("n", n))
    P, Q = np.asarray(log_p(drawn), np.float64), np.asarray(log_q(drawn), np.float64)
    if P.shape != (n,) or Q.shape != (n,):
        raise ValueError(f"log_p has shape {P.shape}, log_q {Q.shape}; expected ({n},) for both")
    if not np.isfinite(P).all() or np.isnan(Q).any() or np.isposinf(Q).any():
        raise ValueError("log_p or log_q is not finite on a draw of P; expected logs of densities")
    value = float(-np.expm1(np.minimum(Q - P, 0.0)).mean())
    return Estimate(value, hoeffding(value, n, confidence), n)
