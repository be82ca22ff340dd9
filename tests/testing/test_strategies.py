"""The strategies are tested too: what they promise, what they find, and what they shrink to."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice, pairwise, product
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from tmsim.machines import Configuration, Step, TuringMachine, load, run, steps
from tmsim.outcome import Outcome
from tmsim.testing import configurations, halting_machines, tapes, turing_machines, walkers

SEARCH = settings(
    max_examples=2000,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
NO_SHRINKING = settings(SEARCH, phases=[Phase.generate])


def minimal(strategy: st.SearchStrategy, condition: Callable[[Any], bool]) -> Any:
    return find(strategy, condition, settings=SEARCH)


def trace(machine: TuringMachine, limit: int = 50) -> list[Step]:
    return list(islice(steps(machine), limit))


def longest_absence(machine: TuringMachine, limit: int = 200) -> int:
    """The most steps between two visits of a cell."""
    seen, longest = {}, 0
    for time, step in enumerate(trace(machine, limit)):
        longest = max(longest, time - seen.get(step.heads, time))
        seen[step.heads] = time
    return longest


@given(turing_machines(min_states=2, max_states=3, min_symbols=3, max_symbols=4, max_tapes=2))
def test_machines_keep_their_bounds(machine):
    assert 2 <= len(set(machine.states) - machine.halting) <= 3
    assert 3 <= len(machine.symbols) <= 4
    assert machine.tapes in (1, 2)
    assert (machine.start, machine.blank) == ("A", "0")
    assert machine.halting <= {"Z"}
    assert machine.halting <= {target for target, _, _ in machine.transitions.values()}


@given(turing_machines(missing=False, stay=False, max_tapes=2))
def test_machines_without_missing_and_stay(machine):
    working = [state for state in machine.states if state not in machine.halting]
    reads = product(machine.symbols, repeat=machine.tapes)
    assert machine.transitions.keys() == set(product(working, reads))
    assert all(0 not in moves for _, _, moves in machine.transitions.values())


@pytest.mark.parametrize(
    ("strategy", "message"),
    [
        (turing_machines(min_states=3, max_states=2), "min_states=3, max_states=2"),
        (turing_machines(max_states=26), "max_states=26; expected 1 <= min <= max <= 25"),
        (turing_machines(max_symbols=11), "max_symbols=11; expected 1 <= min <= max <= 10"),
        (turing_machines(min_tapes=0), "min_tapes=0, max_tapes=1"),
        (halting_machines(max_steps=0), "max_steps=0; a machine needs one step"),
        (walkers(min_states=1), "min_states=1, max_states=5; expected 2 <= min"),
    ],
)
def test_bounds_that_nothing_meets_are_refused(strategy, message):
    with pytest.raises(ValueError) as error:
        minimal(strategy, lambda machine: True)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("condition", "states", "symbols", "transitions"),
    [
        (lambda m: True, 1, 2, 0),
        (lambda m: run(m, max_steps=20).outcome == "out_of_steps", 1, 2, 1),
        (lambda m: run(m, max_steps=20).outcome == "halted", 2, 2, 1),
        (lambda m: any(step.moves[0] == 0 for step in trace(m)), 2, 2, 1),
        (lambda m: len({step.state for step in trace(m)}) == 3, 4, 2, 3),
        (lambda m: {-1, 1} <= {step.heads[0] for step in trace(m)}, 2, 2, 2),
        (
            lambda m: len(trace(m)) > 2 and run(m, max_steps=50).outcome == "no_transition",
            4, 2, 3,
        ),
        (lambda m: "2" in m.symbols, 2, 3, 1),
    ],
    ids=["any", "loop", "halt", "stay", "three states", "both sides", "stuck", "three symbols"],
)  # fmt: skip
def test_what_is_found_is_small(condition, states, symbols, transitions):
    found = minimal(turing_machines(max_states=3), condition)
    size = len(found.states), len(found.symbols), len(found.transitions)
    assert size <= (states, symbols, transitions)
    assert condition(found)


def test_a_total_machine_shrinks_to_one_state():
    found = minimal(turing_machines(missing=False), lambda m: len(trace(m)) == 50)
    assert len(set(found.states) - found.halting) == 1 and len(found.symbols) == 2


def test_heads_that_part_are_found():
    def part(machine: TuringMachine) -> bool:
        return any(len(set(step.moves)) == 2 for step in trace(machine, 10))

    found = minimal(turing_machines(max_tapes=2, max_states=2, max_symbols=2), part)
    assert found.tapes == 2
    assert len(found.transitions) == 1 and len(found.symbols) == 2


@given(st.integers(1, 30).flatmap(lambda n: st.tuples(st.just(n), halting_machines(max_steps=n))))
def test_halting_machines_halt_in_time(drawn):
    limit, machine = drawn
    end = run(machine, max_steps=limit)
    assert end.outcome is Outcome.halted and end.steps >= 1


@given(halting_machines(max_steps=30, machines=turing_machines(min_tapes=2, max_tapes=2)))
def test_halting_machines_can_have_several_tapes(machine):
    assert machine.tapes == 2 and run(machine, max_steps=30).outcome is Outcome.halted


def test_halting_machines_shrink_and_last():
    assert len(minimal(halting_machines(), lambda m: True).transitions) == 1
    found = find(halting_machines(), lambda m: run(m).steps >= 15, settings=NO_SHRINKING)
    assert 15 <= run(found).steps <= 50


@given(walkers())
def test_walkers_never_halt_and_stay_with_what_they_know(machine):
    low = high = 0
    for step in islice(steps(machine), 300):
        (head,) = step.heads
        assert low - 1 <= head <= high + 1
        if step.read == ("0",) and step.heads != (0,):
            assert step.moves[0] == (1 if head < low else -1)
        low, high = min(low, head), max(high, head)
    assert run(machine, max_steps=300).outcome is Outcome.out_of_steps


def erratic(machine: TuringMachine) -> bool:
    """Does it turn round inside the block as well as at its ends?"""
    inside = [s.moves[0] for s in trace(machine, 200) if s.read != ("0",)]
    turns = sum(a != b for a, b in pairwise(inside))
    return turns >= 20 and longest_absence(machine) >= 10


@pytest.mark.parametrize(
    "condition",
    [
        lambda m: longest_absence(m) > 30,
        lambda m: len({step.heads for step in trace(m, 200)}) > 15,
        lambda m: {-3, 3} <= {step.heads[0] for step in trace(m, 200)},
        erratic,
    ],
    ids=["back after 30", "wide", "both sides", "erratic"],
)
def test_walks_worth_having_are_found(condition):
    assert condition(find(walkers(), condition, settings=NO_SHRINKING))


def test_walkers_shrink():
    found = minimal(walkers(), lambda m: len({step.heads for step in trace(m, 30)}) > 3)
    assert (len(found.states), len(found.symbols)) == (2, 2)


@given(turing_machines(max_tapes=3).flatmap(lambda m: st.tuples(st.just(m), tapes(m))))
def test_tapes_are_words_over_the_alphabet(drawn):
    machine, words = drawn
    assert len(words) == machine.tapes
    assert all(len(word) <= 8 and set(word) <= set(machine.symbols) for word in words)


def test_tapes_shrink():
    machine = load("palindrome-2-tapes").machine
    assert minimal(tapes(machine), lambda words: True) == ((), ())
    assert minimal(tapes(machine), lambda words: "b" in words[1]) == ((), ("b",))
    assert minimal(tapes(machine), lambda words: len(words[0]) == 2) == (("_", "_"), ())


@given(configurations(load("palindrome-2-tapes").machine, max_cells=3, reach=4))
def test_configurations_keep_their_bounds(configuration):
    machine = load("palindrome-2-tapes").machine
    assert configuration.state in machine.states
    assert all(-4 <= head <= 4 for head in configuration.heads)
    for cells in configuration.tapes:
        assert len(cells) <= 3
        assert all(-4 <= cell <= 4 and symbol in "ab" for cell, symbol in cells.items())


def test_configurations_shrink_and_reach_left():
    machine = load("bb4").machine
    blank = Configuration("A", ({},), (0,), "0")
    assert minimal(configurations(machine), lambda c: True) == blank
    left = Configuration("A", ({-1: "1"},), (0,), "0")
    assert minimal(configurations(machine), lambda c: c.trimmed()[0] < 0) == left
    assert minimal(configurations(machine), lambda c: c.heads[0] < 0).heads == (-1,)
    assert minimal(configurations(machine), lambda c: c.state == "D").tapes == ({},)
