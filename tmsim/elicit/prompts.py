"""Prompts: labelled examples and a query, and which of the examples are shown.

The token format of a text task with a vocabulary of V tokens and m contexts: the base model's
vocabulary has V + m symbols, token v is the symbol v and context c the symbol V + c. An example is
its context's symbol and then its tokens; a prompt is the examples in order and then the query's
context's symbol. A context has a symbol of its own, so that what follows it is an answer and never
the next example: the successors of V + c in the prompt are the answers that were given to c.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from numpy.typing import ArrayLike, NDArray

Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Selection:
    """Which examples of a dataset a prompt shows: a value with `indices`."""

    def indices(self, examples: ArrayLike, query: Any, key: Any = None) -> Indices:
        """The rows shown, ascending.

        `examples` [n] whole numbers (contexts) or [n, d] numbers (inputs) and `query` [] or [d] of
        the same kind; `key` a jax.random key, which only a random selection asks for. ValueError
        where there are no examples.
        """
        rows = np.asarray(examples)
        if rows.ndim not in (1, 2) or not len(rows):
            raise ValueError(f"examples of shape {rows.shape}: expected [n] or [n, d] with n >= 1")
        return self._chosen(rows, query, key)

    def _chosen(self, rows: NDArray[Any], query: Any, key: Any) -> Indices:
        raise NotImplementedError


@dataclass(frozen=True)
class Full(Selection):
    """Every example.

    >>> Full().indices([4, 5, 4], 4)
    array([0, 1, 2])
    """

    def _chosen(self, rows: NDArray[Any], query: Any, key: Any) -> Indices:
        del query, key
        return np.arange(len(rows))


@dataclass(frozen=True)
class Window(Selection):
    """The last k examples: what a context of bounded length keeps.

    >>> Window(2).indices([4, 5, 4], 4)
    array([1, 2])
    """

    k: int

    def __post_init__(self) -> None:
        _positive("Window", self.k)

    def _chosen(self, rows: NDArray[Any], query: Any, key: Any) -> Indices:
        del query, key
        return np.arange(max(0, len(rows) - self.k), len(rows))


@dataclass(frozen=True)
class Subsample(Selection):
    """A fraction ρ of the examples, drawn without replacement: ⌈ρ n⌉ of them.

    >>> import jax
    >>> Subsample(0.5).indices([4, 5, 4], 4, jax.random.key(0)).shape
    (2,)
    """

    rho: float

    def __post_init__(self) -> None:
        if not 0 < self.rho <= 1:
            raise ValueError(f"Subsample: a fraction of {self.rho}; expected 0 < rho <= 1")

    def _chosen(self, rows: NDArray[Any], query: Any, key: Any) -> Indices:
        del query
        if key is None:
            raise ValueError("Subsample: no key; expected a jax.random key")
        # Rounded first: 0.07 * 100 is a little more than 7.
        kept = int(np.ceil(round(self.rho * len(rows), 9)))
        drawn = jax.random.choice(key, len(rows), (kept,), replace=False)
        return np.sort(np.asarray(drawn, np.int64))


@dataclass(frozen=True)
class Retrieve(Selection):
    """The k examples nearest to the query; of equally near ones the earlier.

    Contexts are near (0) when they are equal and else far (1); inputs by their Euclidean distance.
    The search is exact. With `approximate_above`, more examples than that are searched through a
    graph of neighbours (faiss's HNSW, the extra ``faiss``), which may miss some of the nearest: not
    for what claims an equality.

    >>> Retrieve(2).indices([4, 5, 4], 4)
    array([0, 2])
    >>> Retrieve(1).indices([[0.0, 1.0], [3.0, 4.0]], [3.0, 3.0])
    array([1])
    """

    k: int
    approximate_above: int | None = None

    def __post_init__(self) -> None:
        _positive("Retrieve", self.k)

    def _chosen(self, rows: NDArray[Any], query: Any, key: Any) -> Indices:
        del key
        asked, k = np.asarray(query), min(self.k, len(rows))
        if asked.shape != rows.shape[1:]:
            raise ValueError(
                f"query of shape {asked.shape}: expected {rows.shape[1:]}, as each example has"
            )
        if rows.ndim == 1:
            return np.sort(np.argsort(rows != asked, kind="stable")[:k])
        _finite("an example", rows)
        _finite("the query", asked)
        if self.approximate_above is not None and len(rows) > self.approximate_above:
            return np.sort(_graph_search(rows, asked, k))
        distance = ((rows.astype(np.float64) - asked) ** 2).sum(1)
        return np.sort(np.argsort(distance, kind="stable")[:k])


def _graph_search(rows: NDArray[Any], query: NDArray[Any], k: int) -> Indices:
    """About the k nearest rows [n, d], by faiss's graph of neighbours (Malkov & Yashunin 2018)."""
    try:
        import faiss
    except ImportError:
        raise ValueError(
            "Retrieve: approximate_above needs faiss; expected pip install 'tmsim[faiss]'"
        ) from None
    index = faiss.IndexHNSWFlat(rows.shape[1], 32)
    index.hnsw.efSearch = max(64, 2 * k)
    index.add(np.ascontiguousarray(rows, np.float32))  # type: ignore[call-arg]
    found = index.search(np.asarray(query, np.float32)[None], k)[1][0]  # type: ignore[call-arg]
    return found[found >= 0].astype(np.int64)


def text_prompt(
    contexts: ArrayLike, tokens: ArrayLike, query: int, V: int, m: int, limit: int | None = None
) -> Indices:
    """The prompt [n (1 + l) + 1] of n examples and a query, in the format of this module.

    contexts [n] in 0..m-1, tokens [n, l] in 0..V-1, query in 0..m-1. `limit` is the length of the
    base model's context. ValueError naming both lengths where the prompt is longer, and naming a
    context or token outside its range.

    >>> text_prompt([0, 1], [[2], [0]], query=1, V=3, m=2)
    array([3, 2, 4, 0, 4])
    """
    before, after = _whole("contexts", contexts), _whole("tokens", tokens)
    if before.ndim != 1 or after.ndim != 2 or len(before) != len(after):
        raise ValueError(
            f"contexts of shape {before.shape} and tokens of shape {after.shape}: expected [n] and "
            "[n, l]"
        )
    below("a context", before, m)
    below("the query's context", np.asarray(query), m)
    below("a token", after, V)
    prompt = np.append(np.column_stack([V + before, after]).ravel(), V + int(query))
    if limit is not None and len(prompt) > limit:
        raise ValueError(f"a prompt of {len(prompt)} tokens: the context holds {limit}")
    return prompt


def answer(readout: ArrayLike, V: int) -> NDArray[np.float64]:
    """The distribution [..., V] over tokens in a readout [..., V + m] over all symbols.

    After a context that has occurred no context ever follows, so that nothing is cut. After one
    that has not the base answers uniformly over its symbols, and this is then uniform over tokens.
    ValueError where no token has any weight.

    >>> answer([0.25, 0.75, 0.0], V=2)
    array([0.25, 0.75])
    >>> answer([0.25, 0.25, 0.25, 0.25], V=2)
    array([0.5, 0.5])
    """
    told = np.asarray(readout, np.float64)[..., :V]
    total = told.sum(-1, keepdims=True)
    if not (total > 0).all():
        raise ValueError(f"a readout that gives the {V} tokens no weight: expected a distribution")
    return np.where(total == 1, told, told / total)


def below(what: str, numbers: NDArray[Any], size: int) -> None:
    """ValueError naming the first of the numbers that is not in 0..size-1."""
    outside = numbers[(numbers < 0) | (numbers >= size)]
    if outside.size:
        raise ValueError(f"{what} is {outside.ravel()[0]}: expected 0 to {size - 1}")


def _whole(what: str, numbers: ArrayLike) -> Indices:
    array = np.asarray(numbers)
    if not np.issubdtype(array.dtype, np.integer):
        raise ValueError(f"{what} are of type {array.dtype}: expected whole numbers")
    return array.astype(np.int64)


def _finite(what: str, numbers: NDArray[Any]) -> None:
    bad = numbers[~np.isfinite(numbers)]
    if bad.size:
        raise ValueError(f"{what} holds {bad.ravel()[0]}: expected finite numbers")


def _positive(what: str, k: int) -> None:
    if k < 1:
        raise ValueError(f"{what}: {k} examples; expected 1 or more")
