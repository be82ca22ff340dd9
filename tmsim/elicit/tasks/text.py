"""Text: m contexts, each with a known distribution of the next token, and texts of a fixed length.

Order 0: the context is what the prompt asks about; every token of a text is drawn from p[context].
Order 1: the context is the previous token, so a text is a Markov chain and p is [V, V].
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import jax
import numpy as np
from numpy.typing import ArrayLike

from tmsim.elicit import sources
from tmsim.elicit.arguments import count, distribution, generator

MOST_OUTCOMES = 10**6  # an exact distribution has at most so many entries


class TextData(NamedTuple):
    """Examples: contexts [n] and the tokens that followed, [n, length], both int64."""

    contexts: np.ndarray
    tokens: np.ndarray


@dataclass(frozen=True, eq=False, init=False)
class TextTask:
    """Contexts and what follows them.

    p [m, V]: next-token distributions; weights [m]: how often each context comes up; length:
    tokens of a text; order 0 or 1. Raises ValueError where a row of p or the weights are no
    distribution, shapes disagree, the order is another, or an order 1 has m other than V.

    >>> task = TextTask([[0.5, 0.5], [0.9, 0.1]], [0.5, 0.5], length=2, order=1)
    >>> task.sequence_distribution(1).round(2).tolist()  # 00, 01, 10, 11
    [0.45, 0.45, 0.09, 0.01]
    """

    p: np.ndarray
    weights: np.ndarray
    length: int
    order: int

    def __init__(self, p: ArrayLike, weights: ArrayLike, length: int = 1, order: int = 0) -> None:
        put = partial(object.__setattr__, self)
        put("p", distribution("p", p))
        put("weights", distribution("weights", weights))
        put("length", count("length", length))
        put("order", order)
        if self.p.ndim != 2 or self.weights.shape != self.p.shape[:1]:
            raise ValueError(
                f"p has shape {self.p.shape}, weights {self.weights.shape}; expected [m, V] and [m]"
            )
        if self.order not in (0, 1):
            raise ValueError(f"order is {self.order}; expected 0 or 1")
        if self.order == 1 and self.contexts != self.vocabulary:
            raise ValueError(
                f"p has {self.contexts} contexts; expected one per token, {self.vocabulary}"
            )

    @classmethod
    def balanced(cls, p: ArrayLike, length: int = 1, order: int = 0) -> TextTask:
        """All contexts equally often.

        >>> TextTask.balanced([[0.5, 0.5], [0.9, 0.1]]).weights.tolist()
        [0.5, 0.5]
        """
        rows = distribution("p", p)
        return cls(rows, sources.uniform(len(rows)), length, order)

    @classmethod
    def zipf(cls, p: ArrayLike, exponent: float = 1.0, length: int = 1, order: int = 0) -> TextTask:
        """Contexts by Zipf's law: the first is the most frequent.

        >>> TextTask.zipf([[0.5, 0.5], [0.9, 0.1]]).weights.round(3).tolist()
        [0.667, 0.333]
        """
        rows = distribution("p", p)
        return cls(rows, sources.zipf(len(rows), exponent), length, order)

    @property
    def contexts(self) -> int:
        """m."""
        return self.p.shape[0]

    @property
    def vocabulary(self) -> int:
        """V."""
        return self.p.shape[1]

    def sample(self, key: jax.Array, n: int) -> TextData:
        """n examples, whose contexts are drawn by the weights. Raises ValueError for n < 1."""
        rng = generator(key)
        return self._texts(rng, rng.choice(self.contexts, count("n", n), p=self.weights))

    def sample_each(self, key: jax.Array, n: int) -> TextData:
        """n examples of every context, m·n in all, context by context; n ≥ 1 or ValueError.

        >>> task = TextTask.balanced([[0.5, 0.5], [0.9, 0.1]])
        >>> task.sample_each(jax.random.key(0), 3).contexts.tolist()
        [0, 0, 0, 1, 1, 1]
        """
        return self._texts(generator(key), np.repeat(np.arange(self.contexts), count("n", n)))

    def _texts(self, rng: np.random.Generator, contexts: np.ndarray) -> TextData:
        tokens = np.empty((len(contexts), self.length), np.int64)
        now = contexts
        for place in range(self.length):
            tokens[:, place] = drawn(rng, self.p, now)
            now = tokens[:, place] if self.order else contexts
        return TextData(contexts.astype(np.int64), tokens)

    def sequence_distribution(self, context: int) -> np.ndarray:
        """The exact probability of each text after `context`, [V^length], first token slowest.

        Raises ValueError for a context that there is not, or beyond 10⁶ texts.
        """
        if not 0 <= context < self.contexts:
            raise ValueError(f"context is {context}; expected 0 … {self.contexts - 1}")
        return sequence_distribution(self.p, context, self.length, self.order)


def sequence_distribution(p: np.ndarray, context: int, length: int, order: int) -> np.ndarray:
    """The texts of `length` tokens after `context` under next-token distributions p, [V^length].

    p [m, V], a learner's as well as a task's. Raises ValueError beyond 10⁶ texts.

    >>> sequence_distribution(np.array([[0.5, 0.5]]), 0, 3, order=0).tolist() == [0.125] * 8
    True
    """
    V = p.shape[1]
    if V**length > MOST_OUTCOMES:
        raise ValueError(f"{V}^{length} texts; expected at most {MOST_OUTCOMES:,} to enumerate")
    found = np.asarray(p[context], np.float64)
    for _ in range(length - 1):
        last = p[np.arange(len(found)) % V] if order else p[context]
        found = (found[:, None] * last).reshape(-1)
    return found


def drawn(rng: np.random.Generator, p: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """One symbol from p[row] for each of the rows, by the inverse distribution function, [n]."""
    cumulative = np.cumsum(p, axis=1)
    # A row's sum may round to below 1, and no draw may pass the last symbol that can occur.
    cumulative /= cumulative[:, -1:]
    if len(p) == 1:
        return np.searchsorted(cumulative[0], rng.random(len(rows)), side="right")
    symbols = np.empty(len(rows), np.int64)
    order = np.argsort(rows, kind="stable")
    values, starts = np.unique(rows[order], return_index=True)
    for row, mine in zip(values, np.split(order, starts[1:]), strict=True):
        symbols[mine] = np.searchsorted(cumulative[row], rng.random(len(mine)), side="right")
    return symbols


def counts(data: TextData, m: int, V: int) -> np.ndarray:
    """How often each token came first after each context, int64 [m, V].

    Raises ValueError for contexts outside 0 … m − 1 or tokens outside 0 … V − 1.

    >>> counts(TextData(np.array([0, 0, 1]), np.array([[1], [1], [0]])), 2, 2).tolist()
    [[0, 2], [1, 0]]
    """
    contexts, first = np.asarray(data.contexts), np.asarray(data.tokens)[:, 0]
    for name, values, size in (("context", contexts, m), ("token", first, V)):
        outside = values[(values < 0) | (values >= size)]
        if outside.size:
            raise ValueError(f"{name} {outside[0]}; expected 0 … {size - 1}")
    return np.bincount(contexts * V + first, minlength=m * V).reshape(m, V)
