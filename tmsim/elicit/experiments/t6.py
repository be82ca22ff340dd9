"""T6: the prompt shows a window or a subsample of the data, or what retrieval finds."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
import optax

from tmsim.elicit import sources
from tmsim.elicit.distance import expected_total_variation
from tmsim.elicit.experiments import _text as text
from tmsim.elicit.experiments.result import Curve, Figure, Result, verdict
from tmsim.elicit.fine_tuned import tabular
from tmsim.elicit.measure import (
    Readout,
    Target,
    distances,
    expected_subsample_distance,
)
from tmsim.elicit.prompts import Full, Retrieve, Subsample, Window
from tmsim.elicit.tasks.text import TextTask

TITLE = "A window, a subsample, and retrieval"

V, EXAMPLES, CONTEXTS = 8, 1024, 4
FRACTIONS = (1 / 16, 1 / 8, 1 / 4, 1 / 2)


def run(*, quick: bool, seed: int = 0) -> Result:
    """TV grows as 1/√ρ without retrieval; with it answers equal the full data's, bit for bit."""
    trials, key = 50 if quick else 200, jax.random.key(seed)
    drawn, chosen, mixed = jax.random.split(key, 3)
    p = sources.uniform(V)
    task = TextTask.balanced(p[None])
    data = [task.sample(k, EXAMPLES) for k in jax.random.split(drawn, trials)]
    full = fine_tuned(data)
    rows = []
    for rho in FRACTIONS:
        n = round(rho * EXAMPLES)
        for selection in (Subsample(rho), Window(n)):
            prompts = text.selected(chosen, selection, data, 0, V, 1)
            found = text.weights(prompts, V, 1)
            name = type(selection).__name__
            to = distances(found, p, n, to=Target.population, readout=Readout.simplex)
            rows.append(text.row(to, expected_total_variation(p, n), selection=name, rho=rho))
            to = distances(found, full, n, to=Target.full_data, readout=Readout.simplex)
            partial = expected_subsample_distance(p, n, EXAMPLES)
            rows.append(text.row(to, partial, selection=name, rho=rho))
    slopes = {}
    for name in ("Subsample", "Window"):
        means = [r["measured"] for r in rows if kind(r) == (name, Target.population.name)]
        slopes[name] = text.slope(FRACTIONS, means)
    worst = max(abs(r["measured"] / r["expected"] - 1) for r in rows)
    equal, asked = retrieved(mixed, trials // 5)
    for name, found in slopes.items():
        rows.append({"selection": name, "quantity": "slope", "expected": -0.5, "measured": found})
    rows.append({
        "selection": "Retrieve", "quantity": "answers equal to the full data's, bit for bit",
        "expected": asked, "measured": equal,
    })  # fmt: skip
    band = 0.08 if quick else 0.05
    passed = all(abs(s + 0.5) < band for s in slopes.values()) and worst < 3 * band
    return Result(
        "t6", TITLE,
        "What does a prompt lose that cannot hold the data, and does retrieval bring it back?",
        f"{Target.population}; {Target.full_data}", Readout.simplex, tuple(rows),
        rule=f"slopes within {band} of -1/2, means within {3 * band:.0%}, every retrieval equal",
        verdict=verdict(passed and equal == asked, "holds"), passed=passed and equal == asked,
        figure=figure(rows),
    )  # fmt: skip


def kind(row: dict[str, Any]) -> tuple[Any, Any]:
    """What selected the examples, and what the answers were compared with."""
    return row["selection"], row.get("target")


def fine_tuned(data: Any) -> np.ndarray:
    """The distribution [trials, V] of a softmax table trained on each trial's full data.

    One table has a row for every trial, whose share of the mean loss is 1 over the trials. Near
    the uniform distribution a step at V/2 times that halves what a row is off by.
    """
    contexts = np.repeat(np.arange(len(data)), [len(d.contexts) for d in data])
    tokens = np.concatenate([d.tokens[:, 0] for d in data])
    seen = tabular.counts(contexts, tokens, len(data), V)
    rate = optax.sgd(0.5 * V * len(data))
    model = tabular.fine_tune(seen, rate, 100).model
    assert isinstance(model, tabular.Tabular)
    return model.distribution()


def retrieved(key: Any, trials: int) -> tuple[int, int]:
    """How many answers from retrieved examples equal those from all, and how many were compared."""
    task = TextTask.balanced(np.stack([sources.dirichlet(k, V) for k in jax.random.split(key, 4)]))
    data = [task.sample(k, EXAMPLES) for k in jax.random.split(key, trials)]
    equal = asked = 0
    for query in range(CONTEXTS):
        most = max(int((d.contexts == query).sum()) for d in data)
        told = [
            text.weights(text.selected(key, selection, data, query, V, CONTEXTS), V, CONTEXTS)
            for selection in (Full(), Retrieve(most))
        ]
        equal += int((told[0] == told[1]).all(-1).sum())
        asked += trials
    return equal, asked


def figure(rows: list[Any]) -> Figure:
    """Distance against ρ, for each selection and target."""
    curves = []
    for target in (Target.population, Target.full_data):
        for name in ("Subsample", "Window"):
            told = [r for r in rows if kind(r) == (name, target.name)]
            low, high = zip(*(r["interval"] for r in told), strict=True)
            y = tuple(r["measured"] for r in told)
            curves.append(Curve(f"{name}, to {target.name}", FRACTIONS, y, low=low, high=high))
        expected = tuple(r["expected"] for r in told)
        curves.append(Curve(f"expected, to {target.name}", FRACTIONS, expected, line=True))
    return Figure("fraction ρ of the data in the prompt", "total variation", tuple(curves),
                  log_x=True, log_y=True)  # fmt: skip
