"""Base learners on many prompts: equal to the engine, to the model, and to optax."""

from __future__ import annotations

from fractions import Fraction

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tmsim import catalogue
from tmsim.elicit.base import NONE, next_token, predict
from tmsim.machines.models.least_squares import LeastSquares
from tmsim.machines.models.logistic import Logistic
from tmsim.machines.models.ngram import NGram
from tmsim.machines.models.perceptron import Perceptron
from tmsim.proofs import Bounds, Frame
from tmsim.testing.laws.case import Case, Setting
from tmsim.testing.laws.engine import all_at_once, assembled, encoded, prompted

OLSSON, OSWALD, BAI, ROSENBLATT = (
    catalogue.find(name) for name in ("olsson_2022", "oswald_2023", "bai_2023", "rosenblatt_1958")
)
prompts = st.lists(st.integers(0, 3), min_size=1, max_size=40)


@settings(max_examples=25, deadline=None)
@given(prompts, st.integers(0, 2), st.sampled_from(["float32", "float64", "bfloat16"]))
def test_the_distribution_is_the_engines_bit_for_bit(text, order, dtype) -> None:
    machine = NGram((0, 1, 2, 3), order, answers=(0, 1, 2))
    setting = Setting(OLSSON, Frame(2, 4, max(order, 1), Bounds(1, 1)), None, dtype)
    case = Case(machine, tuple(text), ())
    with jax.enable_x64(True):
        t = assembled(setting, case)
        given, encoder = prompted(setting, case)
        final = all_at_once(t, given, encoded(t, encoder))[-1][-1]
    at = [span.start for span in t.registers if span.name.startswith("p[")]
    found = next_token(OLSSON, [text], 4, order=order, answers=3, dtype=dtype)
    np.testing.assert_array_equal(found[0], final[at])


@settings(max_examples=25, deadline=None)
@given(st.lists(prompts, min_size=1, max_size=5), st.integers(0, 3))
def test_prompts_of_different_lengths_are_filled_in_front(texts, order) -> None:
    longest = max(map(len, texts))
    filled = [[NONE] * (longest - len(text)) + text for text in texts]
    found = next_token(OLSSON, filled, 4, order=order, dtype="float64")
    learner = NGram((0, 1, 2, 3), order)
    expected = [[float(p) for p in learner.distribution(text).values()] for text in texts]
    # Two roundings: compiled, a mean is the sum times the reciprocal of the count.
    np.testing.assert_allclose(found, expected, rtol=2**-52, atol=0)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([[]], r"prompts of shape \(1, 0\)"),
        ([[0.5]], "expected integers"),
        ([[0, 4]], "prompt 0, place 1: token 4; expected 0 … 3"),
        ([[0, -1, 0]], "prompt 0, place 1: token -1"),
        ([[0] * 128], "prompt of 128 tokens: expected at most 127, the claim in bfloat16"),
    ],
)
def test_what_is_wrong_with_a_prompt_is_named(given, message) -> None:
    with pytest.raises(ValueError, match=message):
        next_token(OLSSON, given, 4, dtype="bfloat16")


def drawn(seed: int, n: int, d: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(1, n, d)), rng.normal(size=(1, n)), rng.normal(size=(3, d))


@settings(max_examples=12, deadline=None)
@given(
    st.integers(0, 1000), st.integers(1, 8), st.integers(1, 4),
    st.sampled_from([0, 0.5, 0.9]), st.booleans(), st.sampled_from([0, 0.1]),
    st.sampled_from([1, 10, 100]), st.sampled_from([("float32", 2e-5), ("float64", 1e-12)]),
)  # fmt: skip
def test_descent_is_optaxs(seed, n, d, momentum, nesterov, decay, steps, precision) -> None:
    """Also with a schedule: the rate falls by half half-way. Rates are below 2/λmax."""
    dtype, tolerance = precision
    x, y, asked = drawn(seed, n, d)
    largest = np.linalg.eigvalsh(x[0].T @ x[0] / n)[-1] + decay
    rates = [1.5 / largest if 2 * t < steps else 0.75 / largest for t in range(steps)]
    if momentum:  # Nesterov's momentum is stable for smaller rates only
        rates = [rate / 3 for rate in rates]
    exact = tuple(map(Fraction, rates))
    learner = LeastSquares(d, exact, Fraction(momentum), Fraction(decay), nesterov)
    found = predict(OSWALD, learner, x, y, asked, dtype=dtype)[0]
    with jax.enable_x64(True):
        xs, ys, schedule = jnp.asarray(x[0]), jnp.asarray(y[0]), jnp.asarray(rates)
        chain = optax.chain(
            optax.add_decayed_weights(decay),
            optax.sgd(lambda t: schedule[t], momentum or None, nesterov),
        )

        def step(carry, _):
            w, state = carry
            g = jax.grad(lambda v: ((xs @ v - ys) ** 2).mean() / 2)(w)
            updates, state = chain.update(g, state, w)
            return (optax.apply_updates(w, updates), state), None

        w = jnp.zeros(d)
        (w, _), _ = jax.lax.scan(step, (w, chain.init(w)), length=steps)
        w = np.asarray(w)
    scale = np.linalg.norm(w) * np.linalg.norm(asked, axis=1)
    assert (np.abs(found - asked @ w) <= tolerance * scale).all()


def test_the_logistic_learner_is_near_the_sigmoids() -> None:
    x, y, asked = drawn(1, 30, 3)
    y, steps, knots = (y > 0).astype(float), 20, 512
    learner = Logistic(3, (Fraction(1),) * steps, knots=knots)
    found = predict(BAI, learner, x, y, asked)[0]
    w = np.zeros(3)
    for _ in range(steps):
        w -= x[0].T @ (1 / (1 + np.exp(-x[0] @ w)) - y[0]) / 30
    assert 0 < np.abs(found - asked @ w).max() < 1e-3


def test_the_perceptron_is_the_models() -> None:
    x = np.random.default_rng(0).integers(-3, 4, (1, 9, 2))
    y = np.where(x[0] @ [2, -1] > 0, 1, -1)[None]
    run = Perceptron(2).run(([*zip(x[0].tolist(), y[0].tolist(), strict=True)], [0, 0]), 40)
    found = predict(ROSENBLATT, Perceptron(2), x, y, np.eye(2), passes=len(run.steps))
    assert [*found[0]] == [*map(float, run.configuration.weights)]


@pytest.mark.parametrize(
    ("x", "y", "asked", "message"),
    [
        (np.zeros((1, 0, 2)), np.zeros((1, 0)), np.zeros((1, 2)), "x of shape"),
        (np.zeros((1, 3, 2)), np.zeros((1, 2)), np.zeros((1, 2)), "y of shape"),
        (np.zeros((1, 3, 2)), np.zeros((1, 3)), np.zeros((1, 3)), "asked of shape"),
        (np.full((1, 3, 2), np.nan), np.zeros((1, 3)), np.zeros((1, 2)), "x holds nan"),
    ],
)
def test_what_is_wrong_with_data_is_named(x, y, asked, message) -> None:
    with pytest.raises(ValueError, match=message):
        predict(OSWALD, LeastSquares(2, (Fraction(1),)), x, y, asked)
