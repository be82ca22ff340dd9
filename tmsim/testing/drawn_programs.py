"""Hypothesis strategies for proof programs: small, valid, and exact in float64."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from tmsim.outcome import Outcome
from tmsim.proofs import (
    Activation,
    Affine,
    Binary,
    Dot,
    Head,
    Layer,
    Leftmost,
    Linear,
    NegAbsDot,
    Neuron,
    Past,
    Program,
    Rightmost,
    Stop,
    Stream,
    Sum,
    Token,
    TopTwo,
)
from tmsim.proofs.affine import constant

MOST_LAYERS = 4
# Only dyadic numbers come of these: float64 holds them exactly, so hard choices cannot differ.
CHOOSING = (Leftmost(), Rightmost(), Rightmost(Fraction(3, 2)), TopTwo(), TopTwo(Fraction(3)))
RULES = (*CHOOSING, Sum(), Linear())
SCORES = (Dot(), NegAbsDot())
VISIBLE = (Past(), Past(strict=True), Past(window=2))
STEPS = (Activation.relu, Activation.clipped, Activation.heaviside)

Terms = list[tuple[int, int]]
_FORM = st.tuples(st.lists(st.tuples(st.integers(0, 63), st.integers(-2, 2)), max_size=2),
                  st.integers(-2, 2))  # fmt: skip


@st.composite
def programs(
    draw: DrawFn,
    *,
    max_inputs: int = 2,
    max_values: int = 3,
    min_layers: int = 0,
    max_layers: int = 2,
    min_heads: int = 0,
    max_heads: int = 2,
    max_neurons: int = 2,
) -> Program:
    """Decoders whose tokens are up to `max_inputs` one-hot registers of up to `max_values` values.

    Each of `min_layers` to `max_layers` layers before the last one has `min_heads` to `max_heads`
    heads and up to `max_neurons` neurons, each of which writes a scalar
    of its own that later layers may read; neurons of a last layer write the next token's logits.
    Two digits of the position are told. All numbers are dyadic and small for up to 16 rows: float64
    holds them exactly. Raises ValueError (when drawn from) for bounds that nothing meets.

    >>> from hypothesis import find
    >>> find(programs(), lambda program: True).stream.width
    6
    """
    for what, bound, least, most in (
        ("inputs", max_inputs, 1, 8), ("values", max_values, 2, 8),
        ("layers", max_layers, min_layers, MOST_LAYERS),
        ("heads", max_heads, min_heads, 8), ("neurons", max_neurons, 0, 8),
    ):  # fmt: skip
        if not least <= bound <= most:
            raise ValueError(f"max_{what}={bound}; expected {least} to {most}")
    s = Stream()
    sizes = draw(st.lists(st.integers(2, max_values), min_size=1, max_size=max_inputs))
    inputs = [s.one_hot(f"in{i}", size) for i, size in enumerate(sizes)]
    time = s.bits("time", 2)
    known: list[Affine] = [c for r in inputs for c in r] + [*time]
    digits = list(known)
    layers: list[Layer] = []
    shape = st.tuples(
        st.lists(_heads(), min_size=min_heads, max_size=max_heads),
        st.lists(_neurons(), max_size=max_neurons),
    )
    for number, (heads, neurons) in enumerate(
        draw(st.lists(shape, min_size=min_layers, max_size=max_layers))
    ):
        written, made = [], []
        for j, (rule, score, visible, query, key, value) in enumerate(heads):
            # A product of values once, not again and again: numbers stay small.
            rule = Leftmost() if isinstance(rule, Linear) and number else rule
            out = s.scalar(f"head{number}.{j}")
            q, k, v = (_form(known, x) for x in (query, key, value))
            made.append(Head(out.name, [q], [k], [v], [out], rule, score, visible))
            written.append(out.affine)
        seen, parts = [*known, *written], []
        for j, (activation, reads, gate) in enumerate(neurons):
            out = s.scalar(f"neuron{number}.{j}")
            gated = None if gate is None else digits[gate % len(digits)]
            parts.append(Neuron(_form(seen, reads), out, gated, activation))
            written.append(out.affine)
        layers.append(Layer(f"layer {number}", made, parts))
        known += written
    following = [s.one_hot(f"out{i}", size) for i, size in enumerate(sizes)]
    # Distinct remainders: two logits are seldom equal, and then only if both are cut off at 0.
    logits = [
        Neuron(4 * len(r) * _form(known, draw(_FORM)) + 4 * len(r) + j, c)
        for r in following for j, c in enumerate(r)
    ]  # fmt: skip
    layers.append(Layer("the next token", neurons=logits))
    stops = [Stop(Outcome.halted, _form(known, draw(_FORM)))] if draw(st.booleans()) else []
    carry = tuple(zip(following, inputs, strict=True))
    return Program(s, layers, [Binary("time", 2)], Token(carry), stops, following)


def _form(known: list[Affine], drawn: tuple[Terms, int]) -> Affine:
    """Σ coefficient · a known coordinate + constant."""
    terms, number = drawn
    form = constant(number)
    for place, coefficient in terms:
        form = form + coefficient * known[place % len(known)]
    return form


def _heads() -> SearchStrategy[tuple]:
    """Rule, score, visibility, query, key, value."""
    choices = [st.sampled_from(x) for x in (RULES, SCORES, VISIBLE)]
    return st.tuples(*choices, _FORM, _FORM, _FORM)


def _neurons() -> SearchStrategy[tuple]:
    """Activation, what is read, and the place of a 0/1 gate, or None."""
    return st.tuples(st.sampled_from(STEPS), _FORM, st.none() | st.integers(0, 63))


def program_rows(
    program: Program, *, min_rows: int = 1, max_rows: int = 6
) -> SearchStrategy[list[dict[str, int]]]:
    """Prompts of a program of :func:`programs`: values of its carried registers, row by row.

    >>> from hypothesis import find
    >>> some = find(programs(max_inputs=1), lambda program: True)
    >>> find(program_rows(some), lambda rows: len(rows) == 2)
    [{'in0': 0}, {'in0': 0}]
    """
    inputs = [target for _, target in program.feedback.carry]
    row = st.fixed_dictionaries({r.name: st.integers(0, r.size - 1) for r in inputs})
    return st.lists(row, min_size=min_rows, max_size=max_rows)
