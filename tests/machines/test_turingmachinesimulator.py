"""turingmachinesimulator.com: rules as pairs of lines, back and forth, mistakes placed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmsim.machines import TuringMachine, formats, run
from tmsim.machines.formats import turingmachinesimulator as tms
from tmsim.machines.formats.document import Document
from tmsim.testing import tapes, turing_machines

HEAD = "init: a\naccept: z\n"


@given(st.data())
def test_a_machine_with_the_blank_is_written_and_read_back(data):
    drawn = data.draw(turing_machines(max_tapes=3, max_symbols=4))
    machine = drawn.renamed({"A": "a b"}, {"0": "_"})
    words = data.draw(tapes(machine, max_length=4))
    text = tms.write(Document(machine, notes=("a name",)))
    back = formats.parse(text)
    assert back.notes == ("a name",) and tms.write(back) == text
    now = back.with_input(words[: back.machine.tapes])
    # A machine without transitions is one of a single tape.
    mine = run(machine, words, None, 60, keep=True)
    its = run(now.machine, now.tapes, now.heads, 60, keep=True)
    assert (mine.trace, mine.outcome) == (its.trace, its.outcome)
    if back.machine.tapes == machine.tapes:
        assert mine.configuration == its.configuration
    assert back.machine.accepting == machine.halting


def test_a_text_with_all_there_is():
    text = (
        "// a comment\nname: two tapes // and\n\ninit: a\naccept: y z, z // here\n"
        "a, 0,_ // as it is\n\n  y z,1,2,<,- \r\na,0,_\ny z,1,2,<,-\ntestAccept: 00"
    )
    document = tms.parse(text)
    machine = document.machine
    assert document.notes == ("two tapes", "testAccept: 00")
    assert (machine.start, machine.accepting, machine.tapes) == ("a", {"y z", "z"}, 2)
    assert machine.halting == machine.accepting
    [(source, (target, written, moves))] = machine.transitions.items()
    assert (source, target, written) == (("a", ("0", "_")), "y z", ("1", "2"))
    assert [move.name for move in moves] == ["L", "S"]


def test_a_state_that_does_not_accept_does_not_halt():
    machine = tms.parse("init: a\naccept:\na,_\nqReject,_,-").machine
    assert machine.halting == frozenset() and machine.accepting == frozenset()
    assert run(machine).outcome == "no_transition"


def test_an_input_may_bring_symbols():
    document = tms.parse(HEAD + "a,0\na,0,>").with_input(["0?"])
    assert document.machine.symbols == ("_", "0", "?")
    end = run(document.machine, document.tapes)
    assert (end.steps, end.outcome) == (1, "no_transition")
    with pytest.raises(ValueError, match="tape 1, cell 1: 7 is not a symbol; expected one char"):
        document.with_input([["0", 7]])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "there is no line init:; expected init: and a state"),
        ("init: a", "there is no line accept:; expected accept: and a state"),
        ("init:\naccept: z", "line 1, column 6: ''; expected the name of a state"),
        ("init: a\naccept: z,,y", "line 2, column 11: ''; expected the name of a state"),
        (
            HEAD + " init: b",
            "line 3, column 2: 'init: b'; expected one line init:, and line 1 is one",
        ),
        (HEAD + "foo: bar", "line 3, column 1: 'foo: bar'; expected"),
        (HEAD + "a,0", "line 3, column 1: 'a'; expected a line below this one: next,write,..."),
        (HEAD + "a\nb", "line 3, column 1: 'a'; expected state,read,... with a symbol per tape"),
        (HEAD + "a,00\nb,0,>", "line 3, column 3: '00'; expected a symbol: one character"),
        (HEAD + "a,\nb,0,>", "line 3, column 3: ''; expected a symbol: one character"),
        (HEAD + "a,0\nb,0, R", "line 4, column 6: 'R'; expected a move: <, > or -"),
        (HEAD + "a,0\n,0,>", "line 4, column 1: ''; expected the name of a state"),
        (HEAD + "a,0\nb,0", "line 4, column 3: '0'; expected next,write,...,move,...: 3 fields"),
        (HEAD + "a,0\nb,0,>,>", "line 4, column 7: '>'; expected next,write,...,move,...: 3"),
        (
            HEAD + "a,0\nb,0,>\na,0,1\nb,0,>",
            "line 5, column 5: '1'; expected state,read,... with a symbol per tape: 2 fields",
        ),
        (
            HEAD + "a,0\nb,0,>\n\na, 0\nb,0,<",
            "line 6, column 1: 'a,0'; expected one rule for these, and line 3 is another",
        ),
        (HEAD + "," * 10**6, "line 3 has 1,000,000 characters; expected 100,000 at most"),
    ],
)
def test_a_mistake_is_placed(text, message):
    with pytest.raises(ValueError) as error:
        tms.parse(text)
    assert str(error.value).startswith(f"turingmachinesimulator: {message}")


def one(table, start: object = "a", **parts):
    return TuringMachine.one_tape(table, start=start, blank="_", **parts)


RIGHT = one({("a", "_"): ("a", "_", "R")})


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (TuringMachine.one_tape({("a", "0"): ("a", "0", 1)}, start="a", blank="0"), "the blank _"),
        (one({("a", "_"): ("a", ",", "R")}), "one visible character other than ,; ',' is none"),
        (one({("a", "_"): ("a", "ab", "R")}), "one visible character other than ,; ab is none"),
        (one({("a,b", "_"): ("a,b", "_", "R")}, "a,b"), "without comma, // and white space"),
        (one({("a//", "_"): ("a//", "_", "R")}, "a//"), "without comma, // and white space"),
        (one({("init:", "_"): ("init:", "_", "R")}, "init:"), "do not begin as its header lines"),
        (one({("a", "_"): ("a", "_", "R")}, accepting=["a"]), "stops in every accepting state"),
        (Document(RIGHT, (("_",),)), "no words for an input; the document has ((_)) with heads"),
        (Document(RIGHT, (), (1,)), "no words for an input"),
        (one({(1, "_"): (1, "_", "R")}, 1), "strings as names; the state 1 is none"),
    ],
)
def test_what_it_has_no_words_for_is_refused(source, message):
    with pytest.raises(ValueError, match=r"^turingmachinesimulator ") as error:
        tms.write(source)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("name: x\ninit: a\naccept: b", True),
        ("table:\n  init: {}\n  accept:", False),
        ("init: a\ntable: b", False),
        ("// init: a", False),
    ],
)
def test_it_is_recognised(text, found):
    assert tms.matches(text) == found
