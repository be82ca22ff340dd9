"""The arguments that make automata-lib's machines, DTM and MNTM, to machines and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tmsim.machines.formats.finals import final_states, strings, transitions_taken
from tmsim.machines.machine import TuringMachine
from tmsim.machines.step import Move
from tmsim.machines.validation import cut

_NAME = "automata-lib"

_KEYS = (
    "states", "input_symbols", "tape_symbols", "transitions", "initial_state", "blank_symbol",
    "final_states",
)  # fmt: skip
_MOVES = {"L": Move.L, "N": Move.S, "R": Move.R}


def arguments(source: Any) -> dict[str, Any]:
    """The keyword arguments of a DTM or MNTM; a ValueError for what has not all of them."""
    for key in _KEYS:
        if not hasattr(source, key):
            raise ValueError(f"{_NAME}: {_told(source)} has no {key}; expected a DTM or an MNTM")
    keys = (*_KEYS, *(["n_tapes"] if hasattr(source, "n_tapes") else []))
    return {key: getattr(source, key) for key in keys}


def machine_of(parts: Any) -> TuringMachine:
    """The machine of the keyword arguments that make a DTM, or with `n_tapes` an MNTM.

    Raises ValueError naming the key, the value and what was expected, for what automata-lib would
    refuse and for machines that are not deterministic.
    """
    _expect("the text", isinstance(parts, Mapping), parts, "a dict")
    for key in _KEYS:
        if key not in parts:
            raise ValueError(f"{_NAME}: the key {key!r} is missing")
    for key in parts:
        _expect("a key", key in (*_KEYS, "n_tapes"), key, f"{', '.join(_KEYS)} or n_tapes")
    tapes = parts.get("n_tapes", 1)
    _expect("n_tapes", type(tapes) is int and tapes >= 1, tapes, "a whole number, 1 or more")
    named, final = _names(parts, "states"), _names(parts, "final_states")
    symbols, given = _names(parts, "tape_symbols"), _names(parts, "input_symbols")
    start, blank = parts["initial_state"], parts["blank_symbol"]
    _in("initial_state", start, named, "states")
    _in("blank_symbol", blank, symbols, "tape_symbols")
    for state in sorted(final):
        _in("final_states", state, named, "states")
    _expect("input_symbols", given < symbols, sorted(given), "some of tape_symbols, not all")
    _expect("initial_state", start not in final, start, "a state that is not final")
    rows = _mapping("transitions", parts["transitions"])
    _expect("initial_state", start in rows, start, "a state with transitions")
    table = {}
    for state, row in rows.items():
        _in("transitions", state, named, "states")
        _expect("transitions", state not in final, state, "no transitions from a final state")
        for read, target in _mapping(f"transitions[{_told(state)}]", row).items():
            place = f"transitions[{_told(state)}][{_told(read)}]"
            several = _multi_tape if "n_tapes" in parts else _one_tape
            reads, action = several(place, read, target, tapes)
            for symbol in (*reads, *action[1]):
                _in(place, symbol, symbols, "tape_symbols")
            _in(place, action[0], named, "states")
            table[state, reads] = action
    # Sets have no order; the machine's lists need one that is the same in every process.
    order = dict.fromkeys((start, *rows, *(then for then, _, _ in table.values())))
    states = [*order, *sorted(named - order.keys())]
    alphabet = [blank, *sorted(symbols - {blank})]
    return TuringMachine(
        table, start, blank, states=states, symbols=alphabet, halting=final, accepting=final,
        tapes=tapes,
    )  # fmt: skip


def _one_tape(place: str, read: Any, target: Any, tapes: int) -> tuple[tuple, tuple]:
    _expect(place, _sequence(target, 3), target, "(state, symbol, move)")
    then, write, move = target
    return (read,), (then, (write,), (_move(place, move),))


def _multi_tape(place: str, read: Any, target: Any, tapes: int) -> tuple[tuple, tuple]:
    _expect(place, isinstance(read, tuple) and len(read) == tapes, read, f"{tapes} symbols read")
    one = isinstance(target, (list, tuple, set, frozenset)) and len(target) == 1
    _expect(place, one, target, "a list of one transition: the machine must be deterministic")
    [action] = target
    _expect(place, _sequence(action, 2), action, "(state, ((symbol, move), ...))")
    then, actions = action
    fits = _sequence(actions, tapes) and all(_sequence(each, 2) for each in actions)
    _expect(place, fits, actions, f"{tapes} pairs (symbol, move), one per tape")
    return read, (
        then,
        tuple(write for write, _ in actions),
        tuple(_move(place, move) for _, move in actions),
    )


def _move(place: str, move: Any) -> Move:
    _expect(place, isinstance(move, str) and move in _MOVES, move, "the move L, N or R")
    return _MOVES[move]


def _names(parts: Mapping, key: str) -> set[str]:
    """The set of strings there; a list or tuple of distinct ones will do."""
    values = parts[key]
    is_set = isinstance(values, (set, frozenset, list, tuple))
    _expect(key, is_set, values, "a set of strings")
    for value in values:
        _expect(key, isinstance(value, str), value, "strings")
    _expect(key, len(set(values)) == len(values), list(values), "every name once")
    return set(values)


def _mapping(place: str, value: Any) -> Mapping:
    _expect(place, isinstance(value, Mapping), value, "a dict")
    return value


def _sequence(value: Any, length: int) -> bool:
    return isinstance(value, (list, tuple)) and len(value) == length


def _in(place: str, value: Any, among: set, what: str) -> None:
    known = ", ".join(sorted(among)[:8]) if len(among) < 1000 else "..."
    known += ", ..." if len(among) > 8 else ""
    inside = isinstance(value, str) and value in among
    _expect(place, inside, value, f"one of {what}, {cut(known)}")


def _expect(place: str, holds: bool, value: Any, expected: str) -> None:
    if not holds:
        raise ValueError(f"{_NAME}: {place} has {_told(value)}; expected {expected}")


def _told(value: Any) -> str:
    return cut(repr(value))


def parts_of(machine: TuringMachine) -> dict[str, Any]:
    """The keyword arguments that make the machine a DTM or, with several tapes, an MNTM.

    The input symbols are all symbols but the blank. Raises ValueError as `write` does.
    """
    strings(machine, _NAME)
    final = final_states(machine, _NAME)
    for symbol in machine.symbols:
        if len(str(symbol)) != 1:
            raise ValueError(f"{_NAME} needs symbols of one character; {symbol!r} is none")
    rows: dict[Any, dict[Any, Any]] = {}
    for (state, read), (then, write, moves) in transitions_taken(machine).items():
        letters = ["N" if move is Move.S else move.name for move in moves]
        actions = tuple(zip(write, letters, strict=True))
        several = machine.tapes > 1
        row = rows.setdefault(state, {})
        row[read if several else read[0]] = [(then, actions)] if several else (then, *actions[0])
    if machine.start in final or machine.start not in rows:
        raise ValueError(
            f"{_NAME} needs a start state that is not final and has transitions;"
            f" {machine.start!r} is none"
        )
    parts = {
        "states": set(machine.states),
        "input_symbols": set(machine.symbols) - {machine.blank},
        "tape_symbols": set(machine.symbols),
        "transitions": rows,
        "initial_state": machine.start,
        "blank_symbol": machine.blank,
        "final_states": set(final),
    }
    return parts | ({"n_tapes": machine.tapes} if machine.tapes > 1 else {})
