"""The editor text of turingmachinesimulator.com: rules as pairs of lines, for one tape or several.

    name: Even amount of zeros
    init: q0
    accept: qAccept

    q0,0
    q1,0,>

A rule is `state,read,...` and below it `next,write,...,move,...` with one symbol and one move per
tape; moves are `<`, `>` and `-` (stay). The blank is `_`, `//` starts a comment, blank lines may
stand anywhere. `accept` lists the halting states, which all accept; a run that ends elsewhere
rejects. The alphabet is what the rules and the input mention. Lines `testAccept:` and `testReject:`
are kept as notes.
"""

from __future__ import annotations

import re
from functools import partial

from tmsim.machines.formats.document import Document, as_document, with_symbols
from tmsim.machines.formats.finals import final_states, strings, transitions_taken
from tmsim.machines.formats.lines import (
    HEADED,
    Field,
    fields,
    lines,
    no_input,
    one_character_symbols,
)
from tmsim.machines.machine import TuringMachine
from tmsim.machines.step import Move
from tmsim.machines.validation import show

NAME = "turingmachinesimulator"

_MOVES = {"<": Move.L, "-": Move.S, ">": Move.R}
_ARROWS = {move: arrow for arrow, move in _MOVES.items()}
_HEADER = re.compile(r"[ \t]*(name|init|accept|testAccept|testReject)[ \t]*:[ \t]*(.*)", re.DOTALL)
_FIELD = re.compile(r"(?:^|(?<=,))[^,]*")


def matches(text: str) -> bool:
    """Does a line begin with `init:`, and none with a key of turingmachine.io?"""
    return {found[1] for found in HEADED.finditer(text)} == {"init"}


def parse(text: str) -> Document:
    """The machine of a text in this notation, and its name as a note.

    Raises ValueError naming the line, the column and what was expected there.

    >>> machine = parse("init: a\\naccept: b\\n\\na,_\\nb,1,>").machine
    >>> machine.transitions["a", ("_",)], sorted(machine.accepting)
    (('b', ('1',), (<Move.R: 1>,)), ['b'])
    """
    header: dict[str, Field] = {}
    tests: list[str] = []
    parts: list[list[Field]] = []
    for number, full in lines(text, NAME):
        line = full.partition("//")[0].rstrip()
        found = _HEADER.fullmatch(line)
        if found:
            key, value = found[1], Field(found[2], number, found.start(2) + 1)
            if key.startswith("test"):
                tests.append(f"{key}: {value.text}")
            elif key in header:
                expected = f"one line {key}:, and line {header[key].line} is one"
                raise Field(line.strip(), number, found.start(1) + 1).wrong(NAME, expected)
            else:
                header[key] = value
        elif line:
            parts.append(fields(line, number, _FIELD))
    for key in ("init", "accept"):
        if key not in header:
            raise ValueError(f"{NAME}: there is no line {key}:; expected {key}: and a state")
    named = [header["name"].text] if "name" in header and header["name"].text else []
    machine = _machine(header["init"], header["accept"], parts)
    return Document(machine, notes=(*named, *tests), reading=partial(with_symbols, machine))


def _machine(init: Field, accept: Field, parts: list[list[Field]]) -> TuringMachine:
    start = _state(init)
    listed = fields(accept.text, accept.line, _FIELD) if accept.text else []
    accepting = [_state(q._replace(column=q.column + accept.column - 1)) for q in listed]
    tapes = max(1, len(parts[0]) - 1) if parts else 1
    table, first = {}, {}
    for sources, targets in zip(parts[::2], parts[1::2], strict=False):
        source = _source(sources, tapes)
        target = _target(targets, tapes)
        if table.setdefault(source, target) != target:
            expected = f"one rule for these, and line {first[source]} is another"
            whole = Field(",".join(f.text for f in sources), *sources[0][1:])
            raise whole.wrong(NAME, expected)
        first.setdefault(source, sources[0].line)
    if len(parts) % 2:
        raise parts[-1][0].wrong(NAME, "a line below this one: next,write,...,move,...")
    states = [start, *(q for q, _ in table), *(p for p, _, _ in table.values()), *accepting]
    columns = [column for (_, read), (_, write, _) in table.items() for column in (read, write)]
    return TuringMachine(
        table, start, "_", states=dict.fromkeys(states),
        symbols=dict.fromkeys(["_", *(a for column in columns for a in column)]),
        halting=accepting, accepting=accepting, tapes=tapes,
    )  # fmt: skip


def _source(parts: list[Field], tapes: int) -> tuple:
    if len(parts) != tapes + 1 or len(parts) < 2:
        expected = "state,read,... with a symbol per tape"
        more = f": {tapes + 1} fields, as in the first rule" if len(parts) > 1 else ""
        raise parts[min(len(parts) - 1, tapes + 1)].wrong(NAME, expected + more)
    return _state(parts[0]), tuple(map(_symbol, parts[1:]))


def _target(parts: list[Field], tapes: int) -> tuple:
    if len(parts) != 2 * tapes + 1:
        expected = f"next,write,...,move,...: {2 * tapes + 1} fields for {tapes} tape(s)"
        raise parts[min(len(parts) - 1, 2 * tapes + 1)].wrong(NAME, expected)
    moves = parts[tapes + 1 :]
    for move in moves:
        if move.text not in _MOVES:
            raise move.wrong(NAME, "a move: <, > or -")
    written = tuple(map(_symbol, parts[1 : tapes + 1]))
    return _state(parts[0]), written, tuple(_MOVES[move.text] for move in moves)


def _state(part: Field) -> str:
    if not part.text:
        raise part.wrong(NAME, "the name of a state")
    return part.text


def _symbol(part: Field) -> str:
    if len(part.text) != 1:
        raise part.wrong(NAME, "a symbol: one character")
    return part.text


def write(source: Document | TuringMachine) -> str:
    """The text of a machine, its first note as its name.

    Halting states of a machine that accepts nowhere become accepting; those that reject become
    states without rules. Raises ValueError for what the format has no words for: another blank than
    `_`, symbols of several characters, state names with commas, an input.

    >>> print(write(parse("init: a\\naccept: b\\n\\na,_\\nb,1,>")), end="")
    init: a
    accept: b
    <BLANKLINE>
    a,_
    b,1,>
    """
    document = as_document(source)
    machine = document.machine
    no_input(document, NAME)
    strings(machine, NAME)
    one_character_symbols(machine, NAME, "_", ",")
    final, table = final_states(machine, NAME), transitions_taken(machine)
    for state in {machine.start, *final, *(q for q, _ in table), *(p for p, *_ in table.values())}:
        _writable(str(state))
    name = document.notes[0].partition("//")[0].strip() if document.notes else ""
    head = [f"name: {name}"] if name and name.isprintable() else []
    text = [*head, f"init: {machine.start}", f"accept: {','.join(map(str, final))}"]
    for (state, read), (target, written, moves) in table.items():
        arrows = [_ARROWS[move] for move in moves]
        text += ["", ",".join(map(str, (state, *read)))]
        text += [",".join(map(str, (target, *written, *arrows)))]
    return "\n".join(text) + "\n"


def _writable(state: str) -> None:
    plain = state and state.isprintable() and state == state.strip()
    if not plain or "," in state or "//" in state or _HEADER.match(state):
        raise ValueError(
            f"{NAME} has state names without comma, // and white space around them, that do not"
            f" begin as its header lines do; {show(state)} is none"
        )
