"""A small causal transformer, pretrained on a base distribution and then fine-tuned on a dataset.

The architecture is the common one (Vaswani et al. 2017, with layer norm before each part as in
Radford et al. 2019): learned token and position embeddings, blocks of self-attention and an MLP.
"""

from __future__ import annotations

from collections.abc import Callable
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


class _Block(nnx.Module):
    def __init__(self, d_model: int, heads: int, rngs: nnx.Rngs) -> None:
        self.before_heads = nnx.LayerNorm(d_model, rngs=rngs)
        self.attention = nnx.MultiHeadAttention(heads, d_model, decode=False, rngs=rngs)
        self.before_mlp = nnx.LayerNorm(d_model, rngs=rngs)
        self.up = nnx.Linear(d_model, 4 * d_model, rngs=rngs)
        self.down = nnx.Linear(4 * d_model, d_model, rngs=rngs)

    def __call__(self, x: Array, mask: Array) -> Array:
        x = x + self.attention(self.before_heads(x), mask=mask)
        return x + self.down(nnx.gelu(self.up(self.before_mlp(x))))


class Causal(nnx.Module):
    """A causal language model over `vocabulary` symbols and sequences of at most `length`.

    >>> import jax
    >>> model = Causal(vocabulary=5, length=4, key=jax.random.key(0))
    >>> model.distribution([[0, 1, 2]]).shape
    (1, 5)
    """

    def __init__(
        self, vocabulary: int, length: int, key: Any, d_model: int = 32, heads: int = 2,
        layers: int = 2,
    ) -> None:  # fmt: skip
        rngs = nnx.Rngs(key)
        self.length, self.vocabulary = length, vocabulary
        self.tokens = nnx.Embed(vocabulary, d_model, rngs=rngs)
        self.positions = nnx.Embed(length, d_model, rngs=rngs)
        self.blocks = nnx.List([_Block(d_model, heads, rngs) for _ in range(layers)])
        self.norm = nnx.LayerNorm(d_model, rngs=rngs)
        self.unembed = nnx.Linear(d_model, vocabulary, rngs=rngs)

    def __call__(self, sequences: Array) -> Array:
        """Log-probabilities [n, length, vocabulary] of what follows in sequences [n, length]."""
        mask = nnx.make_causal_mask(sequences)
        x = self.tokens(sequences) + self.positions(jnp.arange(sequences.shape[-1]))
        for block in self.blocks:
            x = block(x, mask)
        return jax.nn.log_softmax(self.unembed(self.norm(x)), axis=-1)

    def distribution(self, prompts: ArrayLike) -> NDArray[np.float64]:
        """The distribution [n, vocabulary] of the symbol after each of the prompts [n, length]."""
        told = np.exp(np.asarray(self(self.checked(prompts))[:, -1], np.float64))
        return told / told.sum(-1, keepdims=True)

    def checked(self, sequences: ArrayLike) -> Array:
        """The sequences as an array; ValueError where a symbol is unknown or one is too long."""
        rows = np.asarray(sequences)
        if rows.ndim != 2 or rows.shape[1] < 1 or not np.issubdtype(rows.dtype, np.integer):
            raise ValueError(
                f"sequences of type {rows.dtype} and shape {rows.shape}: expected whole numbers "
                "[n, length]"
            )
        if rows.shape[1] > self.length:
            raise ValueError(
                f"a sequence of {rows.shape[1]} symbols: the model's context is {self.length}"
            )
        below("a symbol", rows, self.vocabulary)
        return jnp.asarray(rows, jnp.int32)


def fit(
    model: Causal,
    sequences: ArrayLike,
    steps: int,
    *,
    key: Any,
    prompt: int = 1,
    learning_rate: float = 3e-3,
    batch: int = 64,
    what: str | None = None,
) -> Trained:
    """Train on sequences [n, length] by Adam: cross-entropy of what follows `prompt` symbols.

    Pretraining and fine-tuning are both this: the first on sequences of the base distribution, the
    second on a dataset's contexts and their tokens, from the pretrained model.

    >>> import jax, numpy as np
    >>> model = Causal(vocabulary=3, length=2, key=jax.random.key(0), d_model=8)
    >>> trained = fit(model, np.array([[0, 1], [2, 0]]), 100, key=jax.random.key(1))
    >>> bool(trained.losses[-1] < trained.losses[0])
    True
    """
    rows = model.checked(sequences)
    if not 1 <= prompt < rows.shape[1]:
        raise ValueError(
            f"prompt: {prompt} of {rows.shape[1]} symbols; expected 1 to {rows.shape[1] - 1}"
        )
    optimizer = optax.adam(optax.cosine_decay_schedule(learning_rate, steps))
    return train(model, _loss(prompt), rows, optimizer, steps, batch=batch, key=key, what=what)


def _loss(prompt: int) -> Callable[[Any, Array], Array]:
    def loss(model: Any, rows: Array) -> Array:
        told = model(rows[:, :-1])[:, prompt - 1 :]
        return -jnp.take_along_axis(told, rows[:, prompt:, None], axis=-1).mean()

    return loss
