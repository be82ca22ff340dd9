"""Small programs, written by hand, whose every value can be computed on paper."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tmsim.outcome import Outcome
from tmsim.proofs import (
    ONE,
    All,
    Dot,
    Head,
    Layer,
    Leaf,
    Loop,
    Neuron,
    Past,
    Program,
    Rightmost,
    Stop,
    Stream,
    Token,
    Unique,
    Vector,
)
from tmsim.proofs.exact import Pass, forward
from tmsim.proofs.gadgets import both, find
from tmsim.proofs.rules import Rule, Score, Visibility


def one_layer(stream: Stream, layer: Layer, positions: Sequence = ()) -> Program:
    return Program(stream, [layer], positions, Token(()), [], [])


def attending(
    rule: Rule,
    keys: Sequence[Any],
    query: Any = 1,
    score: Score | None = None,
    visible: Visibility | None = None,
) -> Pass:
    """One head over rows with these keys, which reads the values 1, 10, 100, …"""
    s = Stream()
    key, value, out = s.scalar("key"), s.scalar("value"), s.scalar("out")
    head = Head("h", [query * ONE], [key], [value], [out], rule, score or Dot(), visible or Past())
    rows = [{"key": k, "value": 10**j} for j, k in enumerate(keys)]
    return forward(one_layer(s, Layer("attend", [head])), rows)


def activated(x: Any, **neuron: Any) -> Any:
    """What one neuron makes of x."""
    s = Stream()
    held, out = s.scalar("x"), s.scalar("out")
    gate = neuron.pop("gate", None)
    part = Neuron(held, out, gate=None if gate is None else gate(held), **neuron)
    return forward(one_layer(s, Layer("activate", neurons=[part])), [{"x": x}]).resid[-1][0][1]


def counter(values: int = 4, halts_at: int = 3) -> Program:
    """A token that counts: row i holds i, and the run halts when `halts_at` is reached."""
    s = Stream()
    now, following = s.one_hot("now", values), s.one_hot("following", values)
    step = Layer(
        "one more",
        neurons=[Neuron(now[i], following[(i + 1) % values]) for i in range(values)],
    )
    stops = [Stop(Outcome.halted, 1 * now[halts_at])]
    return Program(s, [step], [], Token(((following, now),)), stops, [following])


def vector_counter() -> Program:
    """The same with a scalar that is copied, and a bit register that says whether it is odd."""
    s = Stream()
    x, odd = s.scalar("x"), s.bits("odd", 1)
    more, next_odd = s.scalar("more"), s.bits("next_odd", 1)
    layer = Layer("one more", neurons=[Neuron(x + 1, more), Neuron(1 - odd[0], next_odd[0])])
    carry = ((more, x), (next_odd, odd))
    return Program(s, [layer], [], Vector(carry), [], [more, next_odd])


def ring(rows: int) -> Program:
    """A mark that goes around `rows` rows: a loop whose record is the mark's place."""
    s = Stream()
    place, left = s.one_hot("place", rows), s.one_hot("left", rows)
    mark, moved = s.flag("mark"), s.flag("moved")
    at = s.one_hot("at", rows)
    from_left = Head("from the left", left, place, [mark], [moved], Unique(), visible=All())
    note = [both(mark, place[i], writes=at[i]) for i in range(rows)]
    carry = ((place, place), (left, left), (moved, mark))
    return Program(s, [Layer("move", [from_left], note)], [], Loop(carry, mark), [], [at])


def copies_latest() -> Program:
    """Each row reads the symbol of the latest earlier row with its address (row 0 if none)."""
    s = Stream()
    address, symbol = s.bits("address", 2), s.one_hot("symbol", 3)
    null, read = s.flag("null"), s.one_hot("read", 3)
    head = find("latest", address, address, 1 - null, null, symbol, read, Rightmost(),
                Past(strict=True))  # fmt: skip
    return one_layer(s, Layer("copy latest", [head]))


def with_leaves() -> Program:
    """A transition table of 2 states and 3 symbols, whose entries a machine gives."""
    s = Stream()
    state, seen = s.one_hot("state", 2), s.one_hot("seen", 3)
    entered = s.one_hot("entered", 2)
    table = [
        both(
            state[q],
            seen[a],
            writes=Leaf("next", (q, a, 0)) * entered[0] + Leaf("next", (q, a, 1)) * entered[1],
        )
        for q in range(2)
        for a in range(3)
    ]
    layer = Layer("look up δ", neurons=table)
    return Program(s, [layer], [], Token(((entered, state),)), [], [entered])
