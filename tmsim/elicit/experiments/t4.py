"""T4: m contexts: the vocabulary and log m add, and the rarest context decides."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, log

import jax
import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

from tmsim.elicit import sources
from tmsim.elicit.bounds import claims
from tmsim.elicit.bounds.text import gaussian, limit_moments
from tmsim.elicit.experiments import _counting as counting
from tmsim.elicit.experiments._text import slope
from tmsim.elicit.experiments.result import Curve, Figure, Result, Row, verdict
from tmsim.elicit.measure import Readout, Target
from tmsim.elicit.tasks.text import TextTask

TITLE = "Many contexts: balanced, and by Zipf's law"

EPSILON, DELTA = 0.2, 0.05
CONTEXTS, V = 8, 8  # where the frequencies differ
BAND = 0.15
SLOPE_BAND = 0.1


def run(*, quick: bool, seed: int = 0) -> Result:
    """Needed examples by (V, m) with balanced contexts, and by the rarest context's frequency.

    200 trials a cell (100 if quick). The needed size is n·(q/ε)², q the 1 − δ quantile of the
    largest of the m distances at a size n near it: distances fall as 1/√n.
    """
    trials, key = 100 if quick else 200, jax.random.key(seed)
    grid = [(v, m) for v in ((16, 64) if quick else (16, 64, 128)) for m in (1, 4, 16)]
    rows = [_balanced(jax.random.fold_in(key, 100 * v + m), v, m, trials) for v, m in grid]
    additive, excess = _regression(rows, "measured")
    limit = _regression(rows, "expected")
    exponents = (0.0, 1.0, 2.0) if quick else (0.0, 0.5, 1.0, 1.5, 2.0)
    skewed = [_skewed(jax.random.fold_in(key, round(2 * a)), a, trials) for a in exponents]
    rarest = [1 / row["rarest"] for row in skewed]
    found, told = (slope(rarest, [r[name] for r in skewed]) for name in ("measured", "expected"))
    cells = [*rows, *skewed]
    rows = [
        *cells,
        {"quantity": "R² of n ε² = a V + b ln m + c", "expected": limit[0],
         "measured": additive},
        {"quantity": "growth of n from m = 1 to 16 at the largest V, over that of ln(m/δ)",
         "expected": limit[1], "measured": excess},
        {"quantity": "slope over 1/(the rarest context's frequency)", "expected": told,
         "measured": found},
    ]  # fmt: skip
    near = all(_near(row) for row in cells)
    passed = near and additive > 0.95 and excess < 0.75 and abs(found - told) < SLOPE_BAND
    stated = claims.text(V, CONTEXTS, EPSILON, DELTA)
    figure = Figure("1/(frequency of the rarest context)", "needed examples", (
        Curve("measured", rarest, [r["measured"] for r in skewed],
              low=[r["interval"][0] for r in skewed], high=[r["interval"][1] for r in skewed]),
        Curve("expected", rarest, [r["expected"] for r in skewed], line=True),
        Curve("mV/ε²·ln(m/δ), as stated in the abstract", rarest, [stated for _ in rarest],
              line=True),
    ), log_x=True, log_y=True)  # fmt: skip
    return Result(
        "t4", TITLE, "Does mV/ε²·log(m/δ) have the right form in m, and for unequal contexts?",
        Target.population, Readout.simplex, tuple(rows),
        rule=f"sizes within {BAND:.0%} of the Gaussian limit's or it in their intervals, R² above "
        f"0.95, growth with m below 0.75 of the stated, slope within {SLOPE_BAND}",
        verdict=verdict(passed, "refuted"), passed=passed, figure=figure,
        notes=("an upper bound for balanced contexts, but V and ln(m/δ) add and do not multiply",
               "where contexts come up unequally the size is in order of 1/(the least frequency), "
               "which has no bound in m, V, ε and δ: refuted for every constant there"),
    )  # fmt: skip


def _quantile(largest: NDArray[np.float64], n: float) -> dict[str, object]:
    """The needed size by the 1 − δ quantile of distances at n, with order statistics around it."""
    ranked, trials = np.sort(largest), len(largest)
    spread = 3 * np.sqrt(trials * DELTA * (1 - DELTA))  # three standard deviations of the rank
    ranks = [trials * (1 - DELTA) + shift for shift in (-spread, 0, spread)]
    low, mid, high = (ranked[min(max(ceil(rank), 1), trials) - 1] for rank in ranks)
    sizes = [float(n * (q / EPSILON) ** 2) for q in (low, mid, high)]
    return {"trials": trials, "measured": sizes[1], "interval": (sizes[0], sizes[2])}


def _balanced(key: jax.Array, v: int, m: int, trials: int) -> Row:
    """Examples of *each* context that bring all m within ε."""
    p = sources.uniform(v)
    expected = gaussian(p, m, EPSILON, DELTA) / m
    n = ceil(expected)
    task = TextTask.balanced(np.tile(p, (m, 1)))
    tv = counting.distances(counting.balanced(key, task, n, trials), task.p)
    return {"contexts": "balanced", "V": v, "m": m, "expected": expected,
            "stated": claims.text(v, m, EPSILON, DELTA) / m, **_quantile(tv.max(1), n)}  # fmt: skip


def _skewed(key: jax.Array, exponent: float, trials: int) -> Row:
    """Examples in all, contexts by Zipf's law (exponent 0: equally likely), V and m fixed."""
    frequencies = sources.zipf(CONTEXTS, exponent) if exponent else sources.uniform(CONTEXTS)
    p = sources.uniform(V)
    expected = _arriving(p, frequencies)
    n = ceil(expected)
    task = TextTask(np.tile(p, (CONTEXTS, 1)), frequencies)
    tv = counting.distances(counting.arriving(key, task, n, trials), task.p)
    return {"contexts": f"Zipf {exponent:g}", "V": V, "m": CONTEXTS, "expected": expected,
            "rarest": float(frequencies.min()), "stated": claims.text(V, CONTEXTS, EPSILON, DELTA),
            **_quantile(tv.max(1), n)}  # fmt: skip


