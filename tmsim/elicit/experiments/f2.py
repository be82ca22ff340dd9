"""F2: counting in context against cross-entropy training on the same dataset."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import jax
import numpy as np
import optax
from numpy.typing import NDArray

from tmsim.catalogue import find
from tmsim.elicit import sources
from tmsim.elicit.distance import total_variation
from tmsim.elicit.experiments import _text as text
from tmsim.elicit.experiments.result import Curve, Figure, Result, Row, verdict
from tmsim.elicit.fine_tuned import hand_built, tabular
from tmsim.elicit.measure import Distances, Readout, Target
from tmsim.elicit.prompts import text_prompt

TITLE = "Counting in context and training on cross-entropy"

V, EXAMPLES = 8, 200
STEPS = (0, 10, 30, 100, 300, 1000, 3000)
RATE = 2.0


def run(*, quick: bool, seed: int = 0) -> Result:
    """TV of a trained table to the base's answer after t steps, and of the base itself, trained."""
    trials = 10 if quick else 20
    rows: list[Row] = []
    curves, met = [], True
    for name, zeros in (("all counts positive", 0), ("two counts zero", 2)):
        seen = datasets(jax.random.key(seed), trials, V - zeros)
        in_context = Readout.simplex(answers(seen))
        apart = trajectory(seen, in_context)
        means = apart.mean(1)
        for t, tv in list(zip(STEPS, apart, strict=True))[1:]:
            to = Distances(Target.full_data, Readout.simplex, EXAMPLES, tv)
            rows.append(text.row(to, limit(t, zeros), counts=name, trained="a softmax table", t=t))
        met &= (
            bool((np.diff(means) < 1e-8).all()) and abs(means[-1] - limit(STEPS[-1], zeros)) < 1e-5
        )
        curves.append(Curve(f"a softmax table, {name}", STEPS[1:], tuple(means[1:])))
        same = hand_built.fine_tune(find(text.BASE), seen, 600 if quick else 1500).model
        assert isinstance(same, hand_built.HandBuilt)
        tv = total_variation(in_context, same.distribution())
        to = Distances(Target.same_base, Readout.simplex, EXAMPLES, tv)
        rows.append(text.row(to, 0.0, counts=name, trained="the same hand-built base"))
        met &= bool(tv.max() < 1e-3)
    theory = tuple(limit(t, 2) for t in STEPS[1:])
    curves.append(Curve("k(V − k)/(ηVt), k = 2 counts zero", STEPS[1:], theory, line=True))
    return Result(
        "f2", TITLE,
        "Does training reach what counting in context gives at once?",
        f"a softmax table fine-tuned on the prompt's dataset (which is the full data); "
        f"{Target.same_base}",
        Readout.simplex, tuple(rows),
        rule="TV falls with t and ends within 1e-5 of its limit law; the same base, trained, "
        "within 0.001 in every trial",
        verdict=verdict(met, "holds"), passed=met,
        figure=Figure("steps of gradient descent", "total variation", tuple(curves), True, True),
        notes=(
            "Where a token was never seen the table's logit must go to −∞: TV falls as 1/t and "
            "only the limit is the empirical distribution, which counting gives at once.",
        ),
    )  # fmt: skip


def limit(t: int, zeros: int) -> float:
    """TV after many steps t, with k = `zeros` tokens of V never seen: k(V − k)/(ηVt).

    The seen tokens stay at the empirical ratios, and the gradient's sum over logits is 0: an unseen
    token's logit falls by η p₀ a step and each seen one's rises by η p₀ k/(V − k), so that p₀
    obeys p₀' = −η p₀² V/(V − k).
    """
    return zeros * (V - zeros) / (RATE * V * t)


def datasets(key: Any, trials: int, support: int) -> NDArray[np.int64]:
    """Counts [trials, V] of datasets over the first `support` tokens, each seen at least once."""
    counts = np.zeros((trials, V), np.int64)
    for trial, own in enumerate(jax.random.split(key, trials)):
        drawn, place = jax.random.split(own)
        p = sources.dirichlet(drawn, support, 3.0)
        rng = np.random.default_rng(np.asarray(jax.random.key_data(place)).tolist())
        counts[trial, :support] = 1 + rng.multinomial(EXAMPLES - support, p)
    return counts


def answers(counts: NDArray[np.int64]) -> NDArray[np.float32]:
    """The base's weights [trials, V] with each dataset in its prompt."""
    prompts = [
        text_prompt(np.zeros(EXAMPLES, int), np.repeat(np.arange(V), row)[:, None], 0, V, 1)
        for row in counts
    ]
    return text.weights(prompts, V, 1)


def trajectory(counts: NDArray[np.int64], to: NDArray[np.float64]) -> NDArray[np.float64]:
    """TV [times, trials] of softmax tables to `to` [trials, V], after each number of STEPS."""
    with jax.enable_x64(True):
        model = tabular.Tabular(*counts.shape)
        found = [total_variation(model.distribution(), to)]
        for before, after in pairwise(STEPS):
            # The mean over all trials' examples: a trial's own rate is its share of it.
            rate = optax.sgd(RATE * len(counts))
            tabular.fine_tune(counts, rate, after - before, model=model)
            found.append(total_variation(model.distribution(), to))
    return np.array(found)
