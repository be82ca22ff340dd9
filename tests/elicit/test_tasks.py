"""Tasks: what they draw is what they say, and what they say is exact."""

from __future__ import annotations

from itertools import product
from math import pi

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tmsim.elicit import sources
from tmsim.elicit.distance import total_variation
from tmsim.elicit.tasks.linear import LinearTask, angle, disagreement
from tmsim.elicit.tasks.text import TextTask, counts

KEY = jax.random.key(0)


def chain(V: int, seed: int) -> np.ndarray:
    return np.stack([sources.dirichlet(k, V) for k in jax.random.split(jax.random.key(seed), V)])


@given(st.integers(1, 4), st.integers(1, 4), st.sampled_from([0, 1]), st.integers(0, 99))
def test_texts_have_the_product_of_their_tokens(V: int, length: int, order: int, seed: int) -> None:
    task = TextTask.balanced(chain(V, seed), length, order)
    told = task.sequence_distribution(V - 1)
    assert told.sum() == pytest.approx(1)
    for at, text in enumerate(product(range(V), repeat=length)):
        now, chance = V - 1, 1.0
        for token in text:
            chance *= task.p[now, token]
            now = token if order else now
        assert told[at] == pytest.approx(chance, abs=1e-15)


@pytest.mark.parametrize("order", [0, 1])
def test_samples_have_the_distribution(order: int) -> None:
    task = TextTask(chain(3, 1), [0.2, 0.5, 0.3], length=3, order=order)
    contexts, tokens = task.sample(KEY, 60_000)
    assert np.bincount(contexts) / len(contexts) == pytest.approx([0.2, 0.5, 0.3], abs=0.01)
    texts = tokens[contexts == 1] @ [9, 3, 1]
    found = np.bincount(texts, minlength=27) / len(texts)
    assert total_variation(found, task.sequence_distribution(1)) < 0.025


@given(st.integers(1, 5), st.integers(1, 20), st.integers(0, 99))
def test_each_context_has_as_many_examples_and_keys_decide(m: int, n: int, seed: int) -> None:
    task = TextTask.zipf(np.tile(sources.zipf(6), (m, 1)))
    key = jax.random.key(seed)
    data = task.sample_each(key, n)
    assert (counts(data, m, 6).sum(1) == n).all()
    assert (data.tokens == task.sample_each(key, n).tokens).all()


def test_a_token_without_probability_is_never_drawn() -> None:
    task = TextTask.balanced([[0.0, 0.3, 0.7, 0.0]])
    assert set(task.sample(KEY, 5000).tokens.ravel()) == {1, 2}


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: TextTask([[0.5, 0.5]], [1.0], length=0), "length is 0"),
        (lambda: TextTask([[0.5, 0.5]], [1.0], order=2), "order is 2"),
        (lambda: TextTask([[0.5, 0.5]], [1.0], order=1), "p has 1 contexts"),
        (lambda: TextTask([[0.5, 0.6]], [1.0]), "p has a row with sum 1.1"),
        (lambda: TextTask([[0.5, 0.5]], [0.5, 0.5]), "weights"),
        (lambda: TextTask.balanced([[0.5, 0.5]]).sample(KEY, 0), "n is 0"),
        (lambda: TextTask.balanced([[0.5, 0.5]]).sequence_distribution(1), "context is 1"),
        (lambda: TextTask.balanced([[0.5, 0.5]], 20).sequence_distribution(0), r"2\^20 texts"),
        (lambda: counts(TextTask.balanced([[0.5, 0.5]]).sample(KEY, 9), 1, 1), "token 1"),
        (lambda: LinearTask([0.0, 0.0]), "w has the entries"),
        (lambda: LinearTask([1.0], noise=0.5), "noise is 0.5"),
        (lambda: LinearTask([1.0], margin=-1), "margin is -1"),
        (lambda: LinearTask([1.0], margin=1, inputs="sphere"), "margin is 1"),
        (lambda: LinearTask([1.0], inputs="cube"), "inputs is 'cube'"),
        (lambda: LinearTask([1.0, 0.0]).sample(KEY, 0), "n is 0"),
        (lambda: LinearTask([1.0, 0.0]).error([1.0]), "v has 1 entries"),
        (lambda: LinearTask([1.0]).error([np.nan]), "v has the entries"),
    ],
)
def test_bad_input_is_named(make, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make()


linear_tasks = st.builds(
    LinearTask.random,
    st.integers(0, 99).map(jax.random.key),
    st.integers(2, 6),
    st.sampled_from([0.0, 0.1, 0.3]),
    st.sampled_from([0.0, 0.5, 1.0]),
)


@settings(max_examples=20)
@given(linear_tasks, st.integers(0, 99))
def test_errors_are_what_samples_show(task: LinearTask, seed: int) -> None:
    v = np.random.default_rng(seed).standard_normal(len(task.w))
    x, y = task.sample(jax.random.key(seed), 20_000)
    wrong = (np.where(x @ v < 0, -1, 1) != y).mean()
    assert wrong == pytest.approx(task.error(v), abs=0.02)
    assert (np.abs(x @ task.w) >= task.margin * (1 - 1e-9)).all()
    assert task.error(task.w) == pytest.approx(task.noise)


def test_the_sphere_has_the_same_errors() -> None:
    task = LinearTask([1.0, 2.0, 2.0], inputs="sphere")
    x, y = task.sample(KEY, 20_000)
    assert np.linalg.norm(x, axis=1) == pytest.approx(1)
    assert (np.sign(x @ [0.0, 0.0, 1.0]) != y).mean() == pytest.approx(
        task.error([0, 0, 1]), abs=0.02
    )


@given(st.floats(0, pi), st.floats(0, 3))
def test_a_margin_never_makes_disagreement_likelier_below_a_right_angle(
    theta: float, gamma: float
) -> None:
    smaller, plain = disagreement(theta, gamma), disagreement(theta)
    assert 0 <= smaller <= 1
    assert (smaller <= plain + 1e-9) == (theta <= pi / 2) or smaller == pytest.approx(plain)


@given(st.floats(1e-8, pi))
def test_angles_are_accurate(theta: float) -> None:
    assert angle([2.0, 0.0], [np.cos(theta), np.sin(theta)]) == pytest.approx(theta, rel=1e-6)


def test_the_zero_vector_guesses() -> None:
    assert LinearTask([1.0, 0.0]).error([0.0, 0.0]) == 0.5
