"""From structured programs to Turing machines: the flow between actions becomes the table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from tmsim.machines.machine import TuringMachine
from tmsim.machines.step import Symbol

from tmsim.machines.assembly.structured import (  # isort: skip
    Alphabets, Do, Goto, Halt, If, Label, Meets, Statements, Test, While,
)  # fmt: skip

Met = Mapping[str, tuple[Symbol, ...]]


@dataclass(eq=False)
class Place:
    """A point of the program, where `does` comes next: an action, a test, the end, or nothing."""

    label: str
    met: Met
    does: Do | Test | Halt | None = None
    then: list[Place] = field(default_factory=list)
    """Where it goes on: after an action, or where a test holds and where it does not."""


class Flow:
    """The places of a program. Raises ValueError for a label that is missing or stands twice."""

    def __init__(self, program: Statements, met: Met) -> None:
        self.labels: dict[str, Place] = {}
        self.asked: list[tuple[str, Place]] = []
        self.label = "start"
        self.first = Place(self.label, met)
        end = self.follow(program, self.first)
        end.does = Halt()
        for name, place in self.asked:
            if name not in self.labels:
                known = ", ".join(self.labels) or "none"
                raise ValueError(f"goto {name}: no such label; there are {known}")
            place.then = [self.labels[name]]

    def follow(self, statements: Statements, at: Place) -> Place:
        """The place behind the statements, which begin at the place `at`."""
        for statement in statements:
            at = self.statement(statement, at)
        return at

    def after(self, at: Place, met: Met | None = None) -> Place:
        return Place(self.label, at.met if met is None else met)

    def statement(self, statement: Any, at: Place) -> Place:
        if isinstance(statement, Label):
            return self.named(statement.name, at)
        if isinstance(statement, Do | Halt):
            at.does, then = statement, self.after(at)
            at.then = [then] if isinstance(statement, Do) else []
            return then
        if isinstance(statement, Goto):
            self.asked.append((statement.name, at))
            return self.after(at)
        if isinstance(statement, If):
            yes, no = self.branch(statement.test, at)
            then = self.after(at)
            self.follow(statement.yes, yes).then = [then]
            self.follow(statement.no, no).then = [then]
            return then
        if isinstance(statement, While):
            yes, no = self.branch(statement.test, at)
            self.follow(statement.body, yes).then = [at]
            return no
        if isinstance(statement, Meets):
            inside = self.after(at, _met(statement.alphabets, at.met))
            at.then, then = [inside], self.after(at)
            self.follow(statement.body, inside).then = [then]
            return then
        raise ValueError(f"{statement!r}: expected a statement")

    def named(self, name: str, at: Place) -> Place:
        if name in self.labels:
            raise ValueError(f"label {name}: it stands twice")
        self.label = name
        self.labels[name] = then = self.after(at)
        at.then = [then]
        return then

    def branch(self, test: Test, at: Place) -> list[Place]:
        at.does, at.then = test, [self.after(at), self.after(at)]
        return at.then


def _met(alphabets: Alphabets, all_: Met) -> Met:
    unknown = [tape for tape in alphabets if tape not in all_]
    if unknown:
        raise ValueError(f"tape {unknown[0]}: expected one of {', '.join(all_)}")
    return {**all_, **{tape: tuple(symbols) for tape, symbols in alphabets.items()}}


def assemble(program: Statements, alphabets: Alphabets, blank: Symbol = "_") -> TuringMachine:
    """The machine of a structured program.

    program: the statements (see `tmsim.machines.assembly.structured`); behind the last one the
      machine halts, in the state "halt".
    alphabets: per tape, in the order of the machine's tapes, the symbols that its head may meet;
      the blank is one of them. Written symbols need no mention where no head meets them again.

    States are named by the label before them, numbered where there are several; `start` is the
    label before the first. Raises ValueError for an unknown tape or label, a label that stands
    twice or names a halting state, and tests that lead back to themselves without an action.

    >>> from tmsim.machines import run
    >>> from tmsim.machines.assembly.structured import Do, On, While
    >>> increment = [While(On("x", "1"), [Do({"x": "0"}, {"x": "R"})]), Do({"x": "1"})]
    >>> machine = assemble(increment, {"x": "01"})
    >>> machine.transitions["start", ("1",)]
    ('start', ('0',), (<Move.R: 1>,))
    >>> run(machine, ["1101"]).configuration.trimmed()
    (0, ('0', '0', '1', '1'))
    """
    met = {t: tuple(dict.fromkeys((blank, *symbols))) for t, symbols in alphabets.items()}
    states = _States(Flow(program, met).first)
    table = {}
    for place in states.reached:
        for seen in _seen(place.met):
            found = _next(place, seen)
            name, write, moves = states.name(found), dict(seen), dict.fromkeys(seen, "S")
            if isinstance(found.does, Do):
                for given, into in ((found.does.write, write), (found.does.move, moves)):
                    into |= _on_tapes(given, seen)
                name = states.name(settled(found.then[0]))
            read = tuple(seen.values())
            table[states.name(place), read] = (name, tuple(write.values()), tuple(moves.values()))
    declared = [symbol for symbols in met.values() for symbol in symbols]
    written = [symbol for _, write, _ in table.values() for symbol in write]
    return TuringMachine(
        table, states.name(states.first), blank, tapes=len(met), states=states.names(),
        symbols=dict.fromkeys([*declared, *written]), halting=states.halting(),
    )  # fmt: skip


def _seen(met: Met) -> Iterator[dict[str, Symbol]]:
    return (dict(zip(met, symbols, strict=True)) for symbols in product(*met.values()))


def _on_tapes(given: Mapping[str, Any], tapes: Iterable[str]) -> Mapping[str, Any]:
    for tape in given:
        if tape not in tapes:
            raise ValueError(f"tape {tape}: expected one of {', '.join(tapes)}")
    return given


def settled(place: Place) -> Place:
    """The place itself, or where nothing is done in between. Raises ValueError for a circle."""
    passed = []
    while place.does is None:
        if place in passed:
            raise ValueError(f"{place.label}: it leads back to itself without an action")
        passed.append(place)
        place = place.then[0]
    return place


def _next(place: Place, seen: Mapping[str, Symbol]) -> Place:
    """The action or the end that the tests lead to from there."""

    def under(tape: str) -> Symbol:
        _on_tapes({tape: None}, seen)
        return seen[tape]

    passed: list[Place] = []
    while isinstance(place.does, Test):
        if place in passed:
            under_heads = ", ".join(map(str, seen.values()))
            raise ValueError(f"{place.label}: on {under_heads} it never comes to an action")
        passed.append(place)
        place = settled(place.then[0] if place.does.holds(under) else place.then[1])
    return place


class _States:
    """The places that are states: the first one, those behind actions, and the ends."""

    def __init__(self, first: Place) -> None:
        self.first = settled(first)
        self.reached: list[Place] = []
        self._names: dict[Place, str] = {}
        self._ends: dict[str, Place] = {}
        waiting = [self.first]
        while waiting:
            place = waiting.pop()
            if isinstance(place.does, Halt) or place in self._names:
                continue
            self._names[place] = self._fresh(place.label)
            self.reached.append(place)
            waiting += reversed([*dict.fromkeys(self._behind(place))])

    def _behind(self, place: Place) -> Iterator[Place]:
        """The states that one step leads to."""
        for seen in _seen(place.met):
            found = _next(place, seen)
            if isinstance(found.does, Do):
                yield settled(found.then[0])
            else:
                self.name(found)

    def _fresh(self, label: str) -> str:
        count = sum(name.partition("#")[0] == label for name in self._names.values())
        return f"{label}#{count + 1}" if count else label

    def name(self, place: Place) -> str:
        if isinstance(place.does, Halt):
            self._ends.setdefault(place.does.state, place)
            return place.does.state
        return self._names.get(place, "")

    def names(self) -> Sequence[str]:
        for name in self._ends.keys() & self._names.values():
            raise ValueError(f"{name}: a label and a halting state")
        return [*self._names.values(), *self._ends]

    def halting(self) -> Iterable[str]:
        return self._ends
