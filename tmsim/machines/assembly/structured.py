"""Structured programs for k-tape machines: tests cost nothing, every action is one step.

A program is a tree of statements over named tapes. Between two actions no head moves, so that a
Turing machine makes all tests there in one look: a state is a place behind an action, and its
transitions are the tests from there to the next action.

    Do(write, move)          one step: symbols written and heads moved, each by its tape's name
    If(test, yes, no)        no step
    While(test, body)        no step of its own
    Label(name), Goto(name)  no step; labels also name the states that follow them
    Halt(state)              the end
    Meets(alphabets, body)   what the heads may meet at all while in the body

Tests are `On(tape, symbols)` and what `&`, `|` and `~` make of them. Subroutines are Python
functions that return statements; see `to_end` and `back`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from tmsim.machines.step import Symbol

Statements = Sequence["Statement"]
Alphabets = Mapping[str, Iterable[Symbol]]
NOTHING: Mapping[str, Any] = MappingProxyType({})


class Test(ABC):
    """A condition on the symbols under the heads, which `seen` gives by tape."""

    __test__ = False  # no test of pytest's

    @abstractmethod
    def holds(self, seen: Callable[[str], Symbol]) -> bool:
        """Is it so? Tapes are asked for only as far as that needs."""

    def __and__(self, other: Test) -> Test:
        return _Both(self, other)

    def __invert__(self) -> Test:
        return _Not(self)

    def __or__(self, other: Test) -> Test:
        return ~(~self & ~other)


@dataclass(frozen=True)
class On(Test):
    """Does the head of `tape` stand on one of the symbols?

    A text is taken as its characters.
    """

    tape: str
    symbols: Iterable[Symbol]

    def __post_init__(self) -> None:
        object.__setattr__(self, "symbols", tuple(self.symbols))

    def holds(self, seen: Callable[[str], Symbol]) -> bool:
        return seen(self.tape) in tuple(self.symbols)


@dataclass(frozen=True)
class _Both(Test):
    first: Test
    second: Test

    def holds(self, seen: Callable[[str], Symbol]) -> bool:
        return self.first.holds(seen) and self.second.holds(seen)


@dataclass(frozen=True)
class _Not(Test):
    of: Test

    def holds(self, seen: Callable[[str], Symbol]) -> bool:
        return not self.of.holds(seen)


class Statement:
    """A part of a program."""


@dataclass(frozen=True)
class Do(Statement):
    """One step: `write` and `move` (L, S or R) per tape; other tapes stay as they are."""

    write: Mapping[str, Symbol] = field(default_factory=lambda: NOTHING)
    move: Mapping[str, str] = field(default_factory=lambda: NOTHING)

    def __post_init__(self) -> None:
        for tape, move in self.move.items():
            if move not in ("L", "S", "R"):
                raise ValueError(f"Do: tape {tape} moves {move!r}; expected L, S or R")


@dataclass(frozen=True)
class If(Statement):
    """`yes` where the test holds, else `no`."""

    test: Test
    yes: Statements
    no: Statements = ()


@dataclass(frozen=True)
class While(Statement):
    """`body` again and again, as long as the test holds before it."""

    test: Test
    body: Statements


@dataclass(frozen=True)
class Label(Statement):
    """The name of a place."""

    name: str


@dataclass(frozen=True)
class Goto(Statement):
    """On from the place of that name."""

    name: str


@dataclass(frozen=True)
class Halt(Statement):
    """The end, in a halting state of that name."""

    state: str = "halt"


@dataclass(frozen=True)
class Meets(Statement):
    """In `body` the heads of these tapes meet only these symbols.

    The table is made for no others: a machine that meets another has no transition.
    """

    alphabets: Alphabets
    body: Statements


def to_end(tape: str, symbols: Iterable[Symbol], side: str = "R", **others: str) -> list[Statement]:
    """Move the head over `symbols`, to the first cell that holds none; `others` move along.

    >>> to_end("x", "01")
    [While(test=On(tape='x', symbols=('0', '1')), body=[Do(write={}, move={'x': 'R'})])]
    """
    return [While(On(tape, symbols), [Do({}, {tape: side, **others})])]


def back(tape: str, symbols: Iterable[Symbol]) -> list[Statement]:
    """From behind a word of `symbols` to its first cell: one step more than the word is long."""
    return [Do({}, {tape: "L"}), *to_end(tape, symbols, "L"), Do({}, {tape: "R"})]
