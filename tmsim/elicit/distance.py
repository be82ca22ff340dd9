"""Total variation, TV(P, Q) = ½ Σ_y |P(y) − Q(y)|: exact, or estimated without bias."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import numpy as np
from numpy.typing import ArrayLike

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
