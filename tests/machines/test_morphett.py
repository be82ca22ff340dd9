"""Morphett's rules: what the page does with them, wildcards over any input, mistakes placed."""

from __future__ import annotations

import pickle
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmsim.machines import TuringMachine, formats, run, steps
from tmsim.machines.formats import morphett
from tmsim.machines.formats.document import Document
from tmsim.machines.one_way import unmarked
from tmsim.testing import tapes, turing_machines

STATES = st.sampled_from(["0", "a", "halt", "Halt-x"])
SYMBOLS = st.sampled_from(["_", "x", "y"])
ANY = st.just("*")
RULES = st.lists(
    st.tuples(
        STATES | ANY, SYMBOLS | ANY, SYMBOLS | ANY, st.sampled_from("lLrR*"), STATES | ANY
    ),
    min_size=1, max_size=8,
)  # fmt: skip
MOVES = {"l": -1, "r": 1, "*": 0}


def as_the_page_runs(rules, word, one_way, limit=40):
    """The page's own loop: (state, head) before each of its steps, and the tape in the end."""
    table = {(state, read): rest for state, read, *rest in rules}
    tape, state, head, seen = dict(enumerate(word)), "0", 0, []
    while len(seen) < limit and state[:4].lower() != "halt":
        symbol = tape.get(head, "_")
        keys = [(state, symbol), (state, "*"), ("*", symbol), ("*", "*")]
        found = [table[key] for key in keys if key in table]
        if not found:
            break
        seen.append((state, head))
        write, move, target = found[0]
        tape[head] = symbol if write == "*" else write
        state = state if target == "*" else target
        head += MOVES[move.lower()]
        head = max(head, 0) if one_way else head
    return seen, (state, head), {cell: a for cell, a in tape.items() if a != "_"}


@given(RULES, st.text("xyz _", max_size=6), st.booleans())
def test_a_run_is_the_pages(rules, word, one_way):
    lines = [" ".join(rule) for rule in rules] + ["; $TAPE: one-way"] * one_way
    document = morphett.parse("\n".join(lines)).with_input([word])
    seen, end, tape = as_the_page_runs(rules, word.replace(" ", "_"), one_way)
    taken = list(islice(steps(document.machine, document.tapes, document.heads), 40))
    assert [(step.state, step.heads[0]) for step in taken] == seen
    last = run(document.machine, document.tapes, document.heads, 40).configuration
    last = unmarked(last) if one_way else last
    assert (last.state, last.heads[0]) == end
    assert {cell: a for cell, a in last.tapes[0].items() if a != "_"} == tape


@given(st.data())
def test_a_machine_with_these_names_is_written_and_read_back(data):
    machine = data.draw(turing_machines(max_symbols=4))
    there = {q: "halt" for q in machine.halting}
    machine = machine.renamed(there, {"0": "_"})
    [word] = data.draw(tapes(machine, max_length=5))
    head = data.draw(st.integers(0, 6))
    document = Document(machine, (word,), (head,))
    back = formats.parse(morphett.write(document))
    assert morphett.parse(morphett.write(back)).machine.transitions == back.machine.transitions
    assert back.heads == (head,)
    mine, its = (
        run(d.machine, d.tapes, d.heads, 60, keep=True) for d in (document, back)
    )  # fmt: skip
    assert (mine.trace, mine.outcome, mine.configuration) == (
        its.trace, its.outcome, its.configuration,
    )  # fmt: skip


def test_the_sample_input_brings_symbols_and_marks_the_head():
    document = morphett.parse("0 * * r 0\n;$INITIAL_TAPE: a b*c ")
    assert document.tapes == (("a", "_", "b", "c"),) and document.heads == (3,)
    assert ("0", ("c",)) in document.machine.transitions
    again = document.with_input(["z"])
    assert (again.tapes, again.heads, again.machine.symbols) == ((("z",),), (0,), ("_", "z"))
    assert again.with_input(["a b*c"]) == document == pickle.loads(pickle.dumps(document))
    assert morphett.parse("0 * * r 0 ; $INITIAL_TAPE: ").tapes == ()


def test_the_later_of_two_rules_counts_and_breakpoints_are_noted():
    document = morphett.parse("0 _ a r 0\n; 0 _ c r 0\n0 _ b l halt !")
    assert document.machine.transitions["0", ("_",)][1] == ("b",)
    assert document.notes == ("line 3: breakpoint", "line 3 replaces line 1")
    assert document.with_input(["a"]).notes == document.notes


def test_states_that_begin_with_halt_halt_and_one_accepts():
    machine = morphett.parse("0 _ _ r HALTED\n0 1 1 r halt-accept\n* * * r halt-reject").machine
    assert machine.halting == {"HALTED", "halt-accept", "halt-reject"}
    assert machine.accepting == {"halt-accept"}
    assert all(state == "0" for state, _ in machine.transitions)


