"""What a program is refused for, each by its message."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.proofs.toys import one_layer
from tmsim.outcome import Outcome
from tmsim.proofs import (
    ONE,
    Average,
    Head,
    Index,
    Layer,
    Neuron,
    Prefix,
    PreNorm,
    Program,
    Stop,
    Stream,
    Token,
    Vector,
)


def _stream() -> Stream:
    s = Stream()
    for name in ("x", "y", "z"):
        s.scalar(name)
    s.one_hot("letter", 3)
    return s


S = _stream()
X, Y, Z, LETTER = S.registers.values()
OTHER = Stream()
ELSEWHERE, LONG = OTHER.scalar("elsewhere"), OTHER.one_hot("letter", 5)
WRITES_Y = Layer("first", neurons=[Neuron(X, Y)])


def mean(value, out, name: str = "h", **given) -> Head:
    return Head(name, [], [], value, out, Average(), **given)


def layers(*given: Layer) -> Program:
    return Program(S, given, [], Token(()), [], [])


REFUSED: list[tuple[Callable[[], Program], str]] = [
    (
        lambda: layers(Layer("second", neurons=[Neuron(Y, Z)]), WRITES_Y),
        "second: neuron y: reads y before any layer has written it",
    ),
    (
        lambda: layers(Layer("second", [mean([Y], [Z])]), WRITES_Y),
        "second: head h: reads y before any layer has written it",
    ),
    (
        lambda: layers(WRITES_Y, Layer("again", neurons=[Neuron(X, Y)])),
        "again: writes y, written by 'first'",
    ),
    (
        lambda: layers(Layer("both", [mean([X], [Y])], [Neuron(X, Y)])),
        "both: heads and neurons both write y",
    ),
    (
        lambda: one_layer(S, WRITES_Y, [Index("y")]),
        "first: writes y, which is an input register",
    ),
    (
        lambda: Program(S, [WRITES_Y], [], Vector(((X, Y),)), [], []),
        "first: writes y, which is an input register",
    ),
    (
        lambda: layers(Layer("far", neurons=[Neuron(ELSEWHERE, Y)])),
        "far: neuron elsewhere: register 'elsewhere' is not in the stream",
    ),
    (
        lambda: layers(Layer("far", [mean([ELSEWHERE], [Y])])),
        "far: head h: register 'elsewhere' is not in the stream",
    ),
    (
        lambda: layers(Layer("far", [mean([ELSEWHERE], [Y], visible=Prefix())])),
        "far: head h: register 'elsewhere' is not in the stream",
    ),
    (
        lambda: layers(Layer("long", neurons=[Neuron(LONG[4], Y)])),
        r"long: neuron letter\[4\]: letter has 3 coordinates, no \[4\]",
    ),
    (
        lambda: layers(Layer("out", [mean([X], [ELSEWHERE])])),
        "out: head h: register 'elsewhere' is not in the stream",
    ),
    (
        lambda: layers(Layer("out", [mean([X], [2 * Y])])),
        "2·y is not a register coordinate",
    ),
    (
        lambda: layers(
            Layer("view", neurons=[Neuron(X, Y)], norm=PreNorm(OTHER, [X, *([ONE] * 5)]))
        ),
        "view: neuron x: register 'x' is not in the stream",
    ),
    (
        lambda: Program(S, [WRITES_Y], [], Token(()), [Stop(Outcome.halted, ELSEWHERE)], []),
        "halted: register 'elsewhere' is not in the stream",
    ),
    (
        lambda: Program(S, [WRITES_Y], [], Token(()), [], [LONG]),
        "register letter is fed back or emitted, but not in the stream",
    ),
    (
        lambda: Program(S, [WRITES_Y], [], Token(((LONG, LONG),)), [], []),
        "register letter is fed back or emitted, but not in the stream",
    ),
    (
        lambda: one_layer(S, WRITES_Y, [Index("nowhere")]),
        "register nowhere is not in the stream",
    ),
    (
        lambda: one_layer(S, WRITES_Y, [Index("letter")]),
        "register letter has 3 coordinates",
    ),
    (lambda: layers(Layer("h", [mean([X, X], [Y])])), "head h: value of 2, out of 1"),
    (
        lambda: layers(Layer("h", [Head("h", [X], [], [X], [Y], Average())])),
        "head h: query of 1, key of 0",
    ),
    (lambda: layers(Layer("n", neurons=[Neuron(X, Y + 1)])), r"neuron .*writes y \+ 1, which has"),
    (lambda: layers(Layer("n", norm=PreNorm(OTHER, [X]))), "PreNorm: 1 forms do not fill the view"),
    (lambda: Program(S, [], [], Vector(((X, LETTER),)), [], []), r"x \(scalar, 1\) cannot become"),
    (lambda: Program(S, [], [], Token(((X, Y),)), [], []), "x is scalar: a token's factors are"),
]


@pytest.mark.parametrize(("write", "message"), REFUSED, ids=[message for _, message in REFUSED])
def test_a_wrong_program_is_refused_with_its_place(write, message) -> None:
    with pytest.raises(ValueError, match=message):
        write()


def test_what_is_allowed_is_not_refused() -> None:
    layers(WRITES_Y, Layer("second", [mean([Y], [Z])]))
    layers(Layer("sees the heads", [mean([X], [Y])], [Neuron(Y, Z)]))
    layers(Layer("cross", [mean([Y], [Z], visible=Prefix())]), WRITES_Y)
