"""Learners of weights: gradient descent and the perceptron in exact numbers."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmsim.machines.models import listings
from tmsim.machines.models.least_squares import LeastSquares, parse, write
from tmsim.machines.models.logistic import Logistic, points, tolerance
from tmsim.machines.models.perceptron import Perceptron
from tmsim.outcome import Outcome
from tmsim.testing.laws.case import Case
from tmsim.testing.models import least_squares, logistic, perceptron


@given(least_squares.cases(least_squares.FRAME))
def test_the_steps_are_those_of_arrays(case: Case) -> None:
    m: Any = case.machine
    examples, _ = case.tapes
    x = np.array([x for x, _ in examples], float)
    y = np.array([y for _, y in examples], float)
    w = trace = np.zeros(m.features)
    mu = float(m.momentum)
    for rate in map(float, m.rates):
        g = x.T @ (x @ w - y) / len(y) + float(m.decay) * w
        trace = g + mu * trace
        w = w - rate * (g + mu * trace if m.nesterov else trace)
    found = m.run(case.tapes, len(m.rates)).configuration.weights
    np.testing.assert_allclose([float(v) for v in found], w, atol=1e-12)


@given(least_squares.machines(least_squares.FRAME))
def test_text(machine: LeastSquares) -> None:
    assert parse(write(machine)) == machine


@given(logistic.machines(logistic.FRAME))
def test_text_with_knots(machine: Logistic) -> None:
    assert listings.parse("logistic", listings.write(machine)) == machine


@given(st.integers(2, 200), st.fractions(-30, 30))
def test_the_link_is_within_its_tolerance_of_the_sigmoid(knots: int, x: Fraction) -> None:
    link = Logistic(1, (), knots=knots).link(x)
    assert abs(float(link) - 1 / (1 + math.exp(-x))) <= tolerance(knots)


@given(st.integers(2, 200))
def test_the_link_passes_through_its_points(knots: int) -> None:
    learner = Logistic(1, (), knots=knots)
    assert all(learner.link(at) == value for at, value in points(knots))


@given(perceptron.cases(perceptron.FRAME))
def test_a_perceptron_that_halts_separates(case: Case) -> None:
    run = case.machine.run(case.tapes, 60)
    weights, (examples, _) = run.configuration.weights, case.tapes
    right = all(y * sum(a * b for a, b in zip(weights, x, strict=True)) > 0 for x, y in examples)
    assert right or run.outcome is Outcome.out_of_steps
    mistakes = sum(step.mistake for step in run.steps)
    assert run.outcome is Outcome.out_of_steps or not any(
        step.mistake for step in run.steps[-len(examples) :]
    )
    assert mistakes > 0  # weights 0 are wrong about every example


LEARNER: Any = LeastSquares  # made from what no type checker would let pass
DATA = [([1, 2], 1), ([0, 1], -1)], [1, 1]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: LeastSquares(0, ()), "features 0: expected 1, 2, 3, …"),
        (lambda: LEARNER(1, ("1", "x")), "rate 2 is 'x'; expected a rational number"),
        (lambda: LEARNER(1, (-1,)), "rate 1 is -1: expected 0 or more"),
        (lambda: LEARNER(1, (), momentum=float("nan")), "momentum is nan; expected"),
        (lambda: LeastSquares(2, ()).begin(([], [1, 1])), "there are no examples"),
        (lambda: LeastSquares(3, ()).begin(DATA), "example 1 has 2 features; expected 3"),
        (lambda: LeastSquares(2, ()).begin(([([1, 2], "a")], [1, 1])), "label 1 is 'a'; expected"),
        (lambda: LeastSquares(2, ()).begin(7), "input 7: expected ([([x1, …], y), …], [x1, …])"),
        (lambda: Logistic(1, (), knots=1), "knots 1: expected 2, 3, 4, …"),
        (lambda: Perceptron(0), "features 0: expected 1, 2, 3, …"),
        (lambda: Perceptron(2).begin(([([1, 2], 0)], [1, 1])), "label 1 is 0; expected 1 or -1"),
        (lambda: Perceptron(1).begin(([(["1/2"], 1)], [1])), "example 1 has 1/2; expected"),
        (lambda: parse("rates 1"), "no line says 'features'"),
        (lambda: parse("features 1\nspeed 2"), "line 2: 'speed 2'; expected one of features,"),
        (lambda: parse("features 1\nnesterov maybe"), "nesterov is 'maybe'; expected yes or no"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(make, message: str) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]*$") as caught:
        make()
    assert message in str(caught.value)