def test_the_start_state_can_be_said():
    assert morphett.parse("b _ _ r b\n; $INITIAL_STATE: b").machine.start == "b"
    assert morphett.parse("b _ _ r b").machine.start == "0"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0 a b r", "line 1, column 8: ''; expected a state, the rule's field 5 of 5"),
        ("\n  0 a", "line 2, column 6: ''; expected a symbol, the rule's field 3 of 5"),
        ("0", "line 1, column 2: ''; expected a symbol, the rule's field 2 of 5"),
        ("0 aa b r 0", "line 1, column 3: 'aa'; expected a symbol: one character"),
        ("0 a bb r 0", "line 1, column 5: 'bb'; expected a symbol: one character"),
        ("0 a b right 0", "line 1, column 7: 'right'; expected a direction: l, r or *"),
        ("0 a b r 0 ?", "line 1, column 11: '?'; expected ! or the end of the rule"),
        ("0 a b r 0 ! 2", "line 1, column 13: '2'; expected the end of the rule after !"),
        ("; $TAPE: round", "line 1, column 10: 'round'; expected one-way or two-way"),
        ("; $INITIAL_STATE: a b", "line 1, column 19: 'a b'; expected the state to start in"),
        (
            ";$INITIAL_TAPE: a\n;$INITIAL_TAPE: b",
            "line 2, column 17: 'b'; expected $INITIAL_TAPE: once; line 1 has it",
        ),
        (";$INITIAL_TAPE: a*b*", "* stands in cell 1 and 3 of the input; expected it once"),
        ("0 * * r 0" + " " * 10**6, "line 1 has 1,000,009 characters; expected 100,000 at most"),
    ],
)
def test_a_mistake_is_placed(text, message):
    with pytest.raises(ValueError) as error:
        morphett.parse(text)
    assert str(error.value).startswith(f"morphett: {message}")


def test_wildcards_do_not_grow_beyond_measure():
    rules = "\n".join(f"q{i} * * r q{i + 1}" for i in range(1000))
    word = "".join(chr(0x4E00 + i) for i in range(1000))
    with pytest.raises(ValueError, match="1,002 states and 1,001 symbols make a table of more"):
        morphett.parse(rules).with_input([word])


@pytest.mark.parametrize(
    ("words", "heads", "message"),
    [
        (["a*"], 0, "* stands in cell 1 of the input, and heads is (0); expected it once"),
        ([["ab"]], None, "tape 1, cell 0: 'ab' is not a symbol; expected one character"),
        ([[1]], None, "tape 1, cell 0: 1 is not a symbol; expected one character"),
        (["a", "b"], None, "2 words for a machine with 1 tape(s)"),
        ("ab", None, "tapes is the text 'ab'; give one word per tape"),
    ],
)
def test_a_wrong_input_is_told(words, heads, message):
    with pytest.raises(ValueError) as error:
        morphett.parse("0 * * r 0").with_input(words, heads)
    assert message in str(error.value)


def one(table, start="0", **parts):
    return TuringMachine.one_tape(table, start=start, blank="_", **parts)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (one({("0", "_"): ("Z", "1", "R")}), "halts in the states that begin with halt; state Z"),
        (one({("halt", "_"): ("0", "1", "R")}, "halt"), "state halt does not halt"),
        (one({("a b", "_"): ("a b", "1", "R")}, "a b"), "states of one word without ; and 'a b'"),
        (one({("*", "_"): ("*", "1", "R")}, "*"), "states of one word without ; and * is none"),
        (one({("0", "_"): ("0", "*", "R")}), "one visible character other than * ;; * is none"),
        (one({("0", "_"): ("0", "10", "R")}), "one visible character other than * ;; 10 is none"),
        (TuringMachine({("0", ("_", "_")): ("0", ("_", "_"), (1, 1))}, "0", "_"), "has one tape"),
        (TuringMachine.one_tape({("0", 0): ("0", 0, 1)}, start="0", blank=0), "the symbol 0"),
        (TuringMachine.one_tape({("0", "0"): ("0", "0", 1)}, start="0", blank="0"), "the blank _"),
        (Document(one({("0", "_"): ("0", "_", 1)}), (), (-1,)), "the document's is on cell -1"),
        (
            one({("0", "_"): ("halt", "_", 1)}, accepting=["halt"]),
            "accepts in halt-accept; state halt accepts",
        ),
    ],
)
def test_what_it_has_no_words_for_is_refused(source, message):
    with pytest.raises(ValueError, match=r"^morphett ") as error:
        morphett.write(source)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("; one\n  s1 * _ L halt ! ; end", True),
        ("; nothing but $INITIAL_TAPE: 1", True),
        ("; 0 a b r 1", False),
        ("0 a b x 1", False),
        ("init: 0\naccept: 1\n0 a b r 1", False),
        ("input: a b r 1\ntable:\n", False),
        ("<a>\n0 a b r 1\n</a>", False),
        ("1RB1LB_1LA1RZ", False),
    ],
)
def test_it_is_recognised(text, found):
    assert morphett.matches(text) == found
