"""Turing machines: what they accept, what they refuse, and what a run is."""

from __future__ import annotations

import pickle
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmsim.machines import Configuration, Move, Step, TuringMachine, initial, run, steps
from tmsim.outcome import Outcome
from tmsim.testing import tapes, turing_machines, walkers

FLIP = {("A", "0"): ("B", "1", "R"), ("B", "1"): ("A", "0", -1)}


def flip(table=FLIP, **parts) -> TuringMachine:
    return TuringMachine.one_tape(table, **{"start": "A", "blank": "0", **parts})


def test_what_is_left_out_is_derived():
    table = {("B", "1"): ("A", "2", "R"), ("A", "0"): ("C", "3", "L")}
    machine = flip(table, start="D", blank="_")
    assert machine.states == ("D", "B", "A", "C")
    assert machine.symbols == ("_", "1", "0", "2", "3")
    assert machine.halting == {"C", "D"}
    assert machine.accepting == frozenset()
    assert flip(table, start="A", blank="0").states == ("B", "A", "C")


def test_a_machine_without_transitions_has_one_tape():
    machine = TuringMachine({}, start="A", blank="0")
    assert (machine.tapes, machine.states, machine.halting) == (1, ("A",), {"A"})


@pytest.mark.parametrize("move", ["R", 1, Move.R])
def test_moves_are_normalised(move):
    machine = flip({("A", "0"): ("A", "1", move)})
    assert machine.transitions["A", ("0",)] == ("A", ("1",), (Move.R,))
    assert isinstance(machine.transitions["A", ("0",)][2][0], Move)


def test_machines_are_values():
    assert flip() == flip() and hash(flip()) == hash(flip())
    assert flip() != flip(start="B")
    assert flip() != flip(accepting=["A"])
    assert pickle.loads(pickle.dumps(flip())) == flip()


def test_machines_do_not_change():
    table = dict(FLIP)
    machine = flip(table)
    table["A", "1"] = ("A", "1", "R")
    assert machine == flip()
    with pytest.raises(TypeError):
        machine.transitions["A", ("1",)] = ("A", ("1",), (Move.R,))  # type: ignore[index]


TWO = {("A", ("0", "1")): ("B", ("0", "0"), ("L", "R"))}

