"""The loop every model here is trained by: gradients from nnx, steps from optax, the curve kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import Progress

BLOCK = 50
"""Steps between two looks at the clock and the keyboard: one compiled scan."""

Loss = Callable[[Any, Any], jax.Array]


@dataclass(frozen=True)
class Trained:
    """A trained nnx module and its curve: `losses` [steps], each before its step was taken."""

    model: nnx.Module
    losses: NDArray[np.float64]


def train(
    model: nnx.Module,
    loss: Loss,
    data: Any,
    optimizer: optax.GradientTransformation,
    steps: int,
    *,
    batch: int | None = None,
    key: Any = None,
    what: str | None = None,
) -> Trained:
    """Train `model` by `steps` steps of `optimizer` on ``loss(model, data)``.

    `data` is a pytree whose leaves have the examples first. Full batches, or with `batch` that many
    examples drawn anew in each step by `key`. `what` names a bar of progress on standard error; it
    is shown on a terminal only. ValueError where a loss is not finite, naming the step. The model
    is changed in place and returned with the curve.
    """
    if steps < 1:
        raise ValueError(f"training: {steps} steps; expected 1 or more")
    if batch is not None and key is None:
        raise ValueError(
            "training: batches are drawn, and there is no key; expected a jax.random key"
        )
    graph, weights = nnx.split(model)
    block = _block(graph, loss, optimizer, batch)
    state, losses = (weights, optimizer.init(weights)), []
    keys = jax.random.split(jax.random.key(0) if key is None else key, steps)
    with Progress(console=Console(stderr=True), disable=what is None, transient=True) as progress:
        task = progress.add_task(what or "", total=steps)
        for start in range(0, steps, BLOCK):
            state, found = block(state, data, keys[start : start + BLOCK])
            losses.append(np.asarray(found, np.float64))
            bad = np.flatnonzero(~np.isfinite(losses[-1]))
            if bad.size:
                raise ValueError(
                    f"training: the loss is {losses[-1][bad[0]]} at step {start + bad[0]}; expected"
                    " a finite one (a smaller learning rate?)"
                )
            progress.advance(task, len(found))
    nnx.update(model, state[0])
    return Trained(model, np.concatenate(losses))


def _block(
    graph: Any, loss: Loss, optimizer: optax.GradientTransformation, batch: int | None
) -> Callable[..., Any]:
    """Some steps, compiled: (weights, optimiser's state), data, keys -> the same after, losses."""

    def value(weights: Any, data: Any) -> jax.Array:
        return loss(nnx.merge(graph, weights), data)

    @jax.jit
    def run(state: Any, data: Any, keys: Any) -> Any:
        examples = len(jax.tree.leaves(data)[0])

        def step(state: Any, key: Any) -> Any:
            weights, memory = state
            seen = data
            if batch is not None:
                rows = jax.random.randint(key, (batch,), 0, examples)
                seen = jax.tree.map(lambda leaf: jnp.take(leaf, rows, axis=0), data)
            found, gradient = jax.value_and_grad(value)(weights, seen)
            updates, memory = optimizer.update(gradient, memory, weights)
            return (optax.apply_updates(weights, updates), memory), found

        return jax.lax.scan(step, state, keys)

    return run
