"""A run handed over in parts is the whole run, in less memory."""

from __future__ import annotations

from itertools import islice, product
from unittest import mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmsim import recorder
from tmsim.excerpt import Excerpt
from tmsim.machines import TuringMachine, initial, load, steps
from tmsim.recorder import Recorder, RunningHash
from tmsim.testing import tapes, turing_machines
from tmsim.trace import Trace

LONG = load("sweeper").machine


def recorded(machine: TuringMachine, words, trace: Trace, cuts: list[int], keep: int) -> Recorder:
    made = Recorder(machine, initial(machine, words), keep)
    for start, stop in zip([0, *cuts], [*cuts, len(trace)], strict=True):
        made.add(trace.part(start, stop))
    return made


@st.composite
def runs(draw: st.DrawFn):
    """A machine, its words, at most 60 of its steps, where to cut them, how many to keep."""
    machine = draw(turing_machines(max_tapes=2))
    words = draw(tapes(machine))
    trace = Trace.from_steps(machine, islice(steps(machine, words), draw(st.integers(0, 60))))
    cuts = draw(st.lists(st.integers(0, len(trace)), max_size=5).map(sorted))
    return machine, words, trace, cuts, draw(st.integers(0, 40)), draw(st.integers(1, 15))


@given(runs())
def test_parts_are_the_whole_run(case) -> None:
    machine, words, trace, cuts, keep, tail = case
    start = initial(machine, words)
    with mock.patch.object(recorder, "TAIL", tail):
        made = recorded(machine, words, trace, cuts, keep)
    assert len(made) == len(made.trace) == len(trace)
    assert made.trace.hash() == trace.hash()
    assert made.configuration == made.trace.last(start) == trace.last(start)
    excerpt = made.excerpt
    assert excerpt.first.rows() == trace.rows(0, min(keep, len(trace)))
    last = min(tail, max(len(trace) - keep, 0))
    assert excerpt.tail.rows() == trace.rows(len(trace) - last, len(trace))
    if last:
        assert excerpt.before_tail() == trace.part(0, len(trace) - last).last(start)


@given(st.integers(0, 40), st.integers(0, 30), st.integers(1, 15))
def test_an_excerpt_gives_what_it_holds_and_refuses_the_rest(
    count: int, keep: int, tail: int
) -> None:
    trace = Trace.from_steps(LONG, islice(steps(LONG), count))
    with mock.patch.object(recorder, "TAIL", tail):
        excerpt = recorded(LONG, (), trace, [], keep).excerpt
    edges = {0, len(excerpt.first), count - len(excerpt.tail), count}
    near = sorted({edge + by for edge in edges for by in (-1, 0, 1)} & {*range(count + 1)})
    held = {*range(len(excerpt.first)), *range(count - len(excerpt.tail), count)}
    for start, stop in product(near, near):
        if held >= {*range(start, stop)}:
            assert excerpt.rows(start, stop) == trace.rows(start, stop)
        else:
            told = f"steps {start + 1} to {stop} of {count} are not all kept"
            with pytest.raises(ValueError, match=told) as refused:
                excerpt.rows(start, stop)
            assert "\n" not in str(refused.value)


@given(runs())
def test_a_stored_excerpt_comes_back_and_goes_on(case) -> None:
    machine, words, trace, cuts, keep, tail = case
    start, half = initial(machine, words), len(trace) // 2
    with mock.patch.object(recorder, "TAIL", tail):
        before = recorded(machine, words, trace.part(0, half), [], keep).excerpt
        back = Excerpt.restored(machine, *before.stored())
        on = Recorder.after(back, start, keep)
        assert on.latest.rows()[-1:] == trace.rows(max(half - 1, 0), half)
        on.add(trace.part(half, len(trace)))
        whole = recorded(machine, words, trace, cuts, keep).excerpt
    for ours, theirs in zip(
        (on.excerpt.first, on.excerpt.tail), (whole.first, whole.tail), strict=True
    ):
        assert ours.rows() == theirs.rows()
    assert (on.configuration, on.excerpt.crc) == (trace.last(start), trace.hash())
    assert back.last(start) == trace.part(0, half).last(start), "the first half is as it was"


def test_the_hash_is_marked_at_every_power_of_ten_from_a_thousand() -> None:
    trace = Trace.from_steps(LONG, islice(steps(LONG), 10_500))
    for size in (7, 700, 1000, 10_500):
        running = RunningHash(LONG)
        for start in range(0, len(trace), size):
            running.add(trace.part(start, start + size))
            if size == 7 and start > 1100:
                break
        wanted = [1000] if size == 7 else [1000, 10_000]
        assert running.marks == {n: trace.part(0, n).hash() for n in wanted}


def test_parts_that_were_added_are_not_held() -> None:
    trace = Trace.from_steps(LONG, islice(steps(LONG), 6000))
    excerpt = recorded(LONG, (), trace, [3000], 5).excerpt
    for column in (*excerpt.first.columns(), *excerpt.tail.columns()):
        assert not any(np.shares_memory(column, whole) for whole in trace.columns())
        assert column.base is None or column.base.size <= 2 * recorder.TAIL
