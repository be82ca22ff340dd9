"""A linear map without bias, trained on least squares, the logistic loss or the perceptron's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx
from jax import Array
from numpy.typing import ArrayLike

from tmsim.elicit.fine_tuned.training import Trained, train


class Linear(nnx.Module):
    """Weights w [d], zero at first; the answer to x is ⟨w, x⟩ and its sign the label."""

    def __init__(self, d: int) -> None:
        self.w = nnx.Param(jnp.zeros(d, jnp.result_type(float)))

    def __call__(self, x: Array) -> Array:
        """Answers [n] to inputs [n, d]."""
        return jnp.matmul(x, self.w[...], precision=jax.lax.Precision.HIGHEST)


def least_squares(answers: Array, y: Array) -> Array:
    """½ (⟨w, x⟩ − y)², the mean over examples: its gradient is that of von Oswald et al. 2023."""
    return optax.l2_loss(answers, y).mean()


def logistic(answers: Array, y: Array) -> Array:
    """ln(1 + exp(−y ⟨w, x⟩)), the mean over examples, for labels y = ±1."""
    return jax.nn.softplus(-y * answers).mean()


def perceptron(answers: Array, y: Array) -> Array:
    """max(0, −y ⟨w, x⟩), the mean over examples, for labels y = ±1 (optax.perceptron_loss)."""
    return optax.losses.perceptron_loss(answers, y).mean()


def fine_tune(
    x: ArrayLike,
    y: ArrayLike,
    optimizer: optax.GradientTransformation,
    steps: int,
    *,
    loss: Callable[[Array, Array], Array] = least_squares,
    batch: int | None = None,
    key: Any = None,
    what: str | None = None,
) -> Trained:
    """A :class:`Linear` trained from zero on examples x [n, d], y [n].

    In the default float of JAX: float64 under ``jax.enable_x64(True)``. ValueError for shapes that
    do not fit, or numbers that are not finite.

    >>> import optax
    >>> trained = fine_tune([[1.0, 0.0], [0.0, 2.0]], [1.0, -1.0], optax.sgd(0.4), 100)
    >>> trained.model.w[...].round(4)
    Array([ 1. , -0.5], dtype=float32)
    """
    inputs, labels = np.asarray(x), np.asarray(y)
    if inputs.ndim != 2 or not len(inputs) or labels.shape != inputs.shape[:1]:
        raise ValueError(
            f"x of shape {inputs.shape} and y of shape {labels.shape}: expected [n, d] and [n]"
        )
    for name, numbers in (("x", inputs), ("y", labels)):
        bad = numbers[~np.isfinite(numbers)]
        if bad.size:
            raise ValueError(f"{name} holds {bad[0]}: expected finite numbers")
    dtype = jnp.result_type(float)
    data = jnp.asarray(inputs, dtype), jnp.asarray(labels, dtype)
    return train(
        Linear(inputs.shape[1]), lambda model, data: loss(model(data[0]), data[1]), data, optimizer,
        steps, batch=batch, key=key, what=what,
    )  # fmt: skip
