"""C3: labels with noise."""

from __future__ import annotations

import jax

from tmsim.elicit.bounds.linear import hebb_error
from tmsim.elicit.experiments import _linear as linear
from tmsim.elicit.experiments import _text as text
from tmsim.elicit.experiments.result import Curve, Figure, Result, Row, verdict
from tmsim.elicit.measure import Target
from tmsim.elicit.tasks.linear import LinearTask

TITLE = "Labels with noise"

D, NOISE = 10, 0.2
SIZES = (320, 640, 1280, 2560, 5120)
LAYERS = (1, 8)


def run(*, quick: bool, seed: int = 0) -> Result:
    """The error above the noise against n, for one layer and for eight."""
    trials, sizes = (20, SIZES[::2]) if quick else (50, SIZES)
    rows: list[Row] = []
    for n in sizes:
        keys = jax.random.split(jax.random.fold_in(jax.random.key(seed), n), trials)
        named = [jax.random.split(k) for k in keys]
        tasks = [LinearTask.random(drawn, D, NOISE) for drawn, _ in named]
        data = [task.sample(k, n) for task, (_, k) in zip(tasks, named, strict=True)]
        for layers in LAYERS:
            found = linear.errors(tasks, linear.learned(data, layers, linear.rate(n, D)))
            rows.append(linear.row(found, expected(n, layers), layers=layers, n=n))
    curves, slopes = [], {}
    for layers in LAYERS:
        told = [r for r in rows if r["layers"] == layers]
        measured = [r["measured"] for r in told]
        low, high = zip(*(r["interval"] for r in told), strict=True)
        curves.append(Curve(f"{layers} layers", sizes, measured, low=low, high=high))
        curves.append(
            Curve(f"{layers} layers, expected", sizes, [r["expected"] for r in told], True)
        )
        slopes[layers] = text.slope(sizes, measured)
    worst = max(abs(r["measured"] / r["expected"] - 1) for r in rows)
    rows += [
        {"quantity": "slope", "layers": layers, "expected": -0.5, "measured": found}
        for layers, found in slopes.items()
    ]
    band = 0.1 if quick else 0.06
    passed = worst < 2 * band and all(abs(found + 0.5) < band for found in slopes.values())
    return Result(
        "c3", TITLE,
        "Is the error above the noise of the order d/n, as n = d/ε says (as stated in the "
        "abstract)?",
        f"{Target.population} (the true half-space)", linear.READOUT, tuple(rows),
        rule=f"slopes within {band} of -1/2, means within {2 * band:.0%} of what is expected",
        verdict=verdict(passed, "refuted"), passed=passed,
        figure=Figure("examples n", "error above the noise", tuple(curves), True, True),
        notes=(
            f"No: with {NOISE:.0%} of the labels flipped it falls as 1/√n, so that n grows as "
            "1/ε²; n = d/ε would be the slope -1.",
        ),
    )  # fmt: skip


def expected(n: int, layers: int) -> float:
    """What theory says of n examples and that many layers."""
    if layers == 1:
        return hebb_error(D, n, NOISE)
    return linear.descent_error(n, D - 1, layers, float(linear.rate(n, D)), NOISE)
