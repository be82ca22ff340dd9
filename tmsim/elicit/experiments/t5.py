"""T5: texts of l tokens: the distance grows with l, about as √l."""

from __future__ import annotations

import jax
import numpy as np

from tmsim.elicit import sources
from tmsim.elicit.distance import expected_total_variation, total_variation
from tmsim.elicit.experiments import _counting as counting
from tmsim.elicit.experiments.result import Curve, Figure, Result, Row, verdict
from tmsim.elicit.measure import Readout, Target, mean_interval
from tmsim.elicit.tasks.text import TextTask, sequence_distribution

TITLE = "Texts of l tokens"

V, EACH, LENGTHS = 8, 500, (1, 2, 3, 4)
BAND = 0.15


def run(*, quick: bool, seed: int = 0) -> Result:
    """The exact distance of texts after a context, in an order-1 chain; 100 trials (20 if quick).

    A trial draws a chain, 500 examples of each of its V contexts, and asks the model in all of
    them; its V distributions make a chain, and the texts of the two chains are enumerated.
    """
    trials, key = 20 if quick else 100, jax.random.key(seed)
    found = np.empty((trials, len(LENGTHS)))
    told = 0.0  # by de Moivre, for one token
    worst = 0.0  # of TV_l over l times the largest next-token distance
    for trial, own in enumerate(jax.random.split(key, trials)):
        rows, drawn = jax.random.split(own)
        p = np.stack([sources.dirichlet(k, V) for k in jax.random.split(rows, V)])
        q = counting.answers(counting.balanced(drawn, TextTask.balanced(p, order=1), EACH, 1))[0]
        each = total_variation(q, p)
        told += sum(expected_total_variation(row, EACH) for row in p) / (V * trials)
        for place, length in enumerate(LENGTHS):
            tv = _texts(p, q, length)
            found[trial, place] = tv.mean()
            worst = max(worst, float(tv.max() / (length * each.max())))
    result: list[Row] = []
    for place, length in enumerate(LENGTHS):
        ratio = found[:, place] / found[:, 0]
        interval = mean_interval(ratio) if length > 1 else (1.0, 1.0)
        result.append({
            "length": length, "n": EACH, "V": V, "trials": trials, "expected": length**0.5,
            "measured": float(ratio.mean()), "interval": tuple(interval),
            "tv": float(found[:, place].mean()), "at_most": length,
        })  # fmt: skip
    result.append({"quantity": "TV_1", "expected": told, "measured": float(found[:, 0].mean())})
    result.append({"quantity": "largest TV_l/(l·TV_1), to be at most 1", "expected": 1.0,
                   "measured": worst})  # fmt: skip
    shown = result[: len(LENGTHS)]
    near = all(abs(r["measured"] / r["expected"] - 1) < BAND for r in result[:-1])
    passed = near and worst <= 1 + counting.HAIR
    x = [float(length) for length in LENGTHS]
    low, high = zip(*(r["interval"] for r in shown), strict=True)
    figure = Figure("length l", "TV of texts over TV of one token", (
        Curve("measured", x, [r["measured"] for r in shown], low=low, high=high),
        Curve("√l", x, np.sqrt(x).tolist(), line=True),
        Curve("l, the guarantee", x, x, line=True),
    ))  # fmt: skip
    return Result(
        "t5", TITLE, "Is a size without l, mV/ε²·log(m/δ), enough for texts of any length?",
        Target.population, Readout.simplex, tuple(result),
        rule=f"the ratio within {BAND:.0%} of √l for every l, never above l; TV_1 within as much",
        verdict=verdict(passed, "refuted"), passed=passed, figure=figure,
        notes=("contexts are prefixes of one token; TV ∝ 1/√n, so TV_l ≤ ε asks for l times the "
               "examples typically, and l² times for the guarantee: refuted for every constant",),
    )  # fmt: skip


def _texts(p: np.ndarray, q: np.ndarray, length: int) -> np.ndarray:
    """The distance of the chains' texts after each context, [V]."""
    pairs = [
        [sequence_distribution(chain, context, length, order=1) for chain in (p, q)]
        for context in range(V)
    ]
    return np.array([float(total_variation(*pair)) for pair in pairs])
