"""The editor text of turingmachine.io: a YAML mapping with a table of actions.

    input: '1011'
    blank: ' '
    start state: right
    table:
      right:
        [1,0]: R                     # keep the symbol, move right, stay in this state
        ' '  : {L: carry}            # keep it, move left, go to carry
      carry:
        1      : {write: 0, L}
        [0,' ']: {write: 1, L: done}
      done:                          # no actions: the machine halts here

`synonyms` names actions. There are no stay moves. The alphabet is what the table and the input
mention; a halting state called `accept` accepts. A saved document, which has this text under
`source code`, is read too, and its `name` kept as a note.

Keys and values are read as they are written. Where YAML would make something else of a word that is
not in quotes (0110 is the number 72), it is refused, and so are anchors, aliases and tags.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from tmsim.machines.formats.document import Document, as_document, with_symbols
from tmsim.machines.formats.finals import strings
from tmsim.machines.machine import TuringMachine
from tmsim.machines.step import Move, Symbol
from tmsim.machines.validation import show

if TYPE_CHECKING:
    from tmsim.machines.formats.yaml_text import Text

NAME = "turingmachine.io"

_KEYS = ("input", "blank", "start state", "synonyms", "table")
_SAVED = ("name", "source code", "positions")
_MOVES = {"L": Move.L, "R": Move.R}
_ACCEPT = "accept"

Action = tuple[
    "str | None", Move, "Text | None"
]  # symbol written, move, next state; None: the same


def matches(text: str) -> bool:
    """Does a line begin with `table:`, `start state:` or `source code:`?"""
    key = r"^(['\"]?)(table|start state|source code)\1[ \t]*:(\s|$)"
    return re.search(key, text, re.MULTILINE) is not None


def parse(text: str) -> Document:
    """The machine of a text in this notation, with its input.

    Raises ValueError naming the line, the column and what was expected there.

    >>> document = parse("input: '01'\\nblank: ' '\\nstart state: a\\ntable: {a: {[0,1]: R}}")
    >>> document.tapes, document.machine.transitions["a", ("1",)]
    ((('0', '1'),), ('a', ('1',), (<Move.R: 1>,)))
    """
    from tmsim.machines.formats.yaml_text import Shift, read  # PyYAML, only where it is needed

    root = read(text, NAME, Shift())
    keys = root.entries("a mapping with blank, start state and table")
    if "source code" not in keys:
        return _document(root, keys)
    for key, (name, _) in keys.items():
        name.expect(key in _SAVED, f"one of {', '.join(_SAVED)} in a saved document")
    source = keys["source code"][1]
    inner = read(source.word("the text of a machine"), NAME, source.shift(text))
    document = _document(inner, inner.entries("a mapping with blank, start state and table"))
    return replace(document, notes=(*_name(keys), *document.notes))


def _document(root: Text, keys: dict[str, tuple[Text, Text]]) -> Document:
    for key, (name, _) in keys.items():
        name.expect(key in (*_KEYS, "name", "positions"), f"one of {', '.join(_KEYS)}")
    for key in ("blank", "start state", "table"):
        root.expect(key in keys, f"a mapping with the key {key}")
    blank = keys["blank"][1].symbol("the blank: one character")
    rows = keys["table"][1].entries("a mapping of states to their actions")
    synonyms = {}
    if "synonyms" in keys and not keys["synonyms"][1].null:
        for name, (key, value) in keys["synonyms"][1].entries("a mapping of actions").items():
            key.expect(name not in _MOVES, "a name for an action other than L and R")
            synonyms[name] = _action(value, {})
    table, targets = {}, [target for *_, target in synonyms.values()]
    for state, (_, row) in rows.items():
        for symbol, action in _row(row, synonyms).items():
            write, move, target = action
            then = state if target is None else target.word("a state")
            table[state, symbol] = then, symbol if write is None else write, move
            targets.append(target)
    for target in filter(None, targets):
        target.expect(target.word("a state") in rows, "a state of the table")
    start = keys["start state"][1]
    start.expect(start.word("a state") in rows, "a state of the table")
    going = {state for state, _ in table}
    halting = [state for state in rows if state not in going]
    written = [b for _, b, _ in table.values()]
    machine = TuringMachine.one_tape(
        table, start=start.word("a state"), blank=blank, states=rows,
        symbols=dict.fromkeys([blank, *(a for _, a in table), *written]),
        halting=halting, accepting=[state for state in halting if state == _ACCEPT],
    )  # fmt: skip
    reading = partial(with_symbols, machine)
    word = keys["input"][1].word("the input", quoted=True) if "input" in keys else None
    document = reading(() if word is None else (tuple(word),), None)
    return replace(document, notes=_name(keys), reading=reading)


def _name(keys: dict[str, tuple[Text, Text]]) -> tuple[str, ...]:
    """The name that the text has, if any, as a note."""
    name = keys["name"][1].word("a name, in one line", quoted=True) if "name" in keys else ""
    return (" ".join(name.split()),) if name else ()


def _row(row: Text, synonyms: dict[str, Action]) -> dict[str, Action]:
    """The actions of a state, by symbol."""
    if row.null:
        return {}
    actions, first = {}, {}
    for key, value in row.pairs("a mapping of symbols to actions"):
        action = _action(value, synonyms)
        for part in key.parts("one character, or a list of them"):
            symbol = part.symbol("one character, or a list of them")
            part.expect(
                symbol not in actions, f"one action per symbol; line {first.get(symbol)} has its"
            )
            actions[symbol], first[symbol] = action, part.line
    return actions


def _action(value: Text, synonyms: dict[str, Action]) -> Action:
    expected = "L, R, a synonym, or {write: symbol, L: state} with exactly one of L and R"
    if value.scalar:
        value.expect(not value.null, expected)
        word = value.word(expected)
        value.expect(word in _MOVES or word in synonyms, expected)
        return (None, _MOVES[word], None) if word in _MOVES else synonyms[word]
    parts = value.entries(expected)
    for key, (name, _) in parts.items():
        name.expect(key in ("write", *_MOVES), expected)
    moves = [key for key in parts if key in _MOVES]
    value.expect(len(moves) == 1, expected)
    written = parts["write"][1] if "write" in parts else None
    symbol = written.symbol("the symbol to write: one character") if written else None
    target = parts[moves[0]][1]
    return symbol, _MOVES[moves[0]], None if target.null else target


def write(source: Document | TuringMachine) -> str:
    """The text of a machine with one tape that never stays, and of its input.

    Raises ValueError for what the format has no words for: stay moves, several tapes, symbols of
    several characters, a halting state that transitions leave, another state that none leaves,
    accepting states other than a halting one called accept, a head that does not start on cell 0.

    >>> print(write(parse("blank: 0\\nstart state: a\\ntable: {a: {0: {write: 1, R}}}")), end="")
    blank: '0'
    start state: 'a'
    table:
      'a':
        '0': {write: '1', R: 'a'}
    """
    document = as_document(source)
    machine = document.machine
    strings(machine, NAME)
    for needs, holds, found in _needs(document):
        if not holds:
            raise ValueError(f"{NAME} has {needs}; the machine has {found}")
    word = [str(a) for a in document.tapes[0]] if document.tapes else []
    text = [f"input: {_quoted(''.join(word))}"] if document.tapes else []
    text += [f"blank: {_quoted(machine.blank)}", f"start state: {_quoted(machine.start)}", "table:"]
    rows: dict = {state: [] for state in machine.states}
    for (state, (symbol,)), (target, (written,), (move,)) in machine.transitions.items():
        action = f"{{write: {_quoted(written)}, {move.name}: {_quoted(target)}}}"
        rows[state].append(f"    {_quoted(symbol)}: {action}")
    for state, actions in rows.items():
        text += [f"  {_quoted(state)}:", *actions]
    return "\n".join(text) + "\n"


def _needs(document: Document) -> list[tuple[str, bool, str]]:
    """What the format has, whether the document keeps to it, and what the document has."""
    machine = document.machine
    sources = {state for state, _ in machine.transitions}
    stays = [q for (q, _), (*_, moves) in machine.transitions.items() if Move.S in moves]
    long = [a for a in machine.symbols if len(str(a)) != 1]
    names = [*machine.symbols, *machine.states]
    hidden = [a for a in names if not str(a).isprintable() or not 1 <= len(str(a)) <= 100]
    left = [q for q in machine.states if q in machine.halting and q in sources]
    ends = [q for q in machine.states if q not in machine.halting and q not in sources]
    accepting = [q for q in machine.states if q in machine.accepting and q != _ACCEPT]
    wrong = machine.accepting and _ACCEPT in machine.halting - machine.accepting
    wrong = wrong or machine.accepting - machine.halting
    return [
        ("one tape", machine.tapes == 1, f"{machine.tapes} tapes"),
        ("moves L and R", not stays, f"a stay move in state {show(stays[:1])[1:-1]}"),
        ("symbols of one character", not long, show(long[:3])),
        ("names of 1 to 100 visible characters", not hidden, show(hidden[:1])),
        ("no actions in halting states", not left, f"transitions that leave {show(left[:3])}"),
        ("states without actions to halt in", not ends, f"states it may not halt in, {show(ends)}"),
        ("accept as accepting state", not accepting and not wrong, show([*machine.accepting][:3])),
        ("the head on cell 0", document.heads == (0,), f"it on cell {show(document.heads)[1:-1]}"),
    ]


def _quoted(name: Symbol) -> str:
    return "'" + str(name).replace("'", "''") + "'"