MISTAKES = [
    (
        lambda: flip({("A", "0"): ("B", "7", "R")}, symbols="01"),
        "transition (A, 0) -> (B, 7, R): symbol 7 is not in the alphabet (0, 1)",
    ),
    (
        lambda: flip({("A", "7"): ("B", "1", "R")}, symbols="01"),
        "transition (A, 7) -> (B, 1, R): symbol 7 is not in the alphabet (0, 1)",
    ),
    (
        lambda: flip({("A", "0"): ("B", "1", "R")}, states="A"),
        "transition (A, 0) -> (B, 1, R): state B is not one of the states (A)",
    ),
    (
        lambda: flip({("A", "0"): ("B", "1", "X")}),
        "transition (A, 0) -> (B, 1, X): move 'X' is none of L, S, R, -1, 0, 1",
    ),
    (
        lambda: flip({("A", "0"): ("B", "1", 2)}),
        "transition (A, 0) -> (B, 1, 2): move 2 is none of L, S, R, -1, 0, 1",
    ),
    (
        lambda: TuringMachine(TWO, "A", "0", tapes=3),
        "transition (A, (0, 1)) -> (B, (0, 0), (L, R)): reads (0, 1),"
        " expected 3 of them, one per tape",
    ),
    (
        lambda: TuringMachine({("A", ("0",)): ("B", ("0", "1"), ("L",))}, "A", "0"),
        "transition (A, 0) -> (B, (0, 1), L): writes (0, 1), expected 1 of them, one per tape",
    ),
    (
        lambda: TuringMachine({("A", "0"): ("B", "1", "R")}, "A", "0"),
        "transition (A, 0) -> (B, 1, R): reads '0', expected a tuple with one entry per tape"
        " (TuringMachine.one_tape takes bare symbols)",
    ),
    (
        lambda: TuringMachine({("A", ("0",)): ("B", ("1",))}, "A", "0"),  # type: ignore[dict-item]
        "transition ('A', ('0',)) -> ('B', ('1',)): expected (state, symbols read) ->"
        " (next state, symbols written, moves)",
    ),
    (
        lambda: flip({("A", "0"): (["B"], "1", "R")}),
        "transition (A, 0) -> ((B), 1, R): unhashable type: 'list';"
        " states and symbols must be hashable",
    ),
    (lambda: flip(start="C", states="AB"), "start state C is not one of the states (A, B)"),
    (lambda: flip(blank=" ", symbols="01"), "blank ' ' is not in the alphabet (0, 1)"),
    (lambda: flip(halting="Z"), "halting state Z is not one of the states (A, B)"),
    (lambda: flip(accepting="Z"), "accepting state Z is not one of the states (A, B)"),
    (lambda: flip(states="ABA"), "states: A is listed twice"),
    (lambda: flip(symbols="010"), "symbols: 0 is listed twice"),
    (
        lambda: TuringMachine({}, "A", "0", tapes=0),
        "tapes is 0; a machine has one tape or more",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("build", "message"), MISTAKES, ids=[m[:40] for _, m in MISTAKES])
def test_a_mistake_is_named(build, message):
    with pytest.raises(ValueError) as error:
        build()
    assert str(error.value) == message


def test_a_step_is_what_was_done_and_where():
    first, second = islice(steps(flip(), ["01"]), 2)
    assert first == Step("A", ("0",), "B", ("1",), (Move.R,), (0,))
    assert second == Step("B", ("1",), "A", ("0",), (Move.L,), (1,))


def test_halting_comes_before_transitions():
    machine = flip({("A", "0"): ("B", "1", "R"), ("B", "0"): ("A", "1", "R")}, halting="B")
    assert run(machine).steps == 1
    assert run(machine).outcome is Outcome.halted
    assert len(list(islice(steps(machine), 5))) == 1
    assert run(flip(halting="AB")).steps == 0


def test_the_step_limit():
    chain = flip({("A", "0"): ("B", "1", "R"), ("B", "0"): ("C", "1", "R")})
    assert run(chain, max_steps=2).outcome is Outcome.halted
    assert run(chain, max_steps=1).outcome is Outcome.out_of_steps
    assert run(chain, max_steps=0).steps == 0
    stuck = flip({("A", "0"): ("B", "1", "R"), ("B", "0"): ("C", "1", "R")}, halting=())
    assert run(stuck, max_steps=2).outcome is Outcome.no_transition
    with pytest.raises(ValueError, match="max_steps is -1"):
        run(chain, max_steps=-1)


def test_every_tape_has_its_word_and_head():
    machine = TuringMachine(TWO, "A", "0")
    start = initial(machine, ["", "011"], 2)
    assert start == Configuration("A", ({}, {1: "1", 2: "1"}), (2, 0), blank="0")
    assert initial(machine, [], [3, -4]).heads == (3, -4)
    end = run(machine, ["", "011"], [-1, 2])
    assert end.configuration == Configuration("B", ({}, {1: "1"}), (-2, 3), blank="0")


@pytest.mark.parametrize(
    ("tapes", "heads", "message"),
    [
        (["0121"], None, "tape 1, cell 2: 2 is not in the alphabet (0, 1)"),
        (["0", "1"], None, "2 words for a machine with 1 tape(s)"),
        ("01", None, "tapes is the text '01'; give one word per tape, as in ['01']"),
        ([], [0, 0], "heads is [0, 0]; expected 1 whole number(s)"),
        ([], ["x"], "heads is ['x']; expected 1 whole number(s)"),
    ],
)
def test_an_input_that_does_not_suit_is_refused_at_once(tapes, heads, message):
    for use in (steps, run, initial):
        with pytest.raises(ValueError) as error:
            use(flip(), tapes, heads)
        assert str(error.value) == message


def test_a_tape_is_trimmed_to_its_marked_cells():
    tape = {-2: "0", -1: "1", 2: "1", 3: "0"}
    assert Configuration("A", (tape,), (0,), "0").trimmed() == (-1, ("1", "0", "0", "1"))
    assert Configuration("A", ({5: "0"},), (0,), "0").trimmed() == (0, ())


machines = turing_machines(max_tapes=2) | walkers()
inputs = machines.flatmap(lambda m: st.tuples(st.just(m), tapes(m), st.integers(-3, 9)))


@given(inputs, st.integers(0, 60))
def test_a_run_is_the_fold_of_its_steps(drawn, limit):
    machine, words, head = drawn
    trace = tuple(islice(steps(machine, words, head), limit))
    now = initial(machine, words, head)
    state, heads, cells = now.state, now.heads, [dict(tape) for tape in now.tapes]
    for step in trace:
        for tape, at, symbol in zip(cells, step.heads, step.write, strict=True):
            tape[at] = symbol
        heads = tuple(at + move for at, move in zip(step.heads, step.moves, strict=True))
        state = step.next_state
    end = run(machine, words, head, limit)
    assert end.configuration == Configuration(state, tuple(cells), heads, machine.blank)
    assert end.steps == len(trace)
    kept = run(machine, words, head, limit, keep=True)
    assert kept.trace == trace
    assert (kept.outcome, kept.steps, kept.configuration) == (
        end.outcome, end.steps, end.configuration,
    )  # fmt: skip


@given(inputs)
def test_renaming_renames_the_run(drawn):
    machine, words, head = drawn
    a = {symbol: f"s{symbol}" for symbol in machine.symbols}
    q = {state: f"q{state}" for state in machine.states}
    renamed = machine.renamed(q, a)
    end, other = run(machine, words, head, 60), run(renamed, [[a[x] for x in w] for w in words],
                                                    head, 60)  # fmt: skip
    assert (other.outcome, other.steps) == (end.outcome, end.steps)
    assert other.configuration.state == q[end.configuration.state]
    for tape in range(machine.tapes):
        left, word = end.configuration.trimmed(tape)
        assert other.configuration.trimmed(tape) == (left, tuple(a[x] for x in word))
    back = {name: old for old, name in q.items()}, {name: old for old, name in a.items()}
    assert renamed.renamed(*back) == machine


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (({"A": "B"},), "renaming would give two states the name B"),
        (({}, {"2": "3"}), "cannot rename symbol 2: the machine has no such symbol"),
    ],
)
def test_a_renaming_that_is_not_one_to_one_is_refused(names, message):
    with pytest.raises(ValueError) as error:
        flip().renamed(*names)
    assert str(error.value) == message
