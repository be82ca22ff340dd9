"""T1: the expected distance of the induction head's answer to the distribution it has seen."""

from __future__ import annotations

import jax
import numpy as np

from tmsim.elicit import sources
from tmsim.elicit.distance import expected_total_variation
from tmsim.elicit.experiments import _counting as counting
from tmsim.elicit.experiments.result import Curve, Figure, Result, Row, verdict
from tmsim.elicit.measure import Readout, Target, mean_interval
from tmsim.elicit.tasks.text import TextTask

TITLE = "The expected total variation, against de Moivre's formula"

VOCABULARIES = (2, 16, 128, 1024)
PER_TOKEN = (1, 20)  # examples for each token of the vocabulary
CONFIDENCE = 1 - 1e-6
BAND, SETTLED = 0.03, 0.01  # within 3 % where the standard error is below 1 %


def run(*, quick: bool, seed: int = 0) -> Result:
    """E[TV] in every cell of source × V × n, 400 trials each (100 if quick)."""
    trials = 100 if quick else 400
    rows: list[Row] = []
    for V in (16, 128) if quick else VOCABULARIES:
        key = jax.random.fold_in(jax.random.key(seed), V)
        drawn, own = jax.random.split(key)
        known = {
            "uniform": sources.uniform(V),
            "zipf": sources.zipf(V),
            "dirichlet": sources.dirichlet(own, V),
        }
        for place, (name, p) in enumerate(known.items()):
            for n in (c * V for c in PER_TOKEN):
                at = jax.random.fold_in(jax.random.fold_in(drawn, place), n)
                # All prompts of one V have one shape: what is in front of the examples is nothing.
                prompts = counting.balanced(at, TextTask.balanced(p[None]), n, trials)
                tv = counting.distances(prompts.to_length(PER_TOKEN[-1] * V), p)[:, 0]
                rows.append(_row(name, V, n, tv, expected_total_variation(p, n)))
    passed = all(_met(row) for row in rows)
    return Result(
        "t1", TITLE,
        "Is the induction head's distance to the population that of a count, exactly?",
        Target.population, Readout.simplex, tuple(rows),
        rule=f"the formula in every interval of confidence 1 - 1e-6, and within {BAND:.0%} where "
        f"n ≥ 20V and the standard error is below {SETTLED:.0%}",
        verdict=verdict(passed), passed=passed, figure=_figure(rows),
        notes=("for uniform p and n ≤ V the formula is (1 − 1/V)^n: the answer is far from p",),
    )  # fmt: skip


def _row(source: str, V: int, n: int, tv: np.ndarray, expected: float) -> Row:
    low, high = mean_interval(tv, CONFIDENCE)
    error = float(tv.std(ddof=1) / np.sqrt(len(tv)) / expected)
    return {"source": source, "V": V, "n": n, "trials": len(tv), "expected": expected,
            "measured": float(tv.mean()), "interval": (low, high),
            "standard_error": error}  # fmt: skip


def _met(row: Row) -> bool:
    low, high = row["interval"]
    off = abs(row["measured"] / row["expected"] - 1)
    settled = row["standard_error"] < SETTLED and row["n"] >= 20 * row["V"]
    return low <= row["expected"] <= high and (off < BAND or not settled)


def _figure(rows: list[Row]) -> Figure:
    """Measured over expected distance: the diagonal, if the formula is met."""
    curves = []
    for source in ("uniform", "zipf", "dirichlet"):
        mine = sorted((r["expected"], r["measured"], *r["interval"])
                      for r in rows if r["source"] == source)  # fmt: skip
        x, y, low, high = zip(*mine, strict=True)
        curves.append(Curve(source, x, y, low=low, high=high))
    ends = min(r["expected"] for r in rows), max(r["expected"] for r in rows)
    curves.append(Curve("de Moivre", ends, ends, line=True))
    return Figure("expected total variation", "measured", tuple(curves), log_x=True, log_y=True)
