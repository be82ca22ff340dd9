"""turingmachine.io: the table of actions, YAML as it is written, mistakes placed."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmsim.machines import TuringMachine, formats, run
from tmsim.machines.formats import turingmachine_io as io
from tmsim.machines.formats.document import Document
from tmsim.testing import tapes, turing_machines, walkers

HEAD = "blank: ' '\nstart state: a\n"
TABLE = HEAD + "table:\n  a:\n"

# Texts may not hold a state that has no actions and yet does not halt.
MACHINES = turing_machines(stay=False, max_symbols=4, missing=False) | walkers()
NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=3)


@given(st.data())
def test_a_machine_that_moves_is_written_and_read_back(data):
    machine = data.draw(MACHINES)
    new = st.lists(NAMES, min_size=9, max_size=9, unique=True)
    symbols = dict(zip(machine.symbols, [" ", *"'#:\"1"], strict=False))
    states = dict(zip(machine.states, data.draw(new), strict=False))
    machine = machine.renamed(states, symbols)
    [word] = data.draw(tapes(machine, max_length=5))
    document = Document(machine, (word,))
    back = formats.parse(io.write(document))
    assert io.write(back) == io.write(document)
    assert (back.machine.start, back.machine.blank) == (machine.start, machine.blank)
    assert (back.machine.states, back.machine.halting) == (machine.states, machine.halting)
    assert (back.machine.transitions, back.tapes) == (machine.transitions, (word,))
    mine, its = (run(d.machine, d.tapes, d.heads, 60, keep=True) for d in (document, back))
    assert (mine.trace, mine.outcome) == (its.trace, its.outcome)


def test_the_ways_to_say_an_action():
    text = HEAD + (
        "input: '1,'\nsynonyms:\n  go: {write: x, R: b}\ntable:\n  a:\n    [0, 1]: L\n"
        "    ' ': {write: 2, L}\n    ',': {R: b}\n    '#': go\n    +: {R: ~}\n"
        "  b: {0: R}\n  c:\n  accept: {}\n"
    )
    document = io.parse(text)
    machine = document.machine
    told = {
        f"{state}{read}": (then, written, move.name)
        for (state, (read,)), (then, (written,), (move,)) in machine.transitions.items()
    }
    assert told == {
        "a0": ("a", "0", "L"), "a1": ("a", "1", "L"), "a ": ("a", "2", "L"),
        "a,": ("b", ",", "R"), "a#": ("b", "x", "R"), "a+": ("a", "+", "R"), "b0": ("b", "0", "R"),
    }  # fmt: skip
    assert machine.states == ("a", "b", "c", "accept")
    assert machine.halting == {"c", "accept"}
    assert machine.accepting == {"accept"} and document.tapes == (("1", ","),)


def test_words_are_read_as_they_are_written():
    text = (
        "blank: 0\nstart state: yes\ninput: 4728\ntable:\n  yes: {=: {R: on}, y: {R: 1}}\n  on:\n"
    )
    document = io.parse(text + "  1:\n")
    assert document.tapes == (tuple("4728"),)
    assert document.machine.states == ("yes", "on", "1") and document.machine.blank == "0"


def test_an_input_may_bring_symbols():
    document = io.parse(HEAD + "input: 0?\ntable: {a: {0: R}}")
    assert document.machine.symbols == (" ", "0", "?")
    assert document.with_input(["!"]).machine.symbols == (" ", "0", "!")


SAVED = "name: two\n words\nsource code: |\n  blank: ' '\n  start state: a\n\n"
SAVED += "  table:\n    a: {%s: R}\n"


def test_a_saved_document_is_read_and_its_mistakes_placed():
    document = io.parse(SAVED % "1" + "positions: {a: {x: 1, y: 0.5}}\n")
    assert document.notes == ("two words",) and document.machine.symbols == (" ", "1")
    with pytest.raises(ValueError, match="io: line 8, column 9: '11'; expected one character"):
        io.parse(SAVED % "11")
    with pytest.raises(ValueError, match="io: line 8, column 12: the tag !x; expected none"):
        io.parse(SAVED.replace("R}", "!x R}") % "1")
    with pytest.raises(ValueError, match="line 9, column 1: 'table'; expected one of name, source"):
        io.parse(SAVED % "1" + "table: {}")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the text is empty; expected blank, start state and table"),
        ("table", "line 1, column 1: 'table'; expected a mapping with blank, start state and"),
        (
            "start state: a\ntable:",
            "line 1, column 1: a mapping; expected a mapping with the key",
        ),
        ("blank: a\ntable:", "line 1, column 1: a mapping; expected a mapping with the key start"),
        ("blank: ab\nstart state: a\ntable:", "line 1, column 8: 'ab'; expected the blank: one"),
        ("blank:\nstart state: a\ntable:", "line 1, column 7: nothing; expected the blank: one"),
        (HEAD + "table:", "line 3, column 7: nothing; expected a mapping of states to their"),
        (HEAD + "tabel: {a: }", "line 3, column 1: 'tabel'; expected one of input, blank, start"),
        (HEAD + "table: {b: }", "line 2, column 14: 'a'; expected a state of the table"),
        (TABLE + "    1: {R: b}", "line 5, column 12: 'b'; expected a state of the table"),
        (TABLE + "    1: S", "line 5, column 8: 'S'; expected L, R, a synonym, or {write: symbol"),
        (TABLE + "    1:", "line 5, column 7: nothing; expected L, R, a synonym, or"),
        (TABLE + "    1: {write: 1}", "line 5, column 8: a mapping; expected L, R, a synonym, or"),
        (TABLE + "    1: {L, R}", "line 5, column 8: a mapping; expected L, R, a synonym, or"),
        (TABLE + "    1: [L]", "line 5, column 8: a sequence; expected L, R, a synonym, or"),
        (TABLE + "    1: {S, L}", "line 5, column 9: 'S'; expected L, R, a synonym, or"),
        (TABLE + "    1: {write: 10, L}", "line 5, column 16: '10'; expected the symbol to write"),
        (TABLE + "    1: {write: , L}", "line 5, column 15: nothing; expected the symbol to write"),
        (TABLE + "    1: {R: a, R: a}", "line 5, column 15: 'R'; expected every key once; line 5"),
        (TABLE + "    1: {R: [a]}", "line 5, column 12: a sequence; expected a state"),
        (TABLE + "    10: R", "line 5, column 5: '10'; expected one character, or a list of them"),
        (TABLE + "    []: R", "line 5, column 5: a sequence; expected one character, or a list"),
        (TABLE + "    [[1]]: R", "line 5, column 6: a sequence; expected one character, or a list"),
        (
            TABLE + "    1: R\n    [0,1]: L",
            "line 6, column 8: '1'; expected one action per symbol; line 5 has its",
        ),
        (TABLE + "  a:", "line 5, column 3: 'a'; expected every key once; line 4 has it"),
        (TABLE + "blank: x", "line 5, column 1: 'blank'; expected every key once; line 1 has it"),
        (
            HEAD + "synonyms: {x: {R: b}}\ntable: {a: }",
            "line 3, column 19: 'b'; expected a state of the table",
        ),
        (HEAD + "synonyms: {x: L, y: x}\ntable: {a: }", "line 3, column 21: 'x'; expected L, R, a"),
        (HEAD + "synonyms: {L: R}\ntable: {a: }", "line 3, column 12: 'L'; expected a name for an"),
        (
            "input: 0110\n" + TABLE,
            "line 1, column 8: '0110'; expected the input, in quotes: '0",
        ),
        ("input: 0\n" + TABLE, "line 1, column 8: '0'; expected the input, in quotes: '0'"),
        ("input: 1_0\n" + TABLE, "line 1, column 8: '1_0'; expected the input, in quotes"),
        ("input: 1e3\n" + TABLE, "line 1, column 8: '1e3'; expected the input, in quotes"),
        ("input: 1:30\n" + TABLE, "line 1, column 8: '1:30'; expected the input, in quotes"),
        ("input: 1.0\n" + TABLE, "line 1, column 8: '1.0'; expected the input, in quotes"),
        ("input: [1]\n" + TABLE, "line 1, column 8: a sequence; expected the input"),
        ("input: " + "1" * 16 + "\n" + TABLE, "line 1, column 8: '1111111111111111'; expected"),
        (TABLE + "    *: R", "line 5, column 6: while scanning an alias: expected alphabetic"),
        (TABLE + "    &x 1: R", "line 5, column 5: an anchor or alias; expected the text itself"),
        (
            TABLE + "    !!str 1: R",
            "line 5, column 5: the tag tag:yaml.org,2002:str; expected",
        ),
        (
            TABLE + "    1: R\n---\na: b",
            "line 6, column 1: expected a single document in the",
        ),
        (TABLE + "    1: {R", "line 5, column 10: while parsing a flow mapping: expected"),
        (TABLE + "\t1: R", "line 5, column 1: while scanning for the next token: found"),
        (
            TABLE + "    '\x07': R",
            "line 5, column 6: '\\x07'; expected characters that YAML",
        ),
        (
            TABLE + '    "\\uD800": R',
            "line 5, column 5: '\\ud800'; expected characters, not",
        ),
        ("[" * 10**5, "line 1, column 9: nested deeper than 8"),
        ("- " * 10**4, "line 1, column 17: nested deeper than 8"),
        ("table: " + "x" * 10**7, "10,000,007 characters; expected 100,000 at most"),
    ],
)
def test_a_mistake_is_placed_at_once(text, message):
    began = time.perf_counter()
    with pytest.raises(ValueError) as error:
        io.parse(text)
    assert str(error.value).startswith(f"turingmachine.io: {message}")
    assert "\n" not in str(error.value) and time.perf_counter() - began < 1


def test_an_escape_out_of_range_is_refused():
    for escape in ("\\UFFFFFFFF", "\\U00110000"):
        with pytest.raises(ValueError, match=r"^turingmachine\.io: "):
            io.parse(f'blank: "{escape}"')


def test_laughs_do_not_multiply():
    laughs = "a: &a [x,x]\n" + "".join(
        f"{chr(98 + i)}: &{chr(98 + i)} [*{chr(97 + i)},*{chr(97 + i)}]\n" for i in range(24)
    )
    with pytest.raises(ValueError, match="line 1, column 4: an anchor or alias; expected the text"):
        io.parse(laughs)


def one(table, **parts):
    return TuringMachine.one_tape(table, start="a", blank=" ", **parts)


RIGHT = one({("a", " "): ("a", "1", "R")})
TWO = TuringMachine({("a", (" ", " ")): ("a", ("1", "1"), ("R", "R"))}, "a", " ")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (
            one({("a", " "): ("a", "1", "S")}),
            "moves L and R; the machine has a stay move in state",
        ),
        (TWO, "one tape; the machine has 2 tapes"),
        (one({("a", " "): ("a", "10", "R")}), "symbols of one character; the machine has (10)"),
        (one({("a", " "): ("a", "\n", "R")}), "names of 1 to 100 visible characters"),
        (one({("a", " "): ("b", "1", "R"), ("b", "1"): ("a", "1", "R")}, halting="b"), "leave (b)"),
        (one({("a", " "): ("b", "1", "R")}, halting=""), "states it may not halt in, (b)"),
        (
            one({("a", " "): ("b", "1", "R")}, accepting="b"),
            "accept as accepting state; the",
        ),
        (
            one({("a", " "): ("b", "1", "R")}, accepting="a"),
            "accept as accepting state; the",
        ),
        (Document(RIGHT, (), (2,)), "the head on cell 0; the machine has it on cell 2"),
    ],
)
def test_what_it_has_no_words_for_is_refused(source, message):
    with pytest.raises(ValueError) as error:
        io.write(source)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (TABLE, True),
        ("'start state': a", True),
        ("source code: |\n  x", True),
        ("  table:", False),
        ("init: a\naccept: b", False),
        ("tables: 1", False),
    ],
)
def test_it_is_recognised(text, found):
    assert io.matches(text) == found
