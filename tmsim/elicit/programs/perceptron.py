"""The perceptron with integer weights: one machine for all dimensions, datasets and word lengths.

Rosenblatt, "The perceptron", Psychological Review 65 (1958): w := w + y·x after every example that
the sign of ⟨w, x⟩ gets wrong, where the sign of 0 is +1. Here x has entries -1, 0, 1.

The dataset's tape holds x_1 … x_d, ``|``, the label and ``|`` of each example, and then the query
with ``?`` for a label; the weights' tape d words in two's complement, lowest digit first, ``|``
behind each; the third tape one word for the sum, which is 0 between examples.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from tmsim.elicit.programs.program import LearningProgram, Words
from tmsim.machines import Configuration
from tmsim.machines.assembly.flow import assemble

from tmsim.machines.assembly.structured import (  # isort: skip
    Do, Goto, Halt, If, Label, On, Statement, Statements, While, to_end,
)  # fmt: skip

ENTRIES = {1: "+", 0: "0", -1: "-"}
BITS, QUERY, END, BLANK = "01", "?", "|", "_"
ALPHABETS = {"data": "+0-|?", "weights": "01|", "sum": BITS}


def add(name: str, minus: bool, then: Statements) -> list[Statement]:
    """sum := sum ± the weight under the head, from digit to digit; then to the next entry.

    -w is the complement of w, plus 1: the first carry.
    """
    text: list[Statement] = [Goto(f"{name}-carry-{int(minus)}")]
    for carry in (0, 1):
        digits: list[Statement] = []
        for weight in (0, 1):
            for held in (0, 1):
                total = held + (weight ^ minus) + carry
                step = Do({"sum": str(total & 1)}, {"sum": "R", "weights": "R"})
                here = On("weights", str(weight)) & On("sum", str(held))
                digits.append(If(here, [step, Goto(f"{name}-carry-{total >> 1}")]))
        text += [Label(f"{name}-carry-{carry}"), *digits, Goto(f"{name}-done")]
    on = Do({}, {"data": "R", "weights": "R", "sum": "L"})
    return [
        *text,
        Label(f"{name}-done"),
        on,
        *to_end("sum", BITS, "L"),
        Do({}, {"sum": "R"}),
        *then,
    ]


def change(minus: bool) -> list[Statement]:
    """The weight under the head one more or one less; then to the next entry, on both tapes."""
    kept, turned = ("0", "1") if minus else ("1", "0")
    return [
        *[While(On("weights", kept), [Do({"weights": turned}, {"weights": "R"})])],
        If(On("weights", turned), [Do({"weights": kept}, {"weights": "R"})]),
        *to_end("weights", BITS),
        Do({}, {"data": "R", "weights": "R"}),
    ]


def predict() -> list[Statement]:
    """sum := ⟨w, x⟩, the data's head on ``|`` in the end, the weights' behind the last one."""
    again = [Goto("predict")]
    skip = [*to_end("weights", BITS), Do({}, {"data": "R", "weights": "R"})]
    return [
        Label("predict"),
        If(On("data", "+"), add("add", False, again)),
        If(On("data", "-"), add("subtract", True, again)),
        If(On("data", "0"), [*skip, *again]),
    ]


def judge() -> list[Statement]:
    """The sum's sign against the label: an answer to a query, else on to `learn` or `proceed`."""
    negative = On("sum", "1")
    wrong = (On("data", "+") & negative) | (On("data", "-") & ~negative)
    return [
        Label("judge"),
        Do({}, {"data": "R", "sum": "R"}),
        *to_end("sum", BITS),
        Do({}, {"sum": "L"}),
        If(On("data", QUERY), [
            If(negative, [Do({"data": "-"})], [Do({"data": "+"})]),
            Halt(),
        ]),
        If(~wrong, [Goto("proceed")]),
        If(On("data", "+"), learn("learn", False), learn("unlearn", True)),
    ]  # fmt: skip


def learn(name: str, minus: bool) -> list[Statement]:
    """w := w ± x, with the data's head on the label before and after."""
    left, right = {"data": "L", "weights": "L"}, {"data": "R", "weights": "R"}
    again = [Goto(name)]
    rewind = If(On("data", "+0-"), [Do({}, left)], [Do({}, {"weights": "L"})])
    return [
        Do({}, left),
        Do({}, left),
        While(On("weights", "01|"), [rewind]),
        Do({}, right),
        Label(name),
        If(On("data", "+"), [*change(minus), *again]),
        If(On("data", "-"), [*change(not minus), *again]),
        If(On("data", "0"), [*to_end("weights", BITS), Do({}, right), *again]),
        Do({}, {"data": "R"}),
        Goto("proceed"),
    ]


