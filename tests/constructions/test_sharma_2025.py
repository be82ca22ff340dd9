"""sharma_2025: one set of weights, rules that mean the machine, and runs equal to its own."""

from __future__ import annotations

import hashlib
from itertools import product
from typing import Any

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tmsim
from constructions._sharma.registers import digits, number
from constructions._sharma.rules import HALTS, STUCK, Action, rules_of, says
from tests.constructions.machines import TWO_WAY
from tmsim import catalogue
from tmsim.engine.assemble import assemble
from tmsim.engine.transformer import Transformer
from tmsim.lemmas import check_lemmas
from tmsim.machines import TuringMachine, zoo
from tmsim.machines.assembly.flow import assemble as machine_of
from tmsim.machines.assembly.structured import Do, Meets, On, While
from tmsim.machines.indexed import index_of
from tmsim.outcome import Outcome
from tmsim.proofs import Bounds, Frame
from tmsim.testing.laws import FRAMES, Case, Setting, cases
from tmsim.testing.laws.engine import decoded
from tmsim.testing.strategies import turing_machines

SHARMA = catalogue.find("sharma_2025")
SHORT = ["bb2-undefined", "bb4", "unary-doubling", "palindrome-2-tapes", "binary-addition-3-tapes"]


def weights_hash(weights: Transformer) -> str:
    numbers = b"".join(np.asarray(x).tobytes() for x in jax.tree.leaves(weights))
    return hashlib.sha256(numbers).hexdigest()


@pytest.mark.parametrize("dtype", SHARMA.claim.dtypes)
def test_one_set_of_weights_for_every_machine_word_and_bound(dtype: str):
    machines = [zoo.load(name).machine for name in ("bb4", "bb3", "palindrome", "binary-addition")]
    hashes = set()
    with jax.enable_x64(True):
        for machine, steps in product(machines, (9, 700)):
            frame = Frame(16, 8, 1, Bounds(steps, steps))
            assert SHARMA.leaves(machine, frame) == {}
            hashes.add(weights_hash(assemble(SHARMA.program(frame), {}, dtype)))
    assert len(hashes) == 1


def test_as_many_digits_are_the_same_weights():
    layers = {}
    for states, symbols in ((9, 5), (16, 8), (17, 8), (16, 9)):
        program = SHARMA.program(Frame(states, symbols, 2, Bounds(5, 5)))
        layers[states, symbols] = program.stream.width, program.layers[-1].heads
    assert layers[9, 5] == layers[16, 8]
    assert layers[17, 8] != layers[16, 8] != layers[16, 9]


def test_what_differs_from_machine_to_machine_is_the_prompt():
    frame = SHARMA.frame(zoo.load("bb4").machine, Bounds(30, 30))
    prompts = []
    for name in ("bb3", "bb4"):
        machine = zoo.load(name).machine
        rules, others = SHARMA.prompt(machine, (), (0,), frame), rules_of(machine)
        word = SHARMA.prompt(machine, (("1", "1", "1"),), (1,), frame)
        *told, null = rules.rows
        assert len(told) == len(others) and all("rule" in row for row in told)
        assert null["null"] == 1
        assert word.rows[: len(told)] == told
        assert all({"rule", "null"}.isdisjoint(row) for row in word.rows[len(told) + 1 :])
        prompts.append(told)
    assert prompts[0] != prompts[1]


def assert_rules_say_the_table(machine: TuringMachine) -> None:
    rules = rules_of(machine)
    a, q = index_of(machine.symbols), index_of(machine.states)
    for state, read in product(machine.states, product(machine.symbols, repeat=machine.tapes)):
        expected: Any = STUCK
        if state in machine.halting:
            expected = HALTS
        elif (state, read) in machine.transitions:
            then, write, moves = machine.transitions[state, read]
            expected = Action(q[then], tuple(a[x] for x in write), tuple(map(int, moves)))
        assert says(rules, q[state], tuple(a[x] for x in read)) == expected


@given(turing_machines(max_states=4, max_symbols=4, max_tapes=3))
def test_rules_say_what_the_table_says(machine: TuringMachine):
    assert_rules_say_the_table(machine)


@pytest.mark.parametrize("met", ["", "0", "01", "01a", "01ab"])
def test_rules_say_no_more_where_a_state_meets_few_symbols(met: str):
    """The first state meets all symbols of x, the second some of them, on 25 pairs and fewer."""
    body = [Do({"y": "0"}, {"x": "R"}), Do({}, {"y": "R"})]
    machine = machine_of([Do({}, {"x": "R"}), Meets({"x": met + "_"}, body)],
                         {"x": "01ab", "y": "01ab"})  # fmt: skip
    assert_rules_say_the_table(machine)
    assert len(rules_of(machine)) < 12 < len(machine.transitions)


