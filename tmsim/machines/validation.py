"""The checks that every Turing machine passes: one small function for each kind of mistake."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from tmsim.machines.step import Move

if TYPE_CHECKING:
    from tmsim.machines.machine import TuringMachine


def check(machine: TuringMachine) -> None:
    """Raise a ValueError that names the first mistake in `machine`, if there is one."""
    for mistakes in (_tape_count, _repeated, _declared, _lengths, _unknown):
        for mistake in mistakes(machine):
            raise ValueError(mistake)


def show(value: Any) -> str:
    """A state or symbol as people write it; quoted where it would not be seen or be misread.

    >>> show("q0"), show(" "), show(("0", "1")), show(7)
    ('q0', "' '", '(0, 1)', '7')
    """
    if isinstance(value, (tuple, list)):
        return "(" + ", ".join(map(show, value)) + ")"
    if isinstance(value, str):
        plain = value.isprintable() and value and not set(value) & set(" ,()'\"")
        return value if plain else repr(value)
    return str(value)


def cut(text: str, most: int = 60) -> str:
    """The text, its middle left out where it is longer than `most` characters.

    >>> cut("abcdefghijklmnop", 11)
    'abcd…mnop'
    """
    ends = (most - 3) // 2
    return text if len(text) <= most else f"{text[:ends]}…{text[-ends:]}"


def show_transition(source: tuple, target: tuple | None = None) -> str:
    """A transition as people write it: bare symbols on one tape, tuples on several.

    >>> show_transition(("A", ("0",)), ("B", ("1",), ("R",)))
    'transition (A, 0) -> (B, 1, R)'
    """

    def side(parts: tuple) -> str:
        state, *columns = parts
        bare = [c[0] if isinstance(c, tuple) and len(c) == 1 else c for c in columns]
        return show((state, *bare))

    return f"transition {side(source)}" + (f" -> {side(target)}" if target else "")


def _tape_count(machine: TuringMachine) -> Iterator[str]:
    if type(machine.tapes) is not int or machine.tapes < 1:
        yield f"tapes is {machine.tapes!r}; a machine has one tape or more"


def _repeated(machine: TuringMachine) -> Iterator[str]:
    for what, values in (("states", machine.states), ("symbols", machine.symbols)):
        for value in _twice(values):
            yield f"{what}: {show(value)} is listed twice"


def _declared(machine: TuringMachine) -> Iterator[str]:
    states, symbols = set(machine.states), set(machine.symbols)
    if machine.start not in states:
        yield f"start state {show(machine.start)} is not one of the states {show(machine.states)}"
    if machine.blank not in symbols:
        yield f"blank {show(machine.blank)} is not in the alphabet {show(machine.symbols)}"
    for what, given in (("halting", machine.halting), ("accepting", machine.accepting)):
        for state in given - states:
            yield f"{what} state {show(state)} is not one of the states {show(machine.states)}"


def _lengths(machine: TuringMachine) -> Iterator[str]:
    for source, target in machine.transitions.items():
        columns = (("reads", source[1]), ("writes", target[1]), ("moves", target[2]))
        for what, column in columns:
            if len(column) != machine.tapes:
                yield (
                    f"{show_transition(source, _named(target))}: {what} {show(column)},"
                    f" expected {machine.tapes} of them, one per tape"
                )


def _unknown(machine: TuringMachine) -> Iterator[str]:
    states, symbols = set(machine.states), set(machine.symbols)
    for source, target in machine.transitions.items():
        for state in (source[0], target[0]):
            if state not in states:
                yield (
                    f"{show_transition(source, _named(target))}: state {show(state)}"
                    f" is not one of the states {show(machine.states)}"
                )
        for symbol in (*source[1], *target[1]):
            if symbol not in symbols:
                yield (
                    f"{show_transition(source, _named(target))}: symbol {show(symbol)}"
                    f" is not in the alphabet {show(machine.symbols)}"
                )


def _named(target: tuple) -> tuple:
    """The target of a transition with its moves as letters."""
    return (target[0], target[1], tuple(move.name for move in target[2]))


def _twice(values: Iterable) -> Iterator:
    seen = set()
    for value in values:
        if value in seen:
            yield value
        seen.add(value)


def one_to_one(what: str, values: Iterable, names: Mapping) -> Mapping:
    """`names`, completed to all `values`; a ValueError if it would merge two of them."""
    total = {value: names.get(value, value) for value in values}
    for value in names.keys() - total.keys():
        raise ValueError(f"cannot rename {what} {show(value)}: the machine has no such {what}")
    for name in _twice(total.values()):
        raise ValueError(f"renaming would give two {what}s the name {show(name)}")
    return total


def normalised(source: Any, target: Any) -> tuple[tuple, tuple]:
    """A transition with its moves as `Move`; a ValueError if it is not made of the right parts."""
    try:
        (_, read), (next_state, write, moves) = source, target
    except (TypeError, ValueError):
        raise ValueError(
            f"transition {source!r} -> {target!r}: expected (state, symbols read) -> (next state,"
            " symbols written, moves)"
        ) from None
    named = show_transition(source, target)
    for what, column in (("reads", read), ("writes", write), ("moves", moves)):
        if not isinstance(column, tuple):
            raise ValueError(
                f"{named}: {what} {column!r}, expected a tuple with one entry per tape"
                " (TuringMachine.one_tape takes bare symbols)"
            )
    try:
        hash((next_state, write))
    except TypeError as error:
        raise ValueError(f"{named}: {error}; states and symbols must be hashable") from None
    return source, (next_state, write, tuple(_move(named, move) for move in moves))


def _move(transition: str, move: Any) -> Move:
    if isinstance(move, str) and move in Move.__members__:
        return Move[move]
    if isinstance(move, int) and move in (-1, 0, 1):
        return Move(move)
    raise ValueError(f"{transition}: move {move!r} is none of L, S, R, -1, 0, 1")
