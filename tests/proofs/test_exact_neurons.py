"""What single neurons make of a number."""

from __future__ import annotations

from fractions import Fraction

import pytest

from tests.proofs.toys import activated, one_layer
from tmsim.proofs import Activation, Layer, Neuron, Stream
from tmsim.proofs.exact import forward


@pytest.mark.parametrize(
    ("activation", "x", "out"),
    [
        (Activation.relu, Fraction(-1, 2), 0),
        (Activation.relu, Fraction(5, 2), Fraction(5, 2)),
        (Activation.clipped, Fraction(1, 3), Fraction(1, 3)),
        (Activation.clipped, 7, 1),
        (Activation.clipped, -7, 0),
        (Activation.heaviside, 0, 0),
        (Activation.heaviside, Fraction(1, 9), 1),
        (Activation.sigmoid, 0, Fraction(1, 2)),
    ],
)
def test_activations(activation, x, out) -> None:
    assert activated(x, activation=activation) == out


def test_a_sigmoid_is_enclosed() -> None:
    for x, low in ((-1, 26894), (1, 73105)):  # 1/(1 + e) and e/(1 + e)
        out = activated(x, activation=Activation.sigmoid)
        assert Fraction(low, 10**5) < out < Fraction(low + 1, 10**5)


def test_a_threshold_is_off_at_a_zero_that_fractions_add_up_to() -> None:
    s = Stream()
    x, y, out = s.scalar("x"), s.scalar("y"), s.scalar("out")
    step = Neuron(x + y - Fraction(1, 2), out, activation=Activation.heaviside)
    program = one_layer(s, Layer("step", neurons=[step]))
    rows = [{"x": Fraction(1, 3), "y": Fraction(1, 6)}, {"x": Fraction(1, 3), "y": Fraction(1, 5)}]
    assert [row[2] for row in forward(program, rows).resid[-1]] == [0, 1]


def test_a_gate_multiplies() -> None:
    assert activated(3, gate=lambda x: 2 * x - 1) == 15
    assert activated(-3, gate=lambda x: 2 * x - 1) == 0
