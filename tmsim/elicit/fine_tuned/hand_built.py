"""The hand-built base itself, fine-tuned: its own weights are where training starts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx
from jax import Array
from numpy.typing import ArrayLike, NDArray

from tmsim.elicit.fine_tuned.training import Trained, train
from tmsim.elicit.measure import Readout
from tmsim.engine.assemble import Weights, assemble, rows
from tmsim.engine.nnx import to_nnx
from tmsim.machines.models.ngram import NGram
from tmsim.proofs import Bounds, Construction, Frame, Vector

NEAR_ZERO = 2.0**-10
"""Where the loss goes on as the tangent of the logarithm: a weight that has passed 0 comes back."""


class HandBuilt(nnx.Module):
    """An n-gram learner (``olsson_2022``) whose weights and embeddings are `nnx.Param`s.

    Its prompt is a query's context alone, in the format of :mod:`tmsim.elicit.prompts`: no example
    is shown, and what it knows of the dataset is in its weights. Before training it answers
    uniformly. The layers after the distribution, which only choose the token that is written, are
    left out.

    ValueError for a construction that is no n-gram learner.

    >>> from tmsim.catalogue import find
    >>> HandBuilt(find("olsson_2022"), m=1, V=4).distribution()
    array([[0.25, 0.25, 0.25, 0.25]])
    """

    def __init__(self, construction: Construction, m: int, V: int) -> None:
        if construction.model is not NGram:
            name = construction.model.__name__
            raise ValueError(f"{type(construction).__name__} simulates {name}; expected NGram")
        frame = Frame(2, V + m, 1, Bounds(1, 1))
        whole = construction.program(frame)
        program = replace(whole, layers=whole.layers[:2], feedback=Vector(()), stops=(), emits=())
        machine = NGram(tuple(range(V + m)), 1, answers=tuple(range(V)))
        leaves = construction.leaves(machine, frame)
        named = [{"null": 1}, *({"token": V + c} for c in range(m))]
        self.embedding = nnx.Param(jnp.asarray(rows(program, named, np.float32)))
        self.blocks = to_nnx(assemble(program, leaves, "float32"))
        forms = construction.chances(frame)[:V]  # type: ignore[attr-defined]
        self.readout = nnx.Variable(Weights(leaves, "float32").affine(program.stream, forms)[0])

    def __call__(self, contexts: Array) -> Array:
        """The weights [n, V] of the tokens after each of the contexts [n], asked alone."""
        null, embedded = self.embedding[0], self.embedding[1:][contexts]
        answers = jax.vmap(lambda row: self.blocks(jnp.stack([null, row]))[1])(embedded)
        return jnp.matmul(answers, self.readout[...], precision=jax.lax.Precision.HIGHEST)

    def distribution(self) -> NDArray[np.float64]:
        """The distribution [m, V] after every context, by the simplex readout."""
        return Readout.simplex(self(jnp.arange(len(self.embedding) - 1)))


def fine_tune(
    construction: Construction,
    table: ArrayLike,
    steps: int = 2000,
    *,
    optimizer: optax.GradientTransformation | None = None,
    what: str | None = None,
) -> Trained:
    """Full-batch training of a :class:`HandBuilt` on a dataset's counts [m, V].

    The loss is −log of the simplex readout, the mean over examples. The readout's weights are
    themselves the parameters, not their logarithms, so that a token that was never seen reaches
    probability 0 after finitely many steps. `optimizer`: by default Adam at a rate that decays from
    0.003. Heads that choose rows by comparing scores pass no gradient to what they compare: the
    embeddings and values learn.

    >>> from tmsim.catalogue import find
    >>> trained = fine_tune(find("olsson_2022"), [[3, 1, 0]], 500)
    >>> trained.model.distribution().round(2)
    array([[0.75, 0.25, 0.  ]])
    """
    seen = np.asarray(table)
    if seen.ndim != 2 or not (seen >= 0).all() or not (seen.sum(1) > 0).all():
        raise ValueError(
            f"counts of shape {seen.shape}: expected [m, V], none negative, rows not 0"
        )
    # A context's share does not change its optimum; equal shares make all of them equally fast.
    shares = jnp.asarray(seen / seen.sum(1, keepdims=True), jnp.float32)
    rate = optax.adam(optax.cosine_decay_schedule(0.003, steps))
    return train(
        HandBuilt(construction, *seen.shape), _loss, shares, optimizer or rate, steps, what=what
    )


def _loss(model: Any, shares: Array) -> Array:
    x = model(jnp.arange(len(shares)))
    told = _log(x) - _log(jnp.maximum(x, 0).sum(-1, keepdims=True))
    return -(shares * told).sum(-1).mean()


def _log(x: Array) -> Array:
    """ln x, and below NEAR_ZERO its tangent there."""
    return jnp.log(jnp.maximum(x, NEAR_ZERO)) + jnp.minimum(x - NEAR_ZERO, 0) / NEAR_ZERO