@given(turing_machines(max_states=4, max_symbols=4, max_tapes=3))
def test_rules_are_never_many_more_than_transitions(machine: TuringMachine):
    """One for each halting state, and for a symbol that no transition reads."""
    more = len(machine.halting) + machine.tapes * len(machine.symbols)
    assert len(rules_of(machine)) <= len(machine.transitions) + more


def test_what_a_program_leaves_open_its_rules_leave_open():
    program = [While(On("x", "01"), [Do({"y": "1"}, {"x": "R"})])]
    machine = machine_of(program, {"x": "01", "y": "01", "z": "01"})
    assert len(machine.transitions) == 3**3
    # Go on whatever there is; halt on a blank; what halting is.
    assert [rule.read for rule in rules_of(machine)] == [(None,) * 3, (0, None, None), (None,) * 3]


def test_a_later_rule_wins_over_an_earlier_one():
    rules = rules_of(machine_of([While(On("x", "01ab"), [Do({}, {"x": "R"})])], {"x": "01ab"}))
    assert [rule.read for rule in rules] == [(None,), (0,), (None,)]
    assert says(rules, 0, (1,)) == Action(0, (1,), (1,))
    assert says(rules, 0, (0,)) == Action(1, (0,), (0,))


@given(st.integers(0, 31))
def test_numbers_are_their_digits(value: int):
    held = [digit for _, digit in digits("x", value, 5)]
    assert number([digit for digit in held if digit is not None]) == value
    assert {digit for _, digit in digits("x", None, 5)} == {None}


def test_a_machine_that_is_too_large_for_a_frame_is_not_cut_to_fit():
    machine = zoo.load("bb4").machine  # with the halting one, 5 states
    with pytest.raises(ValueError, match=r"then_state holds 0\.\.3, not 4"):
        SHARMA.prompt(machine, (), (0,), Frame(4, 2, 1, Bounds(9, 9)))


@pytest.mark.parametrize("name", SHORT)
def test_the_prompted_run_is_the_specialised_one(name: str):
    """Futamura's view: `tzamos_2026` has the machine's table for weights."""
    prompted = tmsim.simulate(name, construction="sharma_2025")
    specialised = tmsim.simulate(name, construction="tzamos_2026")
    assert prompted.matches_reference and prompted.outcome is specialised.outcome
    assert prompted.trace.differs(specialised.trace) is None
    assert prompted.tokens == specialised.tokens == prompted.steps
    entry = zoo.load(name)
    frame = SHARMA.frame(entry.machine, Bounds(1, 1))
    rules = len(rules_of(entry.machine))
    typed = len(SHARMA.prompt(entry.machine, entry.tapes, entry.heads, frame).rows) - rules
    assert (prompted.context, specialised.context) == (rules + typed + prompted.steps,
                                                       typed + prompted.steps)  # fmt: skip


@settings(max_examples=10)
@given(st.sampled_from([1, 2]).flatmap(lambda k: cases(FRAMES[k])))
def test_random_machines_run_as_the_specialised_ones(case: Case):
    frame, tzamos = FRAMES[case.machine.tapes], catalogue.find("tzamos_2026")
    found, outcome = decoded(Setting.default(SHARMA, frame), case)
    expected, ended = decoded(Setting.default(tzamos, frame), case)
    assert found.differs(expected) is None
    assert (len(found), outcome) == (len(expected), ended)


def test_the_lemmas_hold_on_a_machine_of_three_tapes():
    entry = zoo.load("binary-addition-3-tapes")
    assert check_lemmas(SHARMA, entry.machine, entry.tapes, entry.heads) is None


def test_two_way_machines_and_stays():
    run = tmsim.simulate(TWO_WAY, [("1", "1", "0")], head=1, construction="sharma_2025")
    assert (run.outcome, run.matches_reference) == (Outcome.halted, True)


def test_a_start_state_that_halts_is_a_rule_too():
    still = TuringMachine.one_tape({}, start="Z", blank="0", symbols="01")
    run = tmsim.simulate(still, construction="sharma_2025")
    assert (run.outcome, run.steps) == (Outcome.halted, 0)


def test_the_rules_are_matched_by_a_gap_of_one():
    run = tmsim.simulate("bb4", construction="sharma_2025")
    assert run.certificate is not None
    assert run.certificate.gaps["rule"] == 1.0
