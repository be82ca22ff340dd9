"""The reference machine in XLA is the reference machine."""

from __future__ import annotations

from itertools import islice
from unittest import mock

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tmsim import load, reference
from tmsim.machines import Configuration, initial, steps, steps_from
from tmsim.testing import tapes, turing_machines
from tmsim.trace import Trace


def same(ours: Trace, theirs: Trace) -> bool:
    pairs = zip(ours.columns(), theirs.columns(), strict=True)
    return all(np.array_equal(a, b) for a, b in pairs)


@given(st.data(), st.integers(1, 2), st.integers(0, 40))
@settings(max_examples=15)
def test_compiled_steps_are_the_definition(data: st.DataObject, k: int, early: int) -> None:
    machine = data.draw(turing_machines(min_tapes=k, max_tapes=k))
    words = data.draw(tapes(machine))
    start = initial(machine, words)
    with mock.patch.object(reference, "STEPS_IN_PYTHON", early):
        made = reference.Reference(machine, start).take(200)
    assert same(made, Trace.from_steps(machine, islice(steps(machine, words), 200)))


def test_a_long_run_is_the_same_in_parts() -> None:
    machine = load("bb5").machine
    whole = reference.Reference(machine, initial(machine))
    parts = Trace.together([whole.take(n) for n in (1, 19_999, 1, 50_000, 30_000)])
    expected = Trace.from_steps(machine, islice(steps(machine), 100_001))
    assert same(parts, expected)
    assert parts.hash() == expected.hash()


def test_the_tape_grows_before_the_head_can_leave_it() -> None:
    machine = load("right-mover").machine
    far = Configuration("A", ({},), (3 * reference.BLOCK,), machine.blank)
    with mock.patch.object(reference, "STEPS_IN_PYTHON", 10):
        made = reference.Reference(machine, far).take(2 * reference.BLOCK + 5)
    assert made.head[0, -1] == 5 * reference.BLOCK + 4
    assert same(made.part(0, 50), Trace.from_steps(machine, islice(steps_from(machine, far), 50)))


def test_the_reference_ends_where_the_machine_does() -> None:
    machine = load("bb4").machine
    made = reference.Reference(machine, initial(machine))
    assert len(made.take(1000)) == 107
    assert len(made.take(1)) == 0