def _arriving(p: np.ndarray, frequencies: np.ndarray) -> float:
    """The N at which ∏_c E[Φ((ε√N_c − μ)/σ)] = 1 − δ, in the Gaussian limit of every context.

    N_c, the examples of context c, is about normal with mean and variance N·π_c; its expectation is
    taken by Gauss–Hermite quadrature.
    """
    mean, deviation = limit_moments(p)
    nodes, masses = np.polynomial.hermite_e.hermegauss(41)
    masses = masses / masses.sum()

    def missing(log_n: float) -> float:
        each = np.exp(log_n) * frequencies[:, None]
        seen = np.maximum(each + np.sqrt(each) * nodes, 0.0)
        near = special.ndtr((EPSILON * np.sqrt(seen) - mean) / deviation) @ masses
        return float(np.log(near).sum()) - log(1 - DELTA)

    root: Callable[..., float] = optimize.brentq  # type: ignore[assignment]
    return float(np.exp(root(missing, 0.0, 40.0)))


def _near(row: Row) -> bool:
    low, high = row["interval"]
    return low <= row["expected"] <= high or abs(row["measured"] / row["expected"] - 1) < BAND


def _regression(rows: list[Row], which: str) -> tuple[float, float]:
    """R² of n ε² over (V, ln m, 1), and the growth from the least to the most m at the largest V:
    the relative growth of n over that of ln(m/δ), 1 if they multiplied."""
    n = np.array([r[which] for r in rows]) * EPSILON**2
    V, m = (np.array([r[name] for r in rows], float) for name in ("V", "m"))
    terms = np.stack([V, np.log(m), np.ones(len(m))], 1)
    residual = n - terms @ np.linalg.lstsq(terms, n)[0]
    largest = V.max() == V
    first, last = n[largest][[0, -1]]
    grown = np.log(m[largest] / DELTA)
    share = (last / first - 1) / (grown[-1] / grown[0] - 1)
    return float(1 - residual.var() / n.var()), float(share)
