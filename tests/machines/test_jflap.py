"""JFLAP's files: what they say, what is refused and where, and machines written and read back."""

from __future__ import annotations

import pytest
from hypothesis import given

from tmsim.machines import TuringMachine, load, run
from tmsim.machines.formats import jflap
from tmsim.machines.formats.document import Document
from tmsim.testing import turing_machines

STATES = """<state id="5" name="A"><x>1.0</x><y>2.0</y><initial/></state>
<block id="3" name="B"><tag>Machine0</tag><final/></block>"""
RULE = "<transition><from>5</from><to>3</to><read>a</read><write/><move>S</move></transition>"


def text(*parts: str, tapes: str = "") -> str:
    inside = "\n".join(parts)
    return f"<structure><type>turing</type>{tapes}<automaton>\n{inside}\n</automaton></structure>"


def test_a_file_of_either_version():
    document = jflap.parse("<!-- JFLAP -->" + text(STATES, RULE, "<Machine0/>&#13;", RULE))
    machine = document.machine
    assert dict(machine.transitions) == {("A", ("a",)): ("B", ("□",), (0,))}
    assert (machine.start, machine.blank, machine.states) == ("A", "□", ("A", "B"))
    assert machine.halting == machine.accepting == {"B"}


def test_layout_is_not_a_symbol_and_a_space_is():
    rule = RULE.replace("<write/>", "<write>\n\t&#13;</write>").replace(">a<", "> <")
    assert list(jflap.parse(text(STATES, rule)).machine.transitions.items()) == [
        (("A", (" ",)), ("B", ("□",), (0,)))
    ]


def test_tapes_come_in_any_order():
    parts = "".join(
        f'<read tape="{i}">{i}</read><write tape="{i}"/><move tape="{i}">R</move>' for i in (2, 1)
    )
    rule = f"<transition><from>5</from><to>3</to>{parts}</transition>"
    machine = jflap.parse(text(STATES, rule, tapes="<tapes>2</tapes>")).machine
    assert list(machine.transitions) == [("A", ("1", "2"))]


def test_an_input_may_bring_symbols_that_no_transition_reads():
    document = jflap.parse(text(STATES, RULE)).with_input(["z"])
    end = run(document.machine, document.tapes)
    assert (end.outcome, end.steps) == ("no_transition", 0)


NESTED = "<Machine0><automaton/></Machine0>"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("<structure><type>fa</type></structure>", "line 1: the type is fa; expected turing"),
        ('<structure type="editor_panel"/>', "line 1: <structure> has no element <type>"),
        ("<a/>", "the root element is not <structure>"),
        ("", "line 1, column 1: no element found"),
        ("<structure>\n <type></structure>", "line 2, column 10: mismatched tag"),
        ("<structure>&x;</structure>", "line 1, column 12: undefined entity"),
        ("<a>\ud800</a>", "character 4 is '\\ud800', no text"),
        ("<a>" * 50, "line 1: elements are nested deeper than 20"),
        ("<a>" + "x" * 2_000_000, "2,000,003 characters; expected 2,000,000 at most"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "line 1: a document type or an entity"),
        ('<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "line 1: a document type or an entity"),
        (text(STATES, tapes="<tapes>0</tapes>"), "line 1: tapes is 0; expected a whole number"),
        (text(RULE), "line 1: 0 states are initial; expected one"),
        (text(STATES, '<state id="9"><initial/></state>'), "line 1: 2 states are initial, A, q9;"),
        (text(STATES, '<state id="5"/>'), "line 4: the id 5 is another state's too"),
        (text(STATES, '<state id="9" name="A"/>'), "line 4: the name A is another state's too"),
        (text(STATES, "<state/>"), "line 4: <state> has no attribute id"),
        (text(STATES, '<state id="1"><output/></state>'), "line 4: <output> in <state>; expected"),
        (text(STATES, "<label/>"), "line 4: <label> in <automaton>; expected one of block, state"),
        (text(STATES, "lorem"), "line 1: text lorem in <automaton>; expected elements"),
        (text(STATES, NESTED), "line 4: a building block with states of its own"),
        (text(STATES, RULE, RULE.replace("S<", "L<")), "line 5: transition 2: another one leaves"),
        (text(STATES, RULE.replace("5", "7", 1)), "line 4: transition 1: from is 7; expected the"),
        (text(STATES, RULE.replace(">a<", ">!a<")), "line 4: transition 1: read is !a; expected"),
        (text(STATES, RULE.replace(">a<", ">!<")), "line 4: transition 1: read is !; expected"),
        (text(STATES, RULE.replace(">a<", ">~<")), "line 4: transition 1: read is ~; expected"),
        (text(STATES, RULE.replace(">a<", ">a,b}v<")), "line 4: transition 1: read is 'a,b}v'"),
        (text(STATES, RULE.replace(">S<", ">N<")), "line 4: transition 1: move N; expected L, S"),
        (text(STATES, RULE.replace("<write/>", "")), "line 4: transition 1: no write of tape 1"),
        (text(STATES, RULE.replace("<write/>", "<write/><write/>")), "line 4: transition 1: write"),
        (text(STATES, RULE, tapes="<tapes>2</tapes>"), "line 4: transition 1: read of tape ''"),
        (text(STATES, RULE.replace("<read>", '<read tape="2">')), "line 4: transition 1: read of"),
    ],
)  # fmt: skip
def test_a_mistake_is_placed(given, message):
    with pytest.raises(ValueError) as error:
        jflap.parse(given)
    assert str(error.value).startswith(f"jflap: {message}") and "\n" not in str(error.value)


@given(turing_machines(max_tapes=3))
def test_what_is_written_runs_the_same(machine):
    found = jflap.parse(jflap.write(Document(machine, notes=("a < b",))))
    assert found.notes == ("a < b",)
    named = machine.renamed(symbols={"0": "□"})
    assert found.machine.transitions == named.transitions
    assert (found.machine.start, found.machine.halting) == (named.start, named.halting)
    assert found.machine.states == named.states


def test_rejecting_states_are_states_that_nothing_leaves():
    table = {("A", "0"): ("no", "1", "R"), ("A", "1"): ("yes", "1", "R")}
    table["no", "0"] = ("A", "0", "L")
    machine = TuringMachine.one_tape(
        table, start="A", blank="0", halting=["no", "yes"], accepting=["yes"]
    )
    found = jflap.parse(jflap.write(machine)).machine
    assert found.halting == found.accepting == {"yes"} and len(found.transitions) == 2


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (load("binary-increment"), "jflap files hold no input"),
        (load("bb2").machine.renamed(symbols={"1": "~"}), "jflap needs symbols of one character"),
        (load("bb2").machine.renamed(symbols={"1": "11"}), "jflap needs symbols of one character"),
        (load("bb2").machine.renamed(symbols={"1": "□"}), "jflap needs symbols of one character"),
        (load("bb2").machine.renamed({"A": "\x01"}), "XML has no character '\\x01'"),
        (load("bb2").machine.renamed({"A": 7}), "jflap needs strings as names; the state 7"),
    ],
)
def test_what_has_no_words_is_refused(source, message):
    with pytest.raises(ValueError) as error:
        jflap.write(source)
    assert str(error.value).startswith(message)


def test_an_accepting_state_that_a_run_leaves_is_refused():
    machine = TuringMachine.one_tape(
        {("A", "0"): ("A", "0", "R")}, start="A", blank="0", accepting="A"
    )
    with pytest.raises(ValueError, match="jflap stops in every accepting state; accepting state A"):
        jflap.write(machine)
