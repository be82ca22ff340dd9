"""T3: the needed examples grow as the vocabulary, not as its logarithm."""

from __future__ import annotations

from math import ceil, sqrt

import jax
import numpy as np

from tmsim.elicit import sources
from tmsim.elicit.bounds import claims
from tmsim.elicit.bounds import text as bounds
from tmsim.elicit.bounds.text_lower import minimax
from tmsim.elicit.experiments import _counting as counting
from tmsim.elicit.experiments._text import slope
from tmsim.elicit.experiments.result import Curve, Figure, Result, Row, verdict
from tmsim.elicit.intervals import clopper_pearson
from tmsim.elicit.measure import Readout, Target
from tmsim.elicit.tasks.text import TextTask

TITLE = "Needed examples over the vocabulary: V, not log V"

EPSILON, DELTA = 0.1, 0.05
FITTED_FROM = 64  # below it the deviation that δ asks for is not small beside the mean
SLOPES = (0.9, 1.1)
PRECISION = 1.01  # the bisection ends between sizes of this ratio


def run(*, quick: bool, seed: int = 0) -> Result:
    """Bisects the size with P(TV ≤ ε) ≥ 1 − δ for each V, 300 trials a size (150 if quick)."""
    trials = 150 if quick else 300
    vocabularies = (64, 512) if quick else tuple(2**k for k in range(1, 11))
    rows: list[Row] = []
    for V in vocabularies:
        rows.append(_needed(jax.random.fold_in(jax.random.key(seed), V), V, trials))
    V, n = (np.array([r[name] for r in rows], float) for name in ("V", "measured"))
    fitted = V >= FITTED_FROM
    found = slope(V[fitted], n[fitted])
    stated = np.array([claims.text_of_fixed_length(int(v), 1, EPSILON, DELTA) for v in V])
    rows.append({"V": "slope", "expected": 1.0, "measured": found,
                 "of_the_claim": slope(V[fitted], stated[fitted])})  # fmt: skip
    met = all(row["failed_at_sufficient"] <= DELTA * trials for row in rows[:-1])
    passed = met and SLOPES[0] <= found <= SLOPES[1]
    sufficient = [bounds.bretagnolle_huber_carol(int(v), 1, EPSILON, DELTA) for v in V]
    low, high = zip(*(r["interval"] for r in rows[:-1]), strict=True)
    figure = Figure("V", "needed examples", (
        Curve("measured", V, n, low=low, high=high),
        Curve("ln V/ε²·ln(1/δ), as stated in the abstract", V, stated, line=True),
        Curve("Bretagnolle–Huber–Carol", V, sufficient, line=True),
        Curve("necessary for any learner",
              V, [minimax(int(v), 1, EPSILON, DELTA) for v in V], line=True),
    ), log_x=True, log_y=True)  # fmt: skip
    return Result(
        "t3", TITLE, "Are l·log V/ε²·log(1/δ) examples enough for TV ≤ ε (here l = 1)?",
        Target.population, Readout.simplex, tuple(rows),
        rule=f"the slope of log n over log V, V ≥ {FITTED_FROM}, is in [{SLOPES[0]}, {SLOPES[1]}]; "
        "the sufficient size is enough",
        verdict=verdict(passed, "refuted"), passed=passed, figure=figure,
        notes=(f"ε = {EPSILON}, δ = {DELTA}, uniform p; expected is the Gaussian limit's size",
               "n over V tends to a constant, so no constant before log V is enough"),
    )  # fmt: skip


def _needed(key: jax.Array, V: int, trials: int) -> Row:
    """The size found between what is necessary and what is sufficient."""
    p = sources.uniform(V)
    most = ceil(bounds.bretagnolle_huber_carol(V, 1, EPSILON, DELTA))
    failed: dict[int, int] = {}

    def enough(n: int) -> bool:
        drawn = jax.random.fold_in(key, n)
        prompts = counting.balanced(drawn, TextTask.balanced(p[None]), n, trials)
        tv = counting.distances(prompts.to_length(most), p)
        failed[n] = int((tv > EPSILON * (1 + counting.HAIR)).sum())
        return failed[n] <= DELTA * trials

    low, high = int(minimax(V, 1, EPSILON, DELTA)), most
    if not enough(high):
        low = high  # refuted by the model itself; the row says how often it failed there
    while high > PRECISION * low and high - low > 1:
        middle = round(sqrt(low * high))
        low, high = (low, middle) if enough(middle) else (middle, high)
    intervals = {n: clopper_pearson(k, trials) for n, k in failed.items()}
    too_few = [n for n, at in intervals.items() if at.low > DELTA]
    plenty = [n for n, at in intervals.items() if at.high < DELTA]
    ends = float(max(too_few, default=low)), float(min(plenty, default=most))
    expected = bounds.gaussian(p, 1, EPSILON, DELTA)
    return {"V": V, "trials": trials, "expected": expected, "measured": high, "interval": ends,
            "per_token": high / V, "failed_at_sufficient": failed[most],
            "stated": claims.text_of_fixed_length(V, 1, EPSILON, DELTA)}  # fmt: skip
