"""C2: a fixed number of examples, and more and more features."""

from __future__ import annotations

from itertools import pairwise

import jax
import numpy as np

from tmsim.elicit.bounds.linear import hebb_error
from tmsim.elicit.experiments import _linear as linear
from tmsim.elicit.experiments.result import Curve, Figure, Result, Row, verdict
from tmsim.elicit.margin import max_margin
from tmsim.elicit.measure import Target
from tmsim.elicit.tasks.linear import LinearTask

TITLE = "A number of examples that knows no dimension"

EPSILON, DELTA = 0.1, 0.05
N = 299
"""⌊ln(1/δ)/ε²⌋: "1/ε² log 1/δ" with the constant 1 and the natural logarithm."""


def run(*, quick: bool, seed: int = 0) -> Result:
    """The errors of one layer and of the max-margin classifier after N examples, d growing."""
    sizes, rows, curves = (20, 80, 160) if quick else (20, 40, 80, 160, 320), [], []
    for d in sizes:
        rows += cell(jax.random.fold_in(jax.random.key(seed), d), d)
    one = [r for r in rows if r["expected"] is not None]
    for learner in dict.fromkeys(str(r["learner"]) for r in rows):
        told = [r for r in rows if r["learner"] == learner]
        low, high = zip(*(r["interval"] for r in told), strict=True)
        curves.append(Curve(learner, sizes, [r["measured"] for r in told], low=low, high=high))
    curves.append(Curve("1 layer, expected", sizes, [r["expected"] for r in one], line=True))
    worst = max(abs(r["measured"] / r["expected"] - 1) for r in one)
    grows = all(a["measured"] < b["measured"] for a, b in pairwise(one))
    beyond = [r for r in rows if r["d"] == sizes[-1] and r["interval"][0] > EPSILON]
    passed = worst < 0.08 and grows and len(beyond) == 2
    return Result(
        "c2", TITLE,
        f"Do 1/ε² log(1/δ) = {N} examples suffice for ε = {EPSILON}, δ = {DELTA} whatever the "
        "number of features (as stated in the abstract, for a fixed context)?",
        f"{Target.population} (the true half-space)", linear.READOUT, tuple(rows),
        rule="one layer's error within 8 % of what is expected, growing with d; with the most "
        "features the whole interval above ε for both learners",
        verdict=verdict(passed, "refuted"), passed=passed,
        figure=Figure("features d", "error = angle/π", tuple(curves), True, True),
        notes=(
            f"No: with {sizes[-1]} features the error is {one[-1]['measured']:.2f}, and it goes to "
            "1/2 as d grows. The formula is how many examples *evaluate* one given half-space.",
        ),
    )  # fmt: skip


def cell(key: jax.Array, d: int, trials: int = 20) -> list[Row]:
    """The learners' errors with d features."""
    named = [jax.random.split(k) for k in jax.random.split(key, trials)]
    tasks = [LinearTask.random(drawn, d) for drawn, _ in named]
    data = [task.sample(k, N) for task, (_, k) in zip(tasks, named, strict=True)]
    found = linear.errors(tasks, linear.learned(data, 1, linear.rate(N, d)))
    margin = linear.errors(tasks, np.stack([max_margin(*part) for part in data]))
    expected = hebb_error(d, N)
    return [
        linear.row(found, expected, learner="1 layer of linear attention", d=d, n=N),
        linear.row(margin, None, learner="max-margin classifier", d=d, n=N),
    ]
