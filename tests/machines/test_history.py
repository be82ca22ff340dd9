"""What a run remembers, against a search through the whole past."""

from __future__ import annotations

from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmsim.machines import Move, Step, history, initial, load, run, steps
from tmsim.testing import tapes, turing_machines, walkers

machines = walkers() | turing_machines(max_tapes=2)
inputs = machines.flatmap(lambda m: st.tuples(st.just(m), tapes(m), st.integers(-3, 9)))


def moments(machine, words=(), head=0, limit=60):
    first = initial(machine, words, head)
    past = list(islice(steps(machine, words, head), limit))
    start = {"blank": machine.blank, "state": machine.start, "heads": first.heads}
    return past, history(past, tapes=words, **start)


@given(inputs)
def test_every_moment_agrees_with_a_search_of_the_past(drawn):
    machine, words, head = drawn
    past, told = moments(machine, words, head)
    first = initial(machine, words, head)
    assert [m.time for m in told] == list(range(len(past) + 1))
    for t, moment in enumerate(told):
        end = run(machine, words, head, t).configuration
        assert (moment.state, moment.heads, moment.read) == (end.state, end.heads, end.read)
        assert moment.step == (past[t] if t < len(past) else None)
        assert moment.previous == (past[t - 1] if t else None)
        for tape, cell in enumerate(moment.heads):
            visits = [j for j in range(t) if past[j].heads[tape] == cell]
            assert moment.last_write[tape] == (max(visits) if visits else None)
            assert moment.initial[tape] == first.tapes[tape].get(cell, machine.blank)


def test_the_busy_beaver_looks_back():
    past, told = moments(load("bb2").machine)
    assert [step.heads[0] for step in past] == [0, 1, 0, -1, -2, -1]
    assert [m.last_write[0] for m in told] == [None, None, 0, None, None, 3, 2]
    assert told[-1].state == "Z" and told[-1].step is None


def test_no_steps_are_one_moment():
    (only,) = history([], tapes=["ab"], blank="_", state="q", heads=[1])
    assert (only.read, only.initial, only.last_write) == (("b",), ("b",), (None,))
    assert only.step is None and only.previous is None


STEP = Step("A", ("0",), "B", ("1",), (Move.R,), (0,))


@pytest.mark.parametrize(
    ("follow", "message"),
    [
        ({"read": ("1",)}, "step 1: read is (1), the steps before it lead to (0)"),
        ({"state": "A"}, "step 1: state is A, the steps before it lead to B"),
        ({"heads": (0,)}, "step 1: heads is (0), the steps before it lead to (1)"),
    ],
)
def test_steps_that_do_not_follow_are_refused(follow, message):
    second = STEP._replace(**{"state": "B", "heads": (1,), **follow})
    with pytest.raises(ValueError) as error:
        history([STEP, second], blank="0", state="A", heads=0)
    assert str(error.value) == message


def test_more_words_than_heads_are_refused():
    with pytest.raises(ValueError, match=r"2 words for 1 head"):
        history([], tapes=["a", "b"], blank="_", state="q", heads=0)
