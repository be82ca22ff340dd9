"""A table of logits, a row for each context: softmax regression on one-hot contexts."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx
from jax import Array
from numpy.typing import ArrayLike, NDArray

from tmsim.elicit.fine_tuned.training import Trained, train
from tmsim.elicit.prompts import below


class Tabular(nnx.Module):
    """Logits [m, V], zero at first: every context's distribution is uniform until trained.

    >>> Tabular(m=1, V=4).distribution()
    array([[0.25, 0.25, 0.25, 0.25]])
    """

    def __init__(self, m: int, V: int) -> None:
        self.logits = nnx.Param(jnp.zeros((m, V), jnp.result_type(float)))

    def __call__(self, contexts: Array) -> Array:
        """Log-probabilities [n, V] of the next token after each of the contexts [n]."""
        return jax.nn.log_softmax(self.logits[...][contexts], axis=-1)

    def distribution(self) -> NDArray[np.float64]:
        """The distribution [m, V] of every context, normalised in float64."""
        table = np.exp(np.asarray(self(jnp.arange(len(self.logits[...]))), np.float64))
        return table / table.sum(-1, keepdims=True)


def counts(contexts: ArrayLike, tokens: ArrayLike, m: int, V: int) -> NDArray[np.int64]:
    """How often each token followed each context: [m, V], of contexts [n] and tokens [n].

    ValueError naming a context or token outside its range, or where there are no examples.

    >>> counts([0, 0, 1], [1, 1, 0], m=2, V=2)
    array([[0, 2],
           [1, 0]])
    """
    before, after = np.asarray(contexts), np.asarray(tokens)
    if before.shape != after.shape or before.ndim != 1 or not before.size:
        raise ValueError(
            f"contexts of shape {before.shape} and tokens of shape {after.shape}: expected [n] "
            "for both, n >= 1"
        )
    below("a context", before, m)
    below("a token", after, V)
    table = np.zeros((m, V), np.int64)
    np.add.at(table, (before, after), 1)
    return table


def fine_tune(
    table: ArrayLike,
    optimizer: optax.GradientTransformation,
    steps: int,
    *,
    model: Tabular | None = None,
    what: str | None = None,
) -> Trained:
    """Full-batch training of a table of logits on the cross-entropy of a dataset.

    `table` [m, V] holds the dataset's :func:`counts`; the loss is the mean over examples of
    −log p(token | context), which depends on the data through them alone. The optimum is the
    empirical distribution; where a count is zero its logit goes to −∞ and only the limit reaches
    it. Contexts without examples keep their uniform start.

    >>> import optax
    >>> fine_tune([[3, 1]], optax.sgd(4.0), 200).model.distribution().round(6)
    array([[0.75, 0.25]])
    """
    seen = np.asarray(table)
    if seen.ndim != 2 or not (seen >= 0).all() or not seen.sum() > 0:
        raise ValueError(f"counts of shape {seen.shape}: expected [m, V], none negative, one not 0")
    weights = jnp.asarray(seen / seen.sum(), jnp.result_type(float))
    start = Tabular(*seen.shape) if model is None else model

    def loss(model: Any, weights: Array) -> Array:
        return -(weights * model(jnp.arange(len(weights)))).sum()

    return train(start, loss, weights, optimizer, steps, what=what)
