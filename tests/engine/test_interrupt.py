"""A run is made in blocks: it can be watched, and stopped without losing what it has made."""

from __future__ import annotations

import pytest

from tmsim import simulate
from tmsim.machines import TuringMachine
from tmsim.outcome import Outcome

WALK = TuringMachine.one_tape(
    {("A", "0"): ("B", "1", "R"), ("A", "1"): ("A", "1", "L"),
     ("B", "0"): ("A", "1", "L"), ("B", "1"): ("B", "1", "R")},
    start="A", blank="0",
)  # fmt: skip
"""Sweeps for ever over a block of marks that grows at both ends."""


def test_an_interrupted_run_is_kept():
    seen = []

    def watch(chunk):
        seen.append(chunk)
        if len(seen) == 3:
            raise KeyboardInterrupt

    run = simulate(WALK, max_steps=10**6, watch=watch)
    assert run.outcome is None
    assert run.steps == len(run.trace) == sum(len(chunk.trace) for chunk in seen) < 10**6
    assert [chunk.first for chunk in seen] == [
        1, 1 + len(seen[0].trace), 1 + len(seen[0].trace) + len(seen[1].trace)
    ]  # fmt: skip
    assert run.matches_reference


def test_blocks_make_the_whole_run():
    chunks = []
    run = simulate(WALK, max_steps=3000, watch=chunks.append)
    assert run.outcome is Outcome.out_of_steps
    assert len(chunks) > 1
    assert [c.first for c in chunks] == [
        1 + sum(len(c.trace) for c in chunks[:i]) for i in range(len(chunks))
    ]
    assert run.matches_reference
    assert sum(len(chunk.trace) for chunk in chunks) == run.steps == 3000


def test_other_errors_of_a_watcher_are_not_swallowed():
    def watch(chunk):
        raise RuntimeError("the watcher broke")

    with pytest.raises(RuntimeError, match="the watcher broke"):
        simulate(WALK, max_steps=200, watch=watch)
