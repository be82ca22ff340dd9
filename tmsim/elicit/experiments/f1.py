"""F1: linear attention in context against optax on the same data, step for step."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from numpy.typing import NDArray

from tmsim.catalogue import find
from tmsim.elicit.arguments import generator
from tmsim.elicit.experiments._linear import BASE
from tmsim.elicit.experiments.result import Curve, Figure, Result, Row, verdict
from tmsim.elicit.predicting import predict
from tmsim.machines.models.least_squares import LeastSquares

TITLE = "Linear attention and optax, step for step"

D, N, ASKED = 5, 24, 8
STEPS = (1, 10, 100)
SETTINGS = {
    "plain": (Fraction(0), Fraction(0)),
    "momentum 0.9": (Fraction(9, 10), Fraction(0)),
    "decay 0.1": (Fraction(0), Fraction(1, 10)),
    "both": (Fraction(9, 10), Fraction(1, 10)),
}
TOLERANCES = {"float32": 2e-5, "float64": 1e-12}


def run(*, quick: bool, seed: int = 0) -> Result:
    """The greatest difference of predictions, relative to ‖w‖‖x‖."""
    trials = 5 if quick else 20
    x, y, asked = data(jax.random.key(seed), trials)
    rows: list[Row] = []
    for name, (momentum, decay) in SETTINGS.items():
        rate = safe_rate(x, float(decay))
        for dtype, tolerance in TOLERANCES.items():
            for steps, weights in optax_weights(x, y, rate, momentum, decay, dtype):
                learner = LeastSquares(D, (rate,) * steps, momentum=momentum, decay=decay)
                told = predict(find(BASE), learner, x, y, asked, dtype=dtype).astype(np.float64)
                wanted = np.einsum("td,qd->tq", weights, asked)
                size = np.linalg.norm(weights, axis=1)[:, None] * np.linalg.norm(asked, axis=1)
                worst = float((np.abs(told - wanted) / size).max())
                rows.append({
                    "optimizer": name, "dtype": dtype, "steps": steps, "trials": trials,
                    "expected": 0.0, "tolerance": tolerance, "measured": worst,
                })  # fmt: skip
    passed = all(r["measured"] <= TOLERANCES[r["dtype"]] for r in rows)
    curves = [
        Curve(f"{name}, {dtype}", STEPS, [
            r["measured"] for r in rows if (r["optimizer"], r["dtype"]) == (name, dtype)])
        for name in SETTINGS for dtype in TOLERANCES
    ]  # fmt: skip
    return Result(
        "f1", TITLE,
        "Is a layer of linear attention a step of gradient descent, as optax takes it?",
        "a linear map fine-tuned on the prompt's examples by optax, from zero, in as many steps",
        "the prediction itself, for queries of the same prompt", tuple(rows),
        rule="every prediction within 2e-5 (float32) and 1e-12 (float64) of ‖w‖‖x‖",
        verdict=verdict(passed, "holds"), passed=passed,
        figure=Figure("steps", "greatest difference over ‖w‖‖x‖", tuple(curves), True, True),
    )  # fmt: skip


def data(key: Any, trials: int) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """x [trials, n, d], noisy linear y [trials, n], inputs asked about [q, d]; exact in float32."""
    rng = generator(key)
    x, asked = rng.standard_normal((trials, N, D)), rng.standard_normal((ASKED, D))
    y = np.einsum("tnd,td->tn", x, rng.standard_normal((trials, D)))
    y += 0.3 * rng.standard_normal(y.shape)
    x, y, asked = (v.astype(np.float32).astype(np.float64) for v in (x, y, asked))
    return x, y, asked


def safe_rate(x: NDArray[np.float64], decay: float) -> Fraction:
    """A rate, the same for all trials, at 3/4 of what gradient descent bears: η < 2/(λ + decay)."""
    greatest = np.linalg.norm(x, 2, axis=(1, 2)).max() ** 2 / N
    return Fraction(int(64 * 1.5 / (greatest + decay)), 64)


def optax_weights(
    x: NDArray[Any],
    y: NDArray[Any],
    rate: Fraction,
    momentum: Fraction,
    decay: Fraction,
    dtype: str,
) -> Iterator[tuple[int, NDArray[np.float64]]]:
    """optax's weights [trials, d] after each number of STEPS; the loss: mean of (⟨w, x⟩ − y)²/2."""
    chain = optax.chain(
        optax.add_decayed_weights(float(decay)),
        optax.sgd(float(rate), momentum=float(momentum) or None),
    )

    def loss(w: Any, x: Any, y: Any) -> Any:
        return optax.l2_loss(jnp.matmul(x, w, precision=jax.lax.Precision.HIGHEST), y).mean()

    def one(x: Any, y: Any) -> Any:
        def step(state: Any, _: None) -> Any:
            w, memory = state
            updates, memory = chain.update(jax.grad(loss)(w, x, y), memory, w)
            w = optax.apply_updates(w, updates)
            return (w, memory), w

        start = jnp.zeros(D, x.dtype)
        return jax.lax.scan(step, (start, chain.init(start)), None, max(STEPS))[1]

    with jax.enable_x64(True):
        found = jax.jit(jax.vmap(one))(jnp.asarray(x, dtype), jnp.asarray(y, dtype))
    every = np.asarray(found, np.float64)
    for steps in STEPS:
        yield steps, every[:, steps - 1]
