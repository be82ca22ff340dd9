"""T7: retrieval that prefers some answers leaves a distance that no number of examples removes."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import jax
import numpy as np
from numpy.typing import NDArray

from tmsim.elicit import sources
from tmsim.elicit.distance import expected_total_variation, total_variation
from tmsim.elicit.experiments import _text as text
from tmsim.elicit.experiments.result import Curve, Figure, Result, verdict
from tmsim.elicit.measure import Readout, Target, distances
from tmsim.elicit.prompts import text_prompt
from tmsim.elicit.tasks.text import TextData, TextTask

TITLE = "Retrieval tilted towards some answers"

V, TILT = 16, 2.0
SIZES = (32, 64, 128, 256, 512, 1024, 2048, 4096)


def run(*, quick: bool, seed: int = 0) -> Result:
    """The mean distance at n retrieved examples, against its exact expectation and its floor."""
    trials, sizes = (50, SIZES[:-2]) if quick else (200, SIZES)
    p = sources.zipf(V)
    relevance = np.exp(-TILT * np.arange(V)[::-1] / V)
    tilted = p * relevance / (p * relevance).sum()
    floor = float(total_variation(tilted, p))
    task, rows = TextTask.balanced(p[None]), []
    for n in sizes:
        keys = jax.random.split(jax.random.fold_in(jax.random.key(seed), n), trials)
        data = [retrieved(key, task, relevance, n) for key in keys]
        found = text.weights([text_prompt(*part, 0, V, 1) for part in data], V, 1)
        to = distances(found, p, n, to=Target.population, readout=Readout.simplex)
        rows.append(text.row(to, expected_total_variation(tilted, n, p), floor=floor))
    means = [row["measured"] for row in rows]
    worst = max(abs(row["measured"] / row["expected"] - 1) for row in rows)
    band = 0.05 if quick else 0.03
    slack = 0.01 * floor
    falls = all(after < before + slack for before, after in pairwise(means))
    passed = worst < band and falls and abs(means[-1] / floor - 1) < 2 * band
    return Result(
        "t7", TITLE,
        "Does a biased retriever's error vanish as it finds more examples?",
        Target.population, Readout.simplex, tuple(rows),
        rule=f"means within {band:.0%} of the exact expectation, none above the one before by more "
        f"than 1 % of the floor, the last within {2 * band:.0%} of the floor TV(p_D', p)",
        verdict=verdict(passed, "refuted"), passed=passed,
        figure=figure(rows, sizes, floor),
        notes=(
            f"No: the floor is {floor:.3f}, the distance of what is retrieved to what there is.",
        ),
    )  # fmt: skip


def retrieved(key: Any, task: TextTask, relevance: NDArray[np.float64], n: int) -> TextData:
    """The first n examples that the retriever returns; token v with a chance in relevance[v].

    They are independent draws of p·relevance over its sum.
    """
    kept: list[TextData] = []
    while sum(len(part.tokens) for part in kept) < n:
        key, drawn, tossed = jax.random.split(key, 3)
        pool = task.sample(drawn, 4 * n)
        chance = relevance[pool.tokens[:, 0]] / relevance.max()
        found = np.asarray(jax.random.uniform(tossed, (4 * n,))) < chance
        kept.append(TextData(pool.contexts[found], pool.tokens[found]))
    contexts, tokens = (np.concatenate(parts)[:n] for parts in zip(*kept, strict=True))
    return TextData(contexts, tokens)


def figure(rows: list[Any], sizes: tuple[int, ...], floor: float) -> Figure:
    """Distance against n, its expectation and its floor."""
    low, high = zip(*(row["interval"] for row in rows), strict=True)
    measured = tuple(row["measured"] for row in rows)
    expected = tuple(row["expected"] for row in rows)
    return Figure(
        "examples retrieved", "total variation",
        (
            Curve("measured", sizes, measured, low=low, high=high),
            Curve("exact expectation", sizes, expected, line=True),
            Curve("floor TV(p_D', p)", sizes, (floor,) * len(sizes), line=True),
        ),
        log_x=True, log_y=True,
    )  # fmt: skip
