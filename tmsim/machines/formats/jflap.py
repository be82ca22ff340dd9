"""JFLAP's files, .jff (https://www.jflap.org): Turing machines with one tape or several, as XML.

    <structure><type>turing</type>[<tapes>2</tapes>]<automaton>
      <state id="0" name="q0"><x>0</x><y>0</y><initial/></state> ...
      <transition><from>0</from><to>1</to>
        <read tape="1">a</read><write tape="1">b</write><move tape="1">R</move> ...

States are `block` elements in files of JFLAP 6.4. An empty `read` or `write` is the blank, which we
show as JFLAP does: □. A run accepts, and stops, on entering a final state. The alphabet is what the
transitions mention. Deterministic machines only: no `!a` (anything but a), no `~` (any symbol), no
variables `a,b}v`, no building blocks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from tmsim.machines.formats.document import Document, as_document, with_symbols
from tmsim.machines.formats.finals import final_states, strings, transitions_taken
from tmsim.machines.machine import TuringMachine
from tmsim.machines.step import State
from tmsim.machines.validation import cut, show

if TYPE_CHECKING:
    from tmsim.machines.formats.elements import Element

NAME = "jflap"
BLANK = "□"

_MANY = "!~}"  # the signs with which JFLAP writes many symbols as one
_INVISIBLE = re.compile(r"[\s]*[\r\n][\s]*")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def matches(text: str) -> bool:
    """Does the text begin as XML does?"""
    return text.lstrip("\ufeff \t\r\n")[:1] == "<"


def parse(text: str) -> Document:
    """The machine of a .jff text; its notes are the document's.

    Raises ValueError naming the line and the element, for a text that is not XML also the column.

    >>> text = '''<structure><type>turing</type><automaton>
    ... <state id="4" name="A"><initial/></state><state id="7" name="B"><final/></state>
    ... <transition><from>4</from><to>7</to><read/><write>1</write><move>R</move></transition>
    ... </automaton></structure>'''
    >>> parse(text).machine.transitions
    mappingproxy({('A', ('□',)): ('B', ('1',), (<Move.R: 1>,))})
    """
    from tmsim.machines.formats import elements

    structure = elements.root(text, NAME, "structure")
    of = structure.only("type").content()
    structure.expect(of == "turing", f"the type is {cut(show(of))}; expected turing")
    structure.holds("type", "tapes", "automaton")
    tapes = _tapes(structure)
    automaton = structure.only("automaton")
    names, start, final = _states(automaton)
    table: dict[tuple, tuple] = {}
    for number, element in enumerate(automaton.every("transition"), 1):
        source, target = _transition(element, f"transition {number}", names, tapes)
        element.expect(
            table.setdefault(source, target) == target,
            f"transition {number}: another one leaves {cut(show(source[0]))} on"
            f" {cut(show(source[1] if tapes > 1 else source[1][0]))} too; expected a deterministic"
            " machine",
        )
    notes = tuple(note.only("text").content() for note in automaton.every("note"))
    machine = TuringMachine(
        table, start, BLANK, states=names.values(), halting=final, accepting=final, tapes=tapes
    )
    return Document(machine, notes=notes, reading=partial(with_symbols, machine))


def _tapes(structure: Element) -> int:
    for element in structure.every("tapes"):
        given = element.content()
        good = re.fullmatch("[1-9][0-9]{0,2}", given, re.ASCII) is not None
        element.expect(good, f"tapes is {cut(show(given))}; expected a whole number from 1 to 999")
        return int(given)
    return 1


def _states(automaton: Element) -> tuple[dict[str, State], State, list[State]]:
    """The states' names by their ids, the initial one, and the final ones."""
    names: dict[str, State] = {}
    initial, final, blocks = [], [], set()
    taken: set[State] = set()
    for element in automaton.every("block", "state"):
        id = element.attribute("id")
        name = element.get("name", f"q{id}")
        element.expect(id not in names, f"the id {cut(show(id))} is another state's too")
        element.expect(name not in taken, f"the name {cut(show(name))} is another state's too")
        element.holds("tag", "x", "y", "label", "initial", "final")
        names[id] = name
        taken.add(name)
        initial += [name for _ in element.every("initial")][:1]
        final += [name for _ in element.every("final")][:1]
        blocks |= {tag.content() for tag in element.every("tag")}
    automaton.holds("block", "state", "transition", "note", *blocks)
    for block in automaton.every(*blocks - {"block", "state", "transition", "note"}):
        block.expect(not len(block), "a building block with states of its own; expected none")
    found = f"{len(initial)} states are initial" + "".join(f", {cut(show(q))}" for q in initial[:3])
    automaton.expect(len(initial) == 1, f"{found}; expected one")
    return names, initial[0], final


