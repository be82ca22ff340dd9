"""The references are really trained: they reach what the theory of their loss says."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from tmsim.catalogue import find
from tmsim.elicit.base import next_token
from tmsim.elicit.distance import total_variation
from tmsim.elicit.fine_tuned import causal, hand_built, linear, tabular

COUNTS = np.array([[3, 1, 4], [2, 2, 8], [0, 0, 0]])


def test_a_table_reaches_the_empirical_distribution() -> None:
    trained = tabular.fine_tune(COUNTS, optax.sgd(6.0), 300)
    assert isinstance(trained.model, tabular.Tabular)
    told = trained.model.distribution()
    assert total_variation(told[:2], COUNTS[:2] / COUNTS[:2].sum(1, keepdims=True)).max() < 1e-5
    assert np.allclose(told[2], 1 / 3, atol=1e-12), "a context that was never seen stays uniform"
    assert trained.losses.shape == (300,)
    assert (np.diff(trained.losses) < 1e-6).all()


def test_least_squares_is_gradient_descent() -> None:
    rng = np.random.default_rng(5)
    x, y, w = rng.standard_normal((7, 3)), rng.standard_normal(7), np.zeros(3)
    for _ in range(60):
        w -= 0.2 * x.T @ (x @ w - y) / len(y)
    with jax.enable_x64(True):
        model = linear.fine_tune(x, y, optax.sgd(0.2), 60).model
        assert isinstance(model, linear.Linear)
        assert np.allclose(model.w[...], w, atol=1e-13)


@pytest.mark.parametrize("loss", [linear.logistic, linear.perceptron])
def test_a_classifier_learns_separable_labels_by_batches(loss) -> None:
    rng = np.random.default_rng(6)
    x = rng.standard_normal((60, 2))
    x, y = x[abs(x[:, 0]) > 0.3], np.sign(x[abs(x[:, 0]) > 0.3, 0])
    # The perceptron's loss is 0 at the start that answers 0, and its gradient there is not.
    found = [
        linear.fine_tune(
            x, y, optax.sgd(1.0), 300, loss=loss, batch=16, key=jax.random.key(1)
        ).model
        for _ in range(2)
    ]
    first, again = (np.asarray(model.w[...]) for model in found)  # type: ignore[attr-defined]
    assert (np.sign(x @ first) == y).mean() > 0.97
    assert first.tolist() == again.tolist(), "the same key, the same batches"


def test_a_causal_transformer_is_pretrained_and_then_fine_tuned() -> None:
    rng = np.random.default_rng(7)
    base = rng.integers(0, 4, (400, 3))
    p = np.array([0.7, 0.2, 0.1, 0.0])
    data = np.column_stack([np.zeros(400, int), rng.choice(4, (400, 2), p=p)])
    model = causal.Causal(4, 3, jax.random.key(0), d_model=16, layers=1)
    before = causal.fit(model, base, 150, key=jax.random.key(1))
    apart = total_variation(model.distribution([[0]]), p)[0]
    assert abs(before.losses[-20:].mean() - np.log(4)) < 0.05, "the base distribution is uniform"
    after = causal.fit(model, data, 150, key=jax.random.key(2))
    assert after.losses[-20:].mean() < before.losses[-20:].mean() - 0.3
    assert total_variation(model.distribution([[0]]), p)[0] < 0.08 < apart
    told = model(jnp.array([[0, 1, 2], [0, 1, 3]]))
    assert np.array_equal(told[0, :2], told[1, :2]), "the future is not seen"


def test_the_hand_built_base_is_trained_from_its_own_weights() -> None:
    olsson = find("olsson_2022")
    untrained = hand_built.HandBuilt(olsson, m=2, V=3)
    asked = next_token(olsson, [[3], [4]], 5, answers=3)
    assert np.array_equal(untrained(jnp.arange(2)), asked[:, :3]), "the prompt of a query alone"
    seen = np.array([[3, 1, 0], [1, 1, 2]])
    trained = hand_built.fine_tune(olsson, seen, 600)
    assert isinstance(trained.model, hand_built.HandBuilt)
    told = trained.model.distribution()
    assert total_variation(told, seen / seen.sum(1, keepdims=True)).max() < 0.01
    assert told[0, 2] == 0, "no probability for what was never seen"
    prompts = [[3, 0, 3, 0, 3, 0, 3, 1, 3], [4, 0, 4, 1, 4, 2, 4, 2, 4]]
    in_context = next_token(olsson, prompts, 5, answers=3)[:, :3].astype(float)
    in_context /= in_context.sum(1, keepdims=True)
    assert total_variation(told, in_context).max() < 0.01, "in context and fine-tuned agree"
    assert not np.array_equal(trained.model.embedding[...], untrained.embedding[...])


SGD = optax.sgd(0.1)
MODEL = causal.Causal(3, 2, jax.random.key(0), d_model=4, layers=1)
BAD = {
    "no steps": (lambda: tabular.fine_tune([[1, 1]], SGD, 0), "0 steps"),
    "no examples": (lambda: tabular.fine_tune([[0, 0]], SGD, 1), "one not 0"),
    "a token outside": (lambda: tabular.counts([0], [2], 1, 2), "a token is 2"),
    "nothing to count": (lambda: tabular.counts([], [], 1, 2), r"shape \(0,\)"),
    "labels of another length": (lambda: linear.fine_tune([[1.0]], [1, 1], SGD, 1), r"\(2,\)"),
    "NaN": (lambda: linear.fine_tune([[np.nan]], [1], SGD, 1), "x holds nan"),
    "batches without a key": (lambda: linear.fine_tune([[1.0]], [1], SGD, 1, batch=1), "no key"),
    "a loss that diverges": (
        lambda: linear.fine_tune([[1e3]], [1], optax.sgd(9.0), 60), "loss is inf at step"),
    "too long": (lambda: MODEL.distribution([[0, 1, 2]]), "3 symbols.*context is 2"),
    "an unknown symbol": (lambda: MODEL.distribution([[3]]), "a symbol is 3"),
    "nothing to predict": (
        lambda: causal.fit(MODEL, [[1, 2]], 1, key=jax.random.key(0), prompt=2), "2 of 2 symbols"),
    "another base": (lambda: hand_built.HandBuilt(find("wei_2021"), 1, 2), "expected NGram"),
    "a context without examples": (
        lambda: hand_built.fine_tune(find("olsson_2022"), [[1, 0], [0, 0]]), "rows not 0"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_line_with_the_value(name: str) -> None:
    make, told = BAD[name]
    with pytest.raises(ValueError, match=told) as error:
        make()
    assert "\n" not in str(error.value)
