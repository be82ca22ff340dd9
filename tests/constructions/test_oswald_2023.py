"""Gradient descent by linear attention: the slip of the unmasked query, and each part's lemma."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import Phase, find, settings

from constructions.bai_2023 import Bai2023
from constructions.oswald_2023 import Oswald2023
from constructions.rosenblatt_1958 import Rosenblatt1958
from tmsim.lemmas import violations
from tmsim.machines.models.least_squares import LeastSquares
from tmsim.machines.models.logistic import Logistic
from tmsim.proofs import Affine, Bounds, Neuron, Program, exact
from tmsim.testing.laws.case import Setting, right
from tmsim.testing.laws.draw import frames_of, quiet
from tmsim.testing.models import least_squares, logistic, perceptron

OSWALD = Oswald2023()
DATA = ([([1, 0], 1), ([0, 2], -1), ([1, 1], 2), ([2, -1], 0)], [1, 2])


def predicted(masked: bool, steps: int) -> Fraction:
    """The query's prediction in exact arithmetic, with or without a key on its row."""
    learner = LeastSquares(2, (Fraction(1, 4),) * steps)
    frame = OSWALD.frame(learner, Bounds(steps + 1, 4))
    program = OSWALD.program(frame).bind(OSWALD.leaves(learner, frame))
    rows = [dict(row) for row in OSWALD.prompt(learner, DATA, (), frame).rows]
    if not masked:
        rows[-1] |= {f"key[{c}]": rows[-1][f"feature[{c}]"] for c in range(2)}
    last = exact.decode(program, rows, steps + 1).rows[-1]
    return Fraction(last[program.stream.slot(program.stream.registers["prediction"][0].unit())])


def test_a_query_with_a_key_is_pulled_to_zero_from_the_second_step_on() -> None:
    # One step: the query's own error is 0 - 0. Two: its prediction counts as its error.
    assert predicted(True, 1) == predicted(False, 1) != 0
    off = abs(predicted(False, 2) / predicted(True, 2) - 1)
    assert off > Fraction(9, 100)


@pytest.mark.parametrize("steps", [0, 1, 5])
def test_the_prediction_is_the_models(steps: int) -> None:
    learner = LeastSquares(2, (Fraction(1, 4),) * steps)
    (a, b), (u, v) = learner.last(DATA, steps).weights, DATA[1]
    assert predicted(True, steps) == a * u + b * v


def without(program: Program, layer: int, neuron: int) -> Program:
    """The program with one neuron writing nothing."""
    neurons = [*program.layers[layer].neurons]
    neurons[neuron] = Neuron(neurons[neuron].reads, Affine({}))
    layers = [*program.layers]
    layers[layer] = replace(layers[layer], neurons=neurons)
    return replace(program, layers=layers)


# Layer, neuron, and the register that then is wrong.
PARTS = [
    (OSWALD, least_squares, 0, 0, "gradient"), (OSWALD, least_squares, 0, 1, "gradient"),
    (OSWALD, least_squares, 0, 2, "rate"), (OSWALD, least_squares, 1, 0, "next_trace"),
    (OSWALD, least_squares, 1, 1, "next_trace"), (OSWALD, least_squares, 1, 2, "next_prediction"),
    (OSWALD, least_squares, 1, 3, "next_prediction"),
    (OSWALD, least_squares, 1, 4, "next_prediction"), (OSWALD, least_squares, 2, 0, "above"),
    (Bai2023(), logistic, 0, 3, "chance"), (Bai2023(), logistic, 0, 8, "chance"),
    (Rosenblatt1958(), perceptron, 0, 2, "above"), (Rosenblatt1958(), perceptron, 1, 0, "mistake"),
    (Rosenblatt1958(), perceptron, 1, 1, "mistake"),
    (Rosenblatt1958(), perceptron, 2, 2, "next_prediction"),
    (Rosenblatt1958(), perceptron, 2, 4, "next_turn"),
    (Rosenblatt1958(), perceptron, 2, 8, "next_done"),
]  # fmt: skip


@pytest.mark.parametrize(("construction", "strategies", "layer", "neuron", "register"), PARTS)
def test_a_missing_neuron_is_told_by_its_lemma(
    construction: Any, strategies: Any, layer: int, neuron: int, register: str
) -> None:
    [frame] = frames_of(construction)
    program = without(construction.program(frame), layer, neuron)
    setting = Setting.default(construction, frame)

    def broken(case: Any) -> bool:
        bound = program.bind(construction.leaves(case.machine, frame))
        taken = right(setting, case)[0].rows()
        passes = construction.passes(case.machine, case.tapes, (), taken, frame)
        return any(v.register == register for v in violations(bound, passes))

    find(strategies.cases(frame), broken, settings=settings(quiet(400), phases=[Phase.generate]))


def test_knots_are_the_frames() -> None:
    learner = Logistic(1, (), knots=4)
    frame = replace(Bai2023().frame(learner, Bounds(1, 1)), symbols=8)
    with pytest.raises(ValueError, match="4 knots: expected 8, the frame's symbols"):
        Bai2023().leaves(learner, frame)
