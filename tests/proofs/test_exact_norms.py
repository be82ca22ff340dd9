"""Layer norm in exact arithmetic: roots stay roots, and equal hashes are equal."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from tests.proofs.toys import one_layer
from tmsim.proofs import (
    Head,
    Layer,
    Neuron,
    Prefix,
    PreNorm,
    Program,
    Stream,
    Sum,
    Token,
    Unique,
)
from tmsim.proofs.exact import forward
from tmsim.proofs.exact_numbers import root


def phi_program(compared: bool) -> Program:
    """φ(x, y) = LN(x, y, -x, -y), read by four neurons (and their negatives)."""
    s = Stream()
    x, y = s.scalar("x"), s.scalar("y")
    phi = [s.scalar(f"phi{c}") for c in range(4)]
    view = Stream()
    seen = [view.scalar(f"v{c}") for c in range(4)]
    norm = PreNorm(view, [1 * x, 1 * y, -x, -y], unit=True)
    copied = [Neuron(a * v, a * p) for v, p in zip(seen, phi, strict=True) for a in (1, -1)]
    layers = [Layer("φ", neurons=copied, norm=norm)]
    if compared:
        found = s.scalar("found")
        head = Head("match", phi, phi, [x], [found], Unique())
        layers.append(Layer("match", [head]))
    return Program(s, layers, [], Token(()), [], [])


@given(st.integers(-50, 50), st.integers(1, 50))
def test_phi_forgets_the_common_denominator(x, i) -> None:
    """Lemma 1 of Merrill and Sabharwal (2024): φ(x/i, 1/i) = φ(x, 1)."""
    scaled = {"x": Fraction(x, i), "y": Fraction(1, i)}
    a, b = forward(phi_program(False), [scaled, {"x": x, "y": 1}]).resid[-1]
    assert a[2:] == b[2:] == [c * root(Fraction(1, 2 * x * x + 2)) for c in (x, 1, -x, -1)]


@given(st.lists(st.integers(-30, 30), min_size=1, max_size=5, unique=True), st.integers(1, 9))
def test_phi_finds_an_equal_number_and_no_other(numbers, i) -> None:
    """Lemma 2 there: φ(q)·φ(k) = 1 if q = k, and is less otherwise."""
    rows = [{"x": Fraction(x, i), "y": Fraction(1, i)} for x in numbers]
    one_pass = forward(phi_program(True), rows)
    assert [a.rows for a in one_pass.attended[1][0]] == [(j,) for j in range(len(numbers))]


def test_the_plain_norm_divides_by_the_standard_deviation() -> None:
    s = Stream()
    a, b, out = s.scalar("a"), s.scalar("b"), s.scalar("out")
    layer = Layer("norm", neurons=[Neuron(a, out)], norm=PreNorm())
    # v = (3, 0, 0): mean 1, variance 2, so LN(v)₀ = 2/√2 = √2.
    assert forward(one_layer(s, layer), [[3, 0, 0]]).resid[-1][0][2] == root(2)
    assert forward(one_layer(s, layer), [[0, 0, 0]]).resid[-1][0] == [0, 0, 0]
    with_eps = Layer("norm", neurons=[Neuron(a, out)], norm=PreNorm(eps=2))
    assert forward(one_layer(s, with_eps), [[3, 0, 0]]).resid[-1][0][2] == 1
    del b


def test_cross_attention_in_a_normed_layer_reads_the_encoders_rows_as_they_are() -> None:
    s = Stream()
    x, read = s.scalar("x"), s.scalar("read")
    view = Stream()
    seen = [view.scalar("plus"), view.scalar("minus")]
    head = Head("cross", [], [], [x], [read], Sum(), visible=Prefix())
    layer = Layer("cross", [head], norm=PreNorm(view, [1 * x, -x]))
    assert forward(one_layer(s, layer), [{"x": 2}], [{"x": 3}]).resid[-1] == [[2, 3]]
    assert len(seen) == view.width
