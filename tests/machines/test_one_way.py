"""Tapes that begin with cell 0: each step is one step, whatever the number of tapes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmsim.machines import Configuration, TuringMachine, initial, run
from tmsim.machines.one_way import one_way, one_way_input, unmarked
from tmsim.testing import tapes, turing_machines


def run_against_the_end(machine, words, heads, limit):
    """The definition: a head that would leave cell 0 to the left stays. Steps and configuration."""
    now = initial(machine, words, heads)
    tapes, heads, state = [dict(tape) for tape in now.tapes], now.heads, now.state
    for taken in range(limit):
        read = tuple(t.get(h, machine.blank) for t, h in zip(tapes, heads, strict=True))
        if state in machine.halting or (state, read) not in machine.transitions:
            return taken, Configuration(state, tuple(tapes), heads, machine.blank)
        state, write, moves = machine.transitions[state, read]
        for tape, head, symbol in zip(tapes, heads, write, strict=True):
            tape[head] = symbol
        heads = tuple(max(0, h + m) for h, m in zip(heads, moves, strict=True))
    return limit, Configuration(state, tuple(tapes), heads, machine.blank)


@given(st.data())
def test_every_step_is_the_one_way_machines(data):
    machine = data.draw(turing_machines(max_tapes=2))
    words = data.draw(tapes(machine, max_length=4))
    heads = data.draw(st.tuples(*[st.integers(0, 4)] * machine.tapes))
    steps, last = run_against_the_end(machine, words, heads, 30)
    marked, at = one_way_input(machine, words, heads)
    end = run(one_way(machine), marked, at, 30)
    assert (end.steps, unmarked(end.configuration)) == (steps, last)


LEFT = TuringMachine.one_tape({("A", "0"): ("A", "1", "L")}, start="A", blank="0")


def test_what_cannot_be_marked_is_refused():
    with pytest.raises(ValueError, match=r"heads \(-1\): a one-way tape begins with cell 0"):
        one_way_input(LEFT, [], -1)
    with pytest.raises(ValueError, match="symbol 0: one-way tapes are for symbols that are text"):
        one_way(TuringMachine.one_tape({("A", 0): ("A", 0, "L")}, start="A", blank=0))
    with pytest.raises(ValueError, match="⊢0 is listed twice"):
        one_way(LEFT.renamed(symbols={"1": "⊢0"}))
