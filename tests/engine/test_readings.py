"""Every rule, score, visibility, activation and norm of the engine, against exact arithmetic."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.reading import at_once
from tmsim.proofs import (
    ONE,
    Activation,
    All,
    Average,
    ClippedDot,
    Dot,
    Head,
    Layer,
    Leftmost,
    Linear,
    NegAbsDot,
    Neuron,
    Past,
    Prefix,
    PreNorm,
    Program,
    Rightmost,
    Softmax,
    Stream,
    Sum,
    Token,
    TopTwo,
    Unique,
    exact,
)
from tmsim.testing.laws.readings import floats

RULES = (
    Leftmost(), Rightmost(), Rightmost(Fraction(3, 2)), Average(), TopTwo(), TopTwo(Fraction(3)),
    Softmax(), Softmax(Fraction(3), Fraction(1, 2)), Linear(), Sum(),
)  # fmt: skip
SCORES = (Dot(), NegAbsDot(), ClippedDot(Fraction(3)), Dot(decimals=0))
SEEN = (Past(), Past(strict=True), Past(window=2), Past(strict=True, window=3), All(), Prefix())
ROWS, ENCODED = 5, 3
NUMBERS = st.integers(-4, 4)


def attention() -> Program:
    """A head for every rule and score, and one per visibility; each writes its own scalar."""
    s = Stream()
    a, b, value = s.scalar("a"), s.scalar("b"), s.scalar("value")
    choices = [*product(RULES, SCORES, [Past()]), *product([Rightmost(), Average()], [Dot()], SEEN)]
    heads = []
    for i, (rule, score, seen) in enumerate(choices):
        out = s.scalar(f"{i}: {rule}, {score}, {seen}")
        query, key = [a - b, Fraction(1, 4) * a], [b, 1 * a]
        heads.append(Head(f"h{i}", query, key, [value], [out], rule, score, seen))
    return Program(s, [Layer("attend", heads)], [], Token(()), [], [])


PROGRAM = attention()
ROW = st.fixed_dictionaries({"a": NUMBERS, "b": NUMBERS, "value": NUMBERS})


def assert_close(program: Program, found: np.ndarray, expected, ulps: float = 16) -> None:
    exactly = floats(expected)
    wrong = ~(np.abs(found - exactly) <= ulps * 2.0**-53 * np.maximum(1, np.abs(exactly)))
    for register in program.stream.registers.values():
        place = program.stream.place(register)
        for i in np.flatnonzero(wrong[:, place].any(1)):
            pytest.fail(f"{register.name}, row {i}: {found[i, place]}, not {exactly[i, place]}")


@given(
    st.lists(ROW, min_size=ROWS, max_size=ROWS), st.lists(ROW, min_size=ENCODED, max_size=ENCODED)
)
@settings(max_examples=20)
def test_attention(rows, encoder):
    expected = exact.forward(PROGRAM, rows, encoder).resid[-1]
    # exp(3·score) for scores up to 40 turns a relative error of u into 120·u.
    assert_close(PROGRAM, at_once(PROGRAM, rows, encoder=encoder), expected, 512)


def unique() -> Program:
    s = Stream()
    key, value, out = s.scalar("key"), s.scalar("value"), s.scalar("out")
    head = Head("one", [ONE], [key], [value], [out], Unique())
    return Program(s, [Layer("attend", [head])], [], Token(()), [], [])


@given(st.permutations(range(ROWS)))
@settings(max_examples=20)
def test_a_unique_row(keys):
    program, rows = unique(), [{"key": k, "value": k + 10} for k in keys]
    assert_close(program, at_once(program, rows), exact.forward(program, rows).resid[-1])


def neurons() -> Program:
    s = Stream()
    x, y = s.scalar("x"), s.scalar("y")
    layer = []
    for activation, gate in product(Activation, [None, y + 1]):
        out = s.scalar(f"{activation.name}, gate {gate}")
        layer.append(Neuron(x - 2 * y, 3 * out, gate, activation))
    return Program(s, [Layer("activate", neurons=layer)], [], Token(()), [], [])


@given(st.lists(st.fixed_dictionaries({"x": NUMBERS, "y": NUMBERS}), min_size=4, max_size=4))
@settings(max_examples=40)
def test_activations(rows):
    program = neurons()
    assert_close(program, at_once(program, rows), exact.forward(program, rows).resid[-1])


def normed(unit: bool, eps: Fraction, projected: bool) -> Program:
    s, view = Stream(), Stream()
    x, y, z = s.scalar("x"), s.scalar("y"), s.scalar("z")
    u, v, w = view.scalar("u"), view.scalar("v"), view.scalar("w")
    out, mean = s.scalar("out"), s.scalar("mean")
    if projected:
        norm = PreNorm(view, [x, 2 * y + 1, z - x], unit, eps)
        read, gate, value = u + 1, v - w, 1 * w
    else:
        norm, read, gate, value = PreNorm(unit=unit, eps=eps), x + 1, y - z, 1 * z
    head = Head("mean", [], [], [value], [mean], Average())
    layer = Layer("normed", [head], [Neuron(read, out, gate)], norm=norm)
    return Program(s, [layer], [], Token(()), [], [])


@pytest.mark.parametrize("projected", [True, False])
@pytest.mark.parametrize(("unit", "eps"), [(True, Fraction(0)), (False, Fraction(1, 100))])
@given(st.lists(st.tuples(*[st.integers(1, 9)] * 3), min_size=4, max_size=4))
@settings(max_examples=15)
def test_norms(unit, eps, projected, numbers):
    program = normed(unit, eps, projected)
    # Distinct coordinates, so that there is something to normalise.
    rows = [{"x": a, "y": -b, "z": 20 + c} for a, b, c in numbers]
    assert_close(program, at_once(program, rows), exact.forward(program, rows).resid[-1], 64)


def phi(x: str, one: str) -> Program:
    """LN of (x, one, -x, -one) by its Euclidean norm: the layer-norm hash of x / one."""
    s, view = Stream(), Stream()
    a, b = s.scalar(x), s.scalar(one)
    held = [view.scalar(f"v{j}") for j in range(4)]
    norm = PreNorm(view, [1 * a, 1 * b, -a, -b], unit=True)
    out = [s.scalar(f"phi{j}") for j in range(4)]
    both = [Neuron(sign * v, sign * w) for v, w in zip(held, out, strict=True) for sign in (1, -1)]
    layer = Layer("Lemma 1: phi", neurons=both, norm=norm)
    return Program(s, [layer], [], Token(()), [], [])


@given(st.lists(st.tuples(st.integers(-50, 50), st.integers(1, 99)), min_size=6, max_size=6))
@settings(max_examples=25)
def test_the_layer_norm_hash_forgets_the_scale(pairs):
    """φ(x/i, 1/i) = φ(x, 1) (Merrill and Sabharwal 2024, Lemma 1)."""
    program = phi("x", "one")
    scaled = [{"x": Fraction(x, i), "one": Fraction(1, i)} for x, i in pairs]
    whole = [{"x": x, "one": 1} for x, _ in pairs]
    np.testing.assert_allclose(
        at_once(program, scaled)[:, 2:], at_once(program, whole)[:, 2:], rtol=0, atol=4 * 2.0**-53
    )
    kept = slice(2, None)
    exactly = [exact.forward(program, rows).resid[-1] for rows in (scaled, whole)]
    assert [row[kept] for row in exactly[0]] == [row[kept] for row in exactly[1]]
