"""The busy beaver notation: `1RB1LB_1LA1RZ` (https://bbchallenge.org).

A row per state, A first, joined by `_`; in it an entry per symbol, 0 first: digit written, move
(L or R), next state. `---` is an undefined entry. A letter without a row is a halting state. The
blank is 0, the start state A, the tape blank; white space around the text is ignored.
"""

from __future__ import annotations

import re
from string import ascii_uppercase

from tmsim.machines.formats.document import Document, as_document
from tmsim.machines.machine import TuringMachine
from tmsim.machines.step import Move, State
from tmsim.machines.validation import cut, show

NAME = "bbchallenge"

_UNDEFINED = "---"
_ENTRY = re.compile(r"([0-9])([LR])([A-Z])")


def matches(text: str) -> bool:
    """Does the text begin with an entry?"""
    start = text.lstrip()[:3]
    return start == _UNDEFINED or _ENTRY.fullmatch(start) is not None


def parse(text: str) -> Document:
    """The machine of a text in this notation. Raises ValueError naming the row and entry.

    >>> parse("1RB---_1LA1RB").machine.halting
    frozenset()
    """
    rows = text.strip().split("_")
    if rows == [""]:
        raise ValueError("bbchallenge: the text is empty; expected rows such as 1RB1LB_1LA1RZ")
    symbols = _symbol_count(rows)
    digits = [str(a) for a in range(symbols)]
    table = {}
    for state, row in zip(ascii_uppercase, rows, strict=False):
        for a in digits:
            entry = row[3 * int(a) : 3 * int(a) + 3]
            if entry != _UNDEFINED:
                table[state, (a,)] = _action(entry, f"row {state}, entry {a}", symbols)
    with_rows = ascii_uppercase[: len(rows)]
    letters = dict.fromkeys([*with_rows, *(target for target, _, _ in table.values())])
    halting = [state for state in letters if state not in with_rows]
    machine = TuringMachine(
        table, "A", "0", states=letters, symbols=digits, halting=halting, tapes=1
    )
    return Document(machine)


def _symbol_count(rows: list[str]) -> int:
    if len(rows) > len(ascii_uppercase):
        raise ValueError(f"bbchallenge: {len(rows)} rows, but only 26 letters can name states")
    for state, row in zip(ascii_uppercase, rows, strict=False):
        if len(row) % 3 or not row:
            raise ValueError(
                f"bbchallenge: row {state} {cut(repr(row))} has {len(row)} characters,"
                " expected entries of three characters each"
            )
        if len(row) != len(rows[0]):
            raise ValueError(
                f"bbchallenge: row {state} has {len(row) // 3} entries, row A has"
                f" {len(rows[0]) // 3}; expected one entry per symbol in every row"
            )
    symbols = len(rows[0]) // 3
    if not 2 <= symbols <= 10:
        raise ValueError(f"bbchallenge: {symbols} symbols; the notation has digits for 2 to 10")
    return symbols


def _action(entry: str, place: str, symbols: int) -> tuple[str, tuple[str], tuple[str]]:
    found = _ENTRY.fullmatch(entry)
    if found is None:
        raise ValueError(
            f"bbchallenge: {place} is {entry!r}; expected a digit, L or R, and a letter, or ---"
        )
    write, move, state = found.groups()
    if int(write) >= symbols:
        raise ValueError(
            f"bbchallenge: {place} is {entry!r}, but symbol {write} is not one of the {symbols}"
            " symbols that the rows have entries for"
        )
    return state, (write,), (move,)


def write(source: Document | TuringMachine) -> str:
    """The text of a machine whose states and symbols are named as in this notation.

    Raises ValueError for what it has no words for: other names (`renamed` gives new ones), stay
    moves, several tapes, an input, transitions that leave a halting state.

    >>> write(parse("1RB1LB_1LA1RZ"))
    '1RB1LB_1LA1RZ'
    """
    document = as_document(source)
    machine = document.machine
    _expect("one tape", machine.tapes == 1, f"{machine.tapes} tapes")
    blank = not any(document.tapes) and document.heads == (0,)
    _expect("a blank tape and head 0", blank, f"{document.tapes} and {document.heads}")
    digits = tuple(str(a) for a in range(len(machine.symbols)))
    named = machine.symbols == digits and 2 <= len(digits) <= 10 and machine.blank == "0"
    _expect("symbols 0, 1, ... (10 at most), blank 0", named, show(machine.symbols))
    rows = [state for state in machine.states if state not in machine.halting]
    named = rows == list(ascii_uppercase[: len(rows)]) and machine.start == "A" and rows
    _expect("states A, B, ... and start A", bool(named), show(machine.states))
    named = all(isinstance(q, str) and re.fullmatch("[A-Z]", q) for q in machine.halting)
    _expect("halting states named by a letter", named, show(tuple(machine.halting)))
    text = "_".join("".join(_entry(machine, state, a) for a in digits) for state in rows)
    same = parse(text).machine == machine
    _expect(
        "halting states in order of appearance and nothing more", same,
        "accepting states, other halting states, or transitions that leave one",
    )  # fmt: skip
    return text


def _entry(machine: TuringMachine, state: State, a: str) -> str:
    target = machine.transitions.get((state, (a,)))
    if target is None:
        return _UNDEFINED
    next_state, (write,), (move,) = target
    _expect("moves L and R", move is not Move.S, f"a stay move in state {show(state)} on {a}")
    return f"{write}{move.name}{next_state}"


def _expect(what: str, holds: bool, found: str) -> None:
    if not holds:
        raise ValueError(f"the bbchallenge notation needs {what}; the machine has {found}")
