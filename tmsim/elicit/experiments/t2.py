"""T2: how often the induction head misses ε at the size that Bretagnolle, Huber and Carol allow."""

from __future__ import annotations

from math import ceil

import jax

from tmsim.elicit import sources
from tmsim.elicit.bounds.text import bretagnolle_huber_carol
from tmsim.elicit.experiments import _counting as counting
from tmsim.elicit.experiments.result import Curve, Figure, Result, Row, verdict
from tmsim.elicit.intervals import clopper_pearson
from tmsim.elicit.measure import Readout, Target
from tmsim.elicit.tasks.text import TextTask

TITLE = "Failures at the sufficient size"

EPSILON, DELTA = 0.1, 0.05
CONFIDENCE = 1 - 1e-6


def run(*, quick: bool, seed: int = 0) -> Result:
    """The fraction of trials with TV > ε at n = (V ln 2 + ln(1/δ))/(2ε²), 1,000 trials a cell."""
    trials = 400 if quick else 1000
    rows: list[Row] = []
    for V in (16, 64) if quick else (2, 16, 64, 256):
        n = ceil(bretagnolle_huber_carol(V, 1, EPSILON, DELTA))
        for name, p in (("uniform", sources.uniform(V)), ("zipf", sources.zipf(V))):
            key = jax.random.fold_in(jax.random.key(seed), 2 * V + (name == "zipf"))
            prompts = counting.balanced(key, TextTask.balanced(p[None]), n, trials)
            tv = counting.distances(prompts, p)[:, 0]
            failed = int((tv > EPSILON * (1 + counting.HAIR)).sum())
            rows.append({
                "source": name, "V": V, "n": n, "trials": trials, "failed": failed,
                "expected": DELTA, "measured": failed / trials,
                "interval": tuple(clopper_pearson(failed, trials, CONFIDENCE)),
                "largest": float(tv.max()),
            })  # fmt: skip
    passed = all(row["interval"][1] <= DELTA for row in rows)
    uniform = [row for row in rows if row["source"] == "uniform"]
    figure = Figure("V", "probability of TV > ε", (
        Curve("uniform", [r["V"] for r in uniform], [r["measured"] for r in uniform],
              low=[r["interval"][0] for r in uniform], high=[r["interval"][1] for r in uniform]),
        Curve("δ", [r["V"] for r in uniform], [DELTA] * len(uniform), line=True),
    ), log_x=True)  # fmt: skip
    return Result(
        "t2", TITLE, "Are (V ln 2 + ln(1/δ))/(2ε²) examples enough for TV ≤ ε?",
        Target.population, Readout.simplex, tuple(rows),
        rule="the interval of confidence 1 - 1e-6 of the failures lies below δ",
        verdict=verdict(passed, "holds"), passed=passed, figure=figure,
        notes=(f"ε = {EPSILON}, δ = {DELTA}; expected is the most that the theorem allows",),
    )  # fmt: skip