def proceed() -> list[Statement]:
    """sum := 0 from its highest digit on, and all heads on the first place of the next example."""
    return [
        Label("proceed"),
        Do({}, {"data": "R", "weights": "L"}),
        While(On("sum", BITS), [Do({"sum": "0"}, {"sum": "L", "weights": "L"})]),
        *to_end("weights", "01|", "L"),
        Do({}, {"data": "R", "sum": "R", "weights": "R"}),
        Goto("predict"),
    ]


class Learned(NamedTuple):
    """The weights [d] after the last example, and the query's label in {-1, 1}."""

    weights: np.ndarray
    label: int


class Perceptron(LearningProgram):
    """One pass of the perceptron over integer data, in words of `width` binary digits.

    A mistake on x adds at most ‖x‖² ≤ d to ‖w‖², so after n examples of d entries no sum exceeds
    d·√n in absolute value (Novikoff 1962): words must hold that. Raises ValueError for a width
    below 2.

    >>> from tmsim.elicit.programs.program import calculated
    >>> from tmsim.elicit.tasks.linear import LinearData
    >>> data = LinearData(np.array([[1, 0], [0, -1], [1, 1]]), np.array([-1, 1, 1]))
    >>> calculated(Perceptron(width=4), data, [1, -1])
    Learned(weights=array([0, 1]), label=-1)
    """

    def __init__(self, width: int = 8) -> None:
        if width < 2:
            raise ValueError(f"Perceptron: width={width}, expected 2 or more")
        self.width = width
        self.machine = assemble([*predict(), *judge(), *proceed()], ALPHABETS, BLANK)

    def words(self, data: Any, query: Any) -> Words:
        x, y, asked = np.asarray(data.x), np.asarray(data.y), np.asarray(query)
        if x.ndim != 2 or not x.size or y.shape != x.shape[:1] or asked.shape != x.shape[1:]:
            raise ValueError(f"data: x {x.shape}, y {y.shape}, query {asked.shape}; expected "
                             "[n, d], [n] and [d], n and d 1 or more")  # fmt: skip
        for name, array, values in (("x", x, [-1, 0, 1]), ("y", y, [-1, 1]),
                                    ("query", asked, [-1, 0, 1])):  # fmt: skip
            strange = array[~np.isin(array, values)]
            if strange.size:
                raise ValueError(f"data: {name} has an entry {strange[0]}; expected {values}")
        n, d = x.shape
        if 4 ** (self.width - 1) <= d * d * n:
            raise ValueError(f"Perceptron: width={self.width} for sums up to {d}·√{n}; expected "
                             f"{_needed(n, d)} or more")  # fmt: skip
        examples = [f"{_text(row)}|{ENTRIES[int(label)]}|" for row, label in zip(x, y, strict=True)]
        weights = ("0" * self.width + END) * d
        return "".join(examples) + f"{_text(asked)}|?", weights, "0" * self.width

    def answer(self, last: Configuration) -> Learned:
        """The weights' words, and what was written for the query's label."""
        (_, data), (_, weights) = last.trimmed(0), last.trimmed(1)
        words = "".join(map(str, weights)).rstrip(END).split(END)
        return Learned(np.array([*map(_integer, words)]), 1 if data[-1] == "+" else -1)


def _needed(n: int, d: int) -> int:
    return next(width for width in range(2, 64 + d + n) if 4 ** (width - 1) > d * d * n)


def _text(entries: np.ndarray) -> str:
    return "".join(ENTRIES[int(entry)] for entry in entries)


def _integer(word: str) -> int:
    """Two's complement, lowest digit first."""
    value = int(word[::-1], 2)
    return value - (1 << len(word)) if word[-1] == "1" else value


def perceptron(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The same algorithm on arrays: the weights [d] after one pass over x [n, d], y [n].

    >>> perceptron(np.array([[1, 0], [0, -1], [1, 1]]), np.array([-1, 1, 1])).tolist()
    [0, 1]
    """
    w = np.zeros(x.shape[1], np.int64)
    for entries, label in zip(x, y, strict=True):
        if (1 if w @ entries >= 0 else -1) != label:
            w += label * entries
    return w
