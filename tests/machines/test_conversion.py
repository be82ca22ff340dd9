"""From every format to every other: the same runs, and nothing lost unnamed."""

from __future__ import annotations

from itertools import islice, product

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tmsim.machines import TuringMachine, formats, load, steps
from tmsim.machines.formats import bbchallenge
from tmsim.machines.formats.conversion import convert
from tmsim.machines.formats.document import Document
from tmsim.testing import tapes, turing_machines, walkers

NAMES = formats.names()
PAIRS = list(product(NAMES, repeat=2))
ACCEPTING = st.sampled_from([frozenset(), frozenset("Z"), frozenset("A"), frozenset("AZ")])


@st.composite
def documents(draw, **size) -> Document:
    """Machines with acceptance and an input, one or three in ways that only some formats say."""
    machine = draw(turing_machines(**size) | walkers())
    accepting = draw(ACCEPTING) & set(machine.states)
    machine = TuringMachine(
        machine.transitions, machine.start, machine.blank, states=machine.states,
        symbols=machine.symbols, halting=machine.halting, accepting=accepting,
        tapes=machine.tapes,
    )  # fmt: skip
    words = draw(st.just(()) | tapes(machine, max_length=4))
    return Document(machine, words, notes=draw(st.just(()) | st.just(("note",))))


def moves(document: Document, words, heads) -> list[tuple]:
    run = document.with_input(words, heads)
    return [(s.moves, s.heads) for s in islice(steps(run.machine, run.tapes, run.heads), 60)]


@pytest.mark.parametrize(("first", "second"), PAIRS, ids=lambda name: name)
def test_written_in_one_and_read_back_in_another_it_runs_the_same(first, second):
    """Of simple machines: they move, start with a transition, halt in Z, and have an input."""
    tried, said = [], []

    @settings(max_examples=25)
    @given(turing_machines(stay=False, missing=False), st.data())
    def there_and_on(machine, data):
        words = data.draw(tapes(machine, max_length=4))
        assume(machine.start not in machine.halting)
        tried.append(machine)
        there = convert(Document(machine, words), first)
        on = convert(formats.parse(there.text, first), second)
        said.append(machine)
        renamed = [[on.symbols[there.symbols[a]] for a in word] for word in words]
        found = formats.parse(on.text, second)
        assert moves(found, renamed, 0) == moves(Document(machine), words, 0)

    there_and_on()
    assert len(said) == len(tried) >= 20


@pytest.mark.parametrize("target", NAMES)
def test_what_can_be_said_runs_the_same_from_the_same_input(target):
    tried, said = [], []

    @settings(max_examples=60)
    @given(documents(max_tapes=2, min_symbols=1))
    def said_or_refused(document):
        tried.append(document)
        try:
            done = convert(document, target)
        except ValueError as error:
            assert "\n" not in str(error)
            return
        said.append(document)
        found = formats.parse(done.text, target)
        words = [[done.symbols[a] for a in word] for word in document.tapes]
        assert moves(found, words, document.heads) == moves(
            document, document.tapes, document.heads
        )
        if not any("input" in lost for lost in done.lost):
            assert moves(found, found.tapes, found.heads) == moves(found, words, document.heads)
        if not any("accept" in lost for lost in done.lost):
            accepting = {done.states[q] for q in document.machine.accepting}
            assert found.machine.accepting <= accepting

    said_or_refused()
    assert len(said) >= len(tried) / 5


@given(documents(max_tapes=3))
def test_explicit_loses_only_notes(document):
    done = convert(document, "explicit")
    assert set(done.lost) <= {"notes"}
    assert formats.parse(done.text) == Document(document.machine, document.tapes, document.heads)


def test_what_is_lost_is_named():
    lost = convert(load("binary-increment"), "turingmachinesimulator").lost
    assert any(each.startswith("the input ") for each in lost)
    assert convert(load("bb2").machine, "bbchallenge").lost == ()
    assert convert(load("bb2").machine, "jflap").lost == (
        "symbol 0 is called □", "in Z runs now accept",
    )  # fmt: skip
    head = Document(load("bb2").machine, (), (3,))
    assert convert(head, "jflap").lost[1] == "heads on (3)"


def test_a_state_that_stops_without_halting_may_have_to_halt():
    table = {("A", "0"): ("B", "1", "R")}
    machine = TuringMachine.one_tape(table, start="A", blank="0", halting=[])
    done = convert(machine, "turingmachine.io")
    assert "in B runs now halt" in done.lost
    assert convert(machine, "explicit").lost == ()


def test_names_are_words_where_words_are_needed():
    machine = load("bb2").machine.renamed({"A": "go on; now", "Z": "the end"}, {"1": "one"})
    done = convert(machine, "morphett")
    assert done.states == {"go on; now": "q0", "B": "B", "the end": "halt"}
    assert done.symbols["0"] == "_" and len(done.symbols["one"]) == 1
    assert convert(machine, "bbchallenge").text == "1RB1LB_1LA1RZ"


@pytest.mark.parametrize(
    ("source", "target", "message"),
    [
        ("palindrome-2-tapes", "morphett", "one tape"),
        ("palindrome", "bbchallenge", "stay move in state A on 0 (A is its "),
        ("bb2", "nope", "unknown format 'nope'"),
    ],
)
def test_what_would_change_the_runs_is_refused(source, target, message):
    with pytest.raises(ValueError) as error:
        convert(load(source), target)
    assert message in str(error.value)


def test_a_writer_that_changes_the_machine_is_caught(monkeypatch):
    monkeypatch.setattr(bbchallenge, "write", lambda source: "1RB1LB_1LA0RZ")
    with pytest.raises(ValueError, match="the format bbchallenge would change the machine's runs"):
        convert(load("bb2").machine, "bbchallenge")
