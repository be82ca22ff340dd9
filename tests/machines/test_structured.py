"""Structured programs: tests cost nothing, an action is a step, the run is the program's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmsim.machines import TuringMachine, run
from tmsim.machines.assembly.flow import assemble
from tmsim.machines.step import Symbol
from tmsim.outcome import Outcome

from tmsim.machines.assembly.structured import (  # isort: skip
    Do, Goto, Halt, If, Label, Meets, On, Statement, Statements, Test, While, back, to_end,
)  # fmt: skip

TAPES = {"x": "01", "y": "01"}
SYMBOLS = "_01"


class Stopped(Exception):
    """The interpreter has made its steps."""


class Interpreter:
    """Structured programs without jumps, by their meaning: the other reading of the text."""

    def __init__(self, words: tuple[str, str], steps: int) -> None:
        named = zip(TAPES, words, strict=True)
        self.cells: dict[str, dict[int, Symbol]] = {t: dict(enumerate(w)) for t, w in named}
        self.heads, self.left, self.made = dict.fromkeys(TAPES, 0), steps, 0

    def seen(self, tape: str) -> Symbol:
        return self.cells[tape].get(self.heads[tape], "_")

    def all(self, statements: Statements) -> None:
        for statement in statements:
            self.one(statement)

    def one(self, statement: Any) -> None:
        if isinstance(statement, Do):
            if self.made == self.left:
                raise Stopped
            self.made += 1
            for tape, symbol in statement.write.items():
                self.cells[tape][self.heads[tape]] = symbol
            for tape, move in statement.move.items():
                self.heads[tape] += {"L": -1, "S": 0, "R": 1}[move]
        elif isinstance(statement, If):
            self.all(statement.yes if statement.test.holds(self.seen) else statement.no)
        elif isinstance(statement, While):
            while statement.test.holds(self.seen):
                self.all(statement.body)

    def marked(self) -> tuple[Mapping[int, Symbol], ...]:
        return tuple({c: a for c, a in t.items() if a != "_"} for t in self.cells.values())


def conditions() -> st.SearchStrategy[Test]:
    one = st.builds(On, st.sampled_from([*TAPES]), st.sets(st.sampled_from(SYMBOLS)).map(sorted))
    return st.recursive(
        one,
        lambda t: st.builds(lambda a, b: a & b, t, t) | st.builds(lambda a, b: a | b, t, t)
        | t.map(lambda a: ~a),
        max_leaves=3,
    )  # fmt: skip


def actions() -> st.SearchStrategy[Statement]:
    def some(values: str) -> st.SearchStrategy[dict[str, str]]:
        return st.dictionaries(st.sampled_from([*TAPES]), st.sampled_from(values))

    return st.builds(Do, some(SYMBOLS), some("LSR"))


def programs() -> st.SearchStrategy[list[Statement]]:
    """Every loop begins with an action: none goes round without a step."""
    return st.recursive(
        st.lists(actions(), max_size=2),
        lambda body: st.lists(
            actions()
            | st.builds(If, conditions(), body, body)
            | st.builds(lambda t, a, b: While(t, [a, *b]), conditions(), actions(), body),
            max_size=3,
        ),
        max_leaves=4,
    )


words = st.tuples(*[st.text("01", max_size=4)] * 2)


@given(programs(), words)
def test_the_machine_does_what_the_program_says(program: list[Statement], given_: Any) -> None:
    interpreter = Interpreter(given_, 40)
    try:
        interpreter.all(program)
        ended = True
    except Stopped:
        ended = False
    made = run(assemble(program, TAPES), given_, max_steps=interpreter.made + ended)
    # A program that ends behind a test needs a step to say so.
    assert made.steps - interpreter.made in (0, int(ended))
    assert (made.outcome is Outcome.halted) or not ended
    assert made.configuration.tapes == interpreter.marked()
    assert made.configuration.heads == tuple(interpreter.heads.values())


def one_tape(program: Statements, word: str, symbols: str = "01") -> Any:
    ended = run(assemble(program, {"x": symbols}), [word], max_steps=500)
    assert ended.outcome is Outcome.halted
    return ended


@given(st.text("01", min_size=1, max_size=6))
def test_to_end_and_back(word: str) -> None:
    there = one_tape(to_end("x", "01"), word)
    assert there.configuration.heads == (len(word),)
    again = one_tape([*to_end("x", "01"), *back("x", "01")], word)
    assert again.configuration.heads == (0,)
    # The word, one step back beyond it, and one to its first cell; and one to halt behind a test.
    assert (there.steps, again.steps) == (len(word) + 1, 2 * len(word) + 2)


def test_tests_between_actions_are_one_state() -> None:
    program = [If(On("x", "0"), [Do({"x": "1"})]), If(On("x", "1"), [Do({"x": "0"})])]
    machine = assemble(program, {"x": "01"})
    # 0 is written over by 1, and that is looked at again, so there is a state behind the action.
    assert machine.states == ("start", "start#2", "halt")


def test_states_carry_the_names_of_labels() -> None:
    program = [Label("go"), Do({}, {"x": "R"}), Do({}, {"x": "R"}), If(On("x", "0"), [Goto("go")]),
               Halt("ok")]  # fmt: skip
    machine = assemble(program, {"x": "01"})
    assert machine.states == ("go", "go#2", "go#3", "ok")
    assert (machine.start, machine.halting) == ("go", {"ok"})


def test_a_jump_goes_on_from_its_label() -> None:
    program = [Label("go"), If(On("x", "1"), [Do({"x": "0"}, {"x": "R"}), Goto("go")])]
    ended = one_tape(program, "1101")
    assert ended.configuration.trimmed() == (0, tuple("0001"))


def test_inside_meets_there_are_no_other_transitions() -> None:
    body: list[Statement] = [Label("in"), Do({}, {"x": "R"}), Do({}, {"y": "R"})]
    wide = assemble([Do({}, {"x": "R"}), *body], TAPES)
    tight = assemble([Do({}, {"x": "R"}), Meets({"x": "1"}, body)], TAPES)
    left_out = wide.transitions.keys() - tight.transitions.keys()
    assert left_out == {(q, (a, b)) for q in ("in", "in#2") for a in "_0" for b in SYMBOLS}
    assert {k: v for k, v in wide.transitions.items() if k not in left_out} == tight.transitions


@given(*[st.sampled_from(SYMBOLS)] * 2)
def test_tests_are_combined_as_logic_says(a: str, b: str) -> None:
    under = {"x": a, "y": b}.__getitem__
    one, other = On("x", "01"), On("y", "_")
    assert (one.holds(under), other.holds(under)) == (a in "01", b == "_")
    assert (one & other).holds(under) == (a in "01" and b == "_")
    assert (one | other).holds(under) == (a in "01" or b == "_")
    assert (~one).holds(under) == (a == "_")


def test_an_empty_program_halts_at_once() -> None:
    machine = assemble([], {"x": "01"})
    assert isinstance(machine, TuringMachine) and machine.start in machine.halting


def test_programs_that_are_wrong() -> None:
    step, go = Do({}, {"x": "R"}), Label("go")
    for program, message in (
        ([Goto("away"), go], "goto away: no such label; there are go"),
        ([go, go], "label go: it stands twice"),
        ([go, Goto("go")], "go: it leads back to itself without an action"),
        ([While(On("x", "0"), [])], "start: on 0 it never comes to an action"),
        ([If(On("z", "0"), [step])], "tape z: expected one of x"),
        ([Do({"z": "0"})], "tape z: expected one of x"),
        ([Meets({"z": "0"}, [step])], "tape z: expected one of x"),
        ([Label("halt"), step], "halt: a label and a halting state"),
        (["step"], "'step': expected a statement"),
    ):
        with pytest.raises(ValueError) as raised:
            assemble(program, {"x": "01"})  # type: ignore[arg-type]
        assert str(raised.value) == message
    with pytest.raises(ValueError, match="Do: tape x moves 'up'; expected L, S or R"):
        Do({}, {"x": "up"})
