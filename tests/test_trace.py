"""A trace as columns for other libraries: every step is in them, by index and by name."""

from __future__ import annotations

import json
from itertools import islice

import numpy as np
from hypothesis import given

from tmsim.machines import Move, TuringMachine, run, steps
from tmsim.testing import turing_machines
from tmsim.trace import Trace


@given(turing_machines(max_tapes=3))
def test_the_columns_say_every_step(machine):
    taken = list(islice(steps(machine), 30))
    trace = Trace.from_steps(machine, taken)
    columns = trace.to_dict()
    assert columns["step"] == list(range(1, len(taken) + 1))
    assert columns["state"] == [step.state for step in taken]
    assert columns["next_state"] == [step.next_state for step in taken]
    for tape in range(machine.tapes):
        for name, of in (("read", "read"), ("write", "write"), ("head", "heads")):
            assert columns[f"{name}_{tape + 1}"] == [getattr(step, of)[tape] for step in taken]
        assert columns[f"move_{tape + 1}"] == [step.moves[tape].name for step in taken]
    assert json.loads(json.dumps(columns)) == columns


@given(turing_machines(max_tapes=2))
def test_indices_and_names_are_the_same_columns(machine):
    trace = Trace.from_steps(machine, run(machine, max_steps=20, keep=True).trace)
    numbers, names = trace.to_numpy(), trace.to_dict()
    assert list(numbers) == list(names) and len(numbers) == 3 + 4 * machine.tapes
    for name, column in numbers.items():
        assert column.shape == (len(trace),) and np.issubdtype(column.dtype, np.integer)
        if name in ("state", "next_state"):
            assert [machine.states[i] for i in column] == names[name]
        elif name.startswith(("read", "write")):
            assert [machine.symbols[i] for i in column] == names[name]
        elif name.startswith("move"):
            assert [Move(i).name for i in column] == names[name]
        else:
            assert column.tolist() == names[name]


def test_names_that_are_no_strings_are_text():
    machine = TuringMachine.one_tape({(0, 1): (("a", 2), 1, "S")}, start=0, blank=1)
    columns = Trace.from_steps(machine, steps(machine)).to_dict()
    assert (columns["next_state"], columns["read_1"]) == (["('a', 2)"], ["1"])
