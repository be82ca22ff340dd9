"""A machine as a JSON object: every part named, nothing implied.

    {"tapes": 1, "states": ["q0", "H"], "alphabet": "01", "blank": "0", "start": "q0",
     "halt": ["H"], "rules": [["q0", "0", "1", "R", "H"]], "accept": []}

A rule is [state, read, write, moves, next state], where read, write and moves have one character
per tape and moves are L, S or R. `accept` may be left out, and so may `input` (a word per tape)
and `heads` (a position per tape).

The long form is for symbols of several characters: there `alphabet` is a list of strings, and
read, write and every word of `input` are lists of strings too.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from itertools import islice
from typing import Any

from tmsim.machines.formats import automata_lib
from tmsim.machines.formats.document import Document, as_document
from tmsim.machines.machine import TuringMachine
from tmsim.machines.validation import cut

NAME = "explicit"

_REQUIRED = ("tapes", "states", "alphabet", "blank", "start", "halt", "rules")
_OPTIONAL = ("accept", "input", "heads")


def matches(text: str) -> bool:
    """Is the text a JSON object, by its first character, and no dict of automata-lib?"""
    return text.lstrip()[:1] == "{" and not automata_lib.matches(text)


def parse(text: str) -> Document:
    """The machine of a JSON text. Raises ValueError naming the line and column or the JSON path.

    >>> text = '{"tapes": 1, "states": ["A"], "alphabet": "01", "blank": "0", "start": "A",'
    >>> text += ' "halt": [], "rules": [["A", "0", "1", "R", "A"]]}'
    >>> parse(text).machine.transitions
    mappingproxy({('A', ('0',)): ('A', ('1',), (<Move.R: 1>,))})
    """
    try:
        data = json.loads(text, object_pairs_hook=_unique)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise ValueError(f"explicit: {place}: {error.msg}") from None
    except RecursionError:
        raise ValueError("explicit: lists are nested too deeply for a machine") from None
    return document_of(data)


def document_of(data: Any) -> Document:
    """The document that a JSON value says, such as `data_of` returns.

    Raises ValueError naming the JSON path of what does not belong there.

    >>> document_of(data_of(TuringMachine({}, "A", "0"))).machine.start
    'A'
    """
    _keys(data)
    tapes, long = data["tapes"], isinstance(data["alphabet"], list)
    _expect("tapes", type(tapes) is int and tapes >= 1, tapes, "a whole number, 1 or more")
    states = dict.fromkeys(_distinct("states", _strings("states", data["states"])))
    symbols = dict.fromkeys(_distinct("alphabet", _word("alphabet", data["alphabet"], long)))
    _member("blank", data["blank"], symbols)
    _member("start", data["start"], states)
    for key in ("halt", "accept"):
        for i, state in enumerate(_distinct(key, _strings(key, data.get(key, [])))):
            _member(f"{key}[{i}]", state, states)
    table, first = {}, {}
    for i, rule in enumerate(_list("rules", data["rules"])):
        source, target = _rule(f"rules[{i}]", rule, tapes, states, symbols, long)
        _expect(
            f"rules[{i}]", source not in table, list(source),
            f"one rule per state and read; rules[{first.get(source)}] has them too",
        )  # fmt: skip
        table[source], first[source] = target, i
    machine = TuringMachine(
        table, data["start"], data["blank"], states=states, symbols=symbols,
        halting=data["halt"], accepting=data.get("accept", []), tapes=tapes,
    )  # fmt: skip
    return _with_input(machine, data, long)


def _with_input(machine: TuringMachine, data: dict[str, Any], long: bool) -> Document:
    given = _list("input", data.get("input", []))
    _expect("input", len(given) <= machine.tapes, given, f"{machine.tapes} words at most")
    symbols = dict.fromkeys(map(str, machine.symbols))
    words = [_word(f"input[{i}]", word, long) for i, word in enumerate(given)]
    for i, word in enumerate(words):
        for j, symbol in enumerate(word):
            _member(f"input[{i}][{j}]", symbol, symbols)
    heads = _list("heads", data.get("heads", [0] * machine.tapes))
    fits = len(heads) == machine.tapes and all(type(head) is int for head in heads)
    _expect("heads", fits, heads, f"{machine.tapes} whole numbers, one per tape")
    return Document(machine, tuple(words), tuple(heads))


def _rule(
    path: str, rule: Any, tapes: int, states: Collection[str], symbols: Collection[str], long: bool
) -> tuple:
    _expect(
        path, isinstance(rule, list) and len(rule) == 5, rule, "[state, read, write, moves, next]"
    )
    state, *columns, next_state = rule
    _member(f"{path}[0]", state, states)
    _member(f"{path}[4]", next_state, states)
    read, write = (_word(f"{path}[{n}]", columns[n - 1], long) for n in (1, 2))
    moves = _word(f"{path}[3]", columns[2], long=False)
    for n, column in ((1, read), (2, write), (3, moves)):
        _expect(f"{path}[{n}]", len(column) == tapes, rule[n], f"{tapes} entries, one per tape")
        for entry in column:
            _member(f"{path}[{n}]", entry, ("L", "S", "R") if n == 3 else symbols)
    return (state, read), (next_state, write, moves)


def _keys(data: Any) -> None:
    _expect("the text", isinstance(data, dict), data, "a JSON object")
    for key in data:
        if key not in _REQUIRED + _OPTIONAL:
            known = ", ".join(_REQUIRED + _OPTIONAL)
            raise ValueError(f"explicit: unknown key {cut(repr(key))}; the keys are {known}")
    for key in _REQUIRED:
        if key not in data:
            raise ValueError(f"explicit: the key {key!r} is missing")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = {}
    for key, value in pairs:
        if key in data:
            raise ValueError(f"explicit: the key {cut(repr(key))} appears twice")
        data[key] = value
    return data


def _word(path: str, value: Any, long: bool) -> tuple[str, ...]:
    """A word: a string with a character per symbol, in the long form a list of strings."""
    if long:
        return _strings(path, value)
    _expect(path, isinstance(value, str), value, "a string, one character per symbol")
    return tuple(value)


def _strings(path: str, value: Any) -> tuple[str, ...]:
    for i, item in enumerate(_list(path, value)):
        _expect(f"{path}[{i}]", isinstance(item, str), item, "a string")
    return tuple(value)


def _list(path: str, value: Any) -> list:
    _expect(path, isinstance(value, list), value, "a list")
    return value


def _distinct(path: str, values: tuple[str, ...]) -> tuple[str, ...]:
    seen: set[str] = set()
    for value in values:
        _expect(path, value not in seen, value, "every name once")
        seen.add(value)
    return values


def _member(path: str, value: Any, allowed: Collection[str]) -> None:
    """`allowed` is a dict where there may be many: found at once, and listed in its order."""
    if not isinstance(value, str) or value not in allowed:
        known = cut(", ".join(islice(allowed, 12)), 90) + (", ..." if len(allowed) > 12 else "")
        _expect(path, False, value, f"one of {known}")


def _expect(path: str, holds: bool, value: Any, expected: str) -> None:
    if not holds:
        try:
            shown = cut(json.dumps(value))
        except (RecursionError, TypeError):  # nested deep, or from Python and no JSON
            shown = cut(repr(value)) if not isinstance(value, (list, dict)) else "a nested value"
        raise ValueError(f"explicit: {path} is {shown}, expected {expected}")


def write(source: Document | TuringMachine) -> str:
    """The JSON text of a machine, one rule a line; the long form where a symbol needs it.

    Raises ValueError for a state or symbol that is not a string, for JSON has no other names.

    >>> text = write(TuringMachine.one_tape({("A", "0"): ("A", "1", "R")}, start="A", blank="0"))
    >>> parse(text).machine.symbols
    ('0', '1')
    """
    data = data_of(source)
    table = ",\n".join(f"    {json.dumps(rule)}" for rule in data.pop("rules"))
    lines = [f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in data.items()]
    return "{\n" + ",\n".join([*lines, f'  "rules": [\n{table}\n  ]']) + "\n}\n"


def data_of(source: Document | TuringMachine) -> dict[str, Any]:
    """The JSON object of a machine: dicts, lists, strings and numbers. Errors as `write`.

    >>> right = TuringMachine.one_tape({("A", "0"): ("A", "1", "R")}, start="A", blank="0")
    >>> data_of(right)["rules"]
    [['A', '0', '1', 'R', 'A']]
    """
    document = as_document(source)
    machine = document.machine
    for name in (*machine.states, *machine.symbols):
        if not isinstance(name, str):
            raise ValueError(f"the explicit format needs strings as names; {name!r} is none")
    words = (*machine.symbols, *(a for word in document.tapes for a in word))
    spell: Any = list if any(len(str(a)) != 1 for a in words) else "".join
    parts: dict[str, Any] = {
        "tapes": machine.tapes,
        "states": list(machine.states),
        "alphabet": spell(machine.symbols),
        "blank": machine.blank,
        "start": machine.start,
        "halt": [state for state in machine.states if state in machine.halting],
        "accept": [state for state in machine.states if state in machine.accepting],
    }
    if document.tapes:
        parts["input"] = [spell(word) for word in document.tapes]
    if any(document.heads):
        parts["heads"] = list(document.heads)
    parts["rules"] = [
        [state, spell(read), spell(written), "".join(move.name for move in moves), target]
        for (state, read), (target, written, moves) in machine.transitions.items()
    ]
    return parts