def _transition(
    element: Element, place: str, names: dict[str, State], tapes: int
) -> tuple[tuple, tuple]:
    element.holds("from", "to", "read", "write", "move", "controlx", "controly")
    ends = []
    for end in ("from", "to"):
        id = element.only(end).content()
        element.expect(
            id in names, f"{place}: {end} is {cut(show(id))}; expected the id of a state"
        )
        ends.append(names[id])
    read, write = (_symbols(element, place, what, tapes) for what in ("read", "write"))
    moves = _per_tape(element, place, "move", tapes)
    for move in moves:
        element.expect(
            move in ("L", "S", "R"), f"{place}: move {cut(show(move))}; expected L, S or R"
        )
    return (ends[0], read), (ends[1], write, moves)


def _symbols(element: Element, place: str, what: str, tapes: int) -> tuple[str, ...]:
    """The symbols read or written, one per tape; white space with a line break is layout."""
    texts = _per_tape(element, place, what, tapes)
    symbols = tuple(BLANK if _INVISIBLE.fullmatch(text) else text or BLANK for text in texts)
    for symbol in symbols:
        element.expect(
            len(symbol) == 1 and symbol not in _MANY,
            f"{place}: {what} is {cut(show(symbol))}; expected one symbol, or nothing for the blank"
            " (!a, ~ and variables are not supported)",
        )
    return symbols


def _per_tape(element: Element, place: str, what: str, tapes: int) -> tuple[str, ...]:
    found: dict[str, str] = {}
    for part in element.every(what):
        tape = part.get("tape", "1" if tapes == 1 else "")
        known = re.fullmatch("[1-9][0-9]*", tape, re.ASCII) and int(tape) <= tapes
        part.expect(
            bool(known),
            f"{place}: {what} of tape {cut(show(tape))}; expected a tape from 1 to {tapes}",
        )
        part.expect(tape not in found, f"{place}: {what} of tape {tape} stands there twice")
        found[tape] = part.whole()
    for tape in map(str, range(1, tapes + 1)):
        element.expect(tape in found, f"{place}: no {what} of tape {tape}")
    return tuple(found[str(tape)] for tape in range(1, tapes + 1))


def write(source: Document | TuringMachine) -> str:
    """The .jff text of a machine, its blank as JFLAP's, notes included.

    The final states are the accepting ones, or the halting ones of a machine that accepts nowhere.
    Raises ValueError for what a .jff file has no words for: an input, symbols that are not single
    characters or mean something else to JFLAP, an accepting state that does not halt.

    >>> text = write(TuringMachine.one_tape({("A", "0"): ("Z", "1", "R")}, start="A", blank="0"))
    >>> parse(text).machine.transitions
    mappingproxy({('A', ('□',)): ('Z', ('1',), (<Move.R: 1>,))})
    """
    document = as_document(source)
    strings(document.machine, NAME)
    blank = not any(document.tapes) and not any(document.heads)
    if not blank:
        raise ValueError(
            "jflap files hold no input; the machine comes with one, or a head not on 0"
        )
    for text in (*document.machine.states, *document.notes):
        if found := _NOT_XML.search(str(text)):
            raise ValueError(f"XML has no character {found[0]!r}; it is in {text!r}")
    return "\n".join(_lines(document)) + "\n"


def _lines(document: Document) -> Iterator[str]:
    machine = document.machine
    final = final_states(machine, NAME)
    spelt = {a: _spelt(str(a)) for a in machine.symbols if a != machine.blank}
    spelt[machine.blank] = ""
    ids = {state: i for i, state in enumerate(machine.states)}
    yield '<?xml version="1.0" encoding="UTF-8" standalone="no"?>'
    yield "<structure>\n\t<type>turing</type>"
    if machine.tapes > 1:
        yield f"\t<tapes>{machine.tapes}</tapes>"
    yield "\t<automaton>"
    for state, i in ids.items():
        marks = ["<initial/>"] * (state == machine.start) + ["<final/>"] * (state in final)
        at = f"<x>{100 + 150 * (i % 8)}.0</x><y>{100 + 150 * (i // 8)}.0</y>"
        name = quoteattr(str(state))
        yield f'\t\t<state id="{i}" name={name}>{at}{"".join(marks)}</state>'
    for (state, read), (then, write, moves) in transitions_taken(machine).items():
        yield f"\t\t<transition>\n\t\t\t<from>{ids[state]}</from>\n\t\t\t<to>{ids[then]}</to>"
        for tape, (a, b, move) in enumerate(zip(read, write, moves, strict=True), 1):
            on = f' tape="{tape}"' if machine.tapes > 1 else ""
            yield f"\t\t\t<read{on}>{spelt[a]}</read>"
            yield f"\t\t\t<write{on}>{spelt[b]}</write>"
            yield f"\t\t\t<move{on}>{move.name}</move>"
        yield "\t\t</transition>"
    for note in document.notes:
        yield f"\t\t<note><text>{escape(note)}</text><x>0.0</x><y>0.0</y></note>"
    yield "\t</automaton>\n</structure>"


def _spelt(symbol: str) -> str:
    one = len(symbol) == 1 and symbol not in _MANY + BLANK + "\r\n"
    if not one or _NOT_XML.match(symbol):
        raise ValueError(
            f"jflap needs symbols of one character, none of {' '.join(_MANY + BLANK)}"
            f" (□ is its blank); the machine has {show(symbol)}"
        )
    return escape(symbol)
