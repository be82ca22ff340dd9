"""Which examples a prompt shows, and how they are written."""

from __future__ import annotations

import sys
from collections import defaultdict
from itertools import pairwise

import jax
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmsim.elicit.prompts import Full, Retrieve, Subsample, Window, answer, text_prompt


@st.composite
def datasets(draw: st.DrawFn) -> tuple[list[int], list[list[int]], int, int, int]:
    """contexts, tokens, the query, V and m."""
    V, m, length = (draw(st.integers(1, most)) for most in (5, 4, 3))
    contexts = draw(st.lists(st.integers(0, m - 1), min_size=1, max_size=8))
    token = st.integers(0, V - 1)
    text = st.lists(token, min_size=length, max_size=length)
    tokens = draw(st.lists(text, min_size=len(contexts), max_size=len(contexts)))
    return contexts, tokens, draw(st.integers(0, m - 1)), V, m


@given(datasets())
def test_what_follows_a_context_is_the_answers_to_it(data) -> None:
    contexts, tokens, query, V, m = data
    prompt = text_prompt(contexts, tokens, query, V, m)
    told, given = defaultdict(list), defaultdict(list)
    for before, after in pairwise(prompt):
        if before >= V:
            told[before - V].append(after)
    for context, text in zip(contexts, tokens, strict=True):
        given[context].append(text[0])
    assert told == given
    assert prompt[-1] == V + query
    assert len(prompt) == len(contexts) * (1 + len(tokens[0])) + 1


@given(datasets(), st.integers(1, 10))
def test_a_window_is_the_end_of_the_data(data, k: int) -> None:
    contexts, _, query, _, _ = data
    every = Full().indices(contexts, query)
    assert Window(k).indices(contexts, query).tolist() == every[-k:].tolist()


@given(st.sampled_from([1, 7, 100]), st.sampled_from([0.07, 0.25, 0.5, 1.0]))
def test_a_subsample_is_some_of_the_data_by_its_key(n: int, rho: float) -> None:
    shown = Subsample(rho).indices(np.arange(n), 0, jax.random.key(3))
    assert shown.tolist() == sorted(set(shown.tolist()))
    assert rho * n - 1e-9 <= len(shown) < rho * n + 1
    again = Subsample(rho).indices(np.arange(n), 0, jax.random.key(3))
    assert shown.tolist() == again.tolist()


@given(datasets(), st.integers(1, 10))
def test_retrieval_finds_the_examples_of_the_context_first(data, k: int) -> None:
    contexts, _, query, _, _ = data
    shown = set(Retrieve(k).indices(contexts, query).tolist())
    matching = {i for i, c in enumerate(contexts) if c == query}
    assert len(shown) == min(k, len(contexts))
    assert matching <= shown or (shown <= matching and shown == set(sorted(matching)[:k]))


points = st.lists(st.lists(st.integers(-3, 3), min_size=2, max_size=2), min_size=1, max_size=9)


@given(points, st.integers(1, 10))
def test_retrieval_finds_the_nearest_inputs(rows: list[list[int]], k: int) -> None:
    x = np.array(rows, float)
    shown = Retrieve(k).indices(x, [1.0, 0.0])
    distance = ((x - [1.0, 0.0]) ** 2).sum(1)
    others = np.delete(distance, shown)
    assert len(shown) == min(k, len(x))
    assert not others.size or distance[shown].max() <= others.min()


def test_without_faiss_the_search_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "faiss", None)
    with pytest.raises(ValueError, match=r"needs faiss; expected pip install 'tmsim\[faiss\]'"):
        Retrieve(1, approximate_above=1).indices(np.zeros((2, 1)), [0.0])


def test_an_answer_is_over_tokens() -> None:
    seen = np.array([1 / 3, 2 / 3, 0], np.float32)
    assert answer(seen, 2).sum() == 1
    assert answer([[0.2] * 5], V=2).tolist() == [[0.5, 0.5]]


BAD = {
    "a window of -1": (lambda: Window(-1), "Window: -1 examples"),
    "a fraction of 2": (lambda: Subsample(2.0), "a fraction of 2.0"),
    "a fraction of NaN": (lambda: Subsample(float("nan")), "a fraction of nan"),
    "nothing retrieved": (lambda: Retrieve(0), "Retrieve: 0 examples"),
    "no key": (lambda: Subsample(0.5).indices([1, 2], 1), "no key"),
    "no examples": (lambda: Full().indices([], 0), r"shape \(0,\)"),
    "an input that is NaN": (lambda: Retrieve(1).indices([[np.nan]], [0.0]), "holds nan"),
    "a query of another length": (
        lambda: Retrieve(1).indices([[0.0]], [0.0, 1.0]), r"shape \(2,\)"),
    "too long": (lambda: text_prompt([0, 0], [[1], [1]], 0, 2, 1, limit=4), "5 tokens.*holds 4"),
    "an unknown token": (lambda: text_prompt([0], [[2]], 0, 2, 1), "a token is 2: expected 0 to 1"),
    "an unknown context": (lambda: text_prompt([3], [[1]], 0, 2, 1), "a context is 3"),
    "an unknown query": (lambda: text_prompt([0], [[1]], 1, 2, 1), "query's context is 1"),
    "tokens that are no integers": (lambda: text_prompt([0], [[0.5]], 0, 2, 1), "type float64"),
    "no weight": (lambda: answer([0.0, 0.0, 1.0], 2), "no weight"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_line_with_the_value(name: str) -> None:
    make, told = BAD[name]
    with pytest.raises(ValueError, match=told) as error:
        make()
    assert "\n" not in str(error.value)
