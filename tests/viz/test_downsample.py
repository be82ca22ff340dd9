"""The blocks of a space-time diagram, held to the diagram written out point by point."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmsim.machines import TuringMachine, initial
from tmsim.proofs import Columns
from tmsim.trace import Trace
from tmsim.viz import downsample
from tmsim.viz.downsample import blocks

SYMBOLS = ("_", "a", "b")
MACHINE = TuringMachine.one_tape({("A", "_"): ("A", "a", "R")}, start="A", blank="_",
                                 symbols=SYMBOLS)  # fmt: skip
WORDS = st.lists(st.sampled_from(SYMBOLS), max_size=5)
STEPS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), max_size=20)
EACH = np.eye(4)


def trace_of(taken, head: int) -> Trace:
    """A trace of (symbol written, move) pairs; its reads are wrong, and symbol 3 names none."""
    write, move = ([pair[i] for pair in taken] for i in (0, 1))
    columns = Columns([0] * len(taken), [[0] * len(taken)], [write], [move])
    return Trace.of(MACHINE, columns, 0, [head])


def points(trace: Trace, word, head: int) -> tuple[np.ndarray, list[int], int]:
    """Every configuration's cells as [T + 1, W], the heads, and the first cell's position."""
    tape, heads, rows = {i: SYMBOLS.index(a) for i, a in enumerate(word)}, [head], []
    rows.append(dict(tape))
    for at, write, move in zip(trace.head[0], trace.write[0], trace.move[0], strict=True):
        tape[int(at)] = int(write)
        heads.append(int(at + move))
        rows.append(dict(tape))
    marked = [i for i, a in enumerate(word) if a != "_"]
    low, high = min([*heads, *marked]), max([*heads, *marked])
    return np.array([[row.get(c, 0) for c in range(low, high + 1)] for row in rows]), heads, low


@given(STEPS, WORDS, st.integers(-3, 3), st.integers(1, 30), st.integers(1, 12), st.integers(1, 8))
def test_a_block_is_the_mean_of_its_points(taken, word, head, rows, columns, chunk):
    trace = trace_of(taken, head)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(downsample, "CHUNK", chunk)
        found = blocks(trace, initial(MACHINE, [word], head), EACH, 0, rows, columns)
    full, heads, low = points(trace, word, head)
    assert found.times[0] == 0 and found.times[-1] == len(full)
    assert found.cells[0] == low and found.cells[-1] == low + full.shape[1]
    assert len(found.times) - 1 == min(rows, len(full))
    assert len(found.cells) - 1 == min(columns, full.shape[1])
    for edges in (np.diff(found.times), np.diff(found.cells)):
        assert edges.min() >= 1 and edges.max() - edges.min() <= 1
    for r, (top, bottom) in enumerate(zip(found.times, found.times[1:], strict=False)):
        assert found.low[r] == min(heads[top:bottom]) and found.high[r] == max(heads[top:bottom])
        for c, (left, right) in enumerate(zip(found.cells, found.cells[1:], strict=False)):
            block = full[top:bottom, left - low : right - low]
            counted = np.bincount(block.ravel(), minlength=4)
            np.testing.assert_array_equal(found.mean[r, c], counted / block.size)


def test_memory_is_that_of_the_image_and_a_chunk():
    count, random = 10**6, np.random.default_rng(0)
    move = random.choice(3, count, p=[0.3, 0.1, 0.6])
    columns = Columns(np.zeros(count, int), [np.zeros(count, int)], [random.integers(0, 3, count)],
                      [move])  # fmt: skip
    trace = Trace.of(MACHINE, columns, 0, [0])
    tracemalloc.start()
    blocks(trace, initial(MACHINE), EACH, 0, 500, 500)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 50e6, f"{peak / 1e6:.0f} MB; the diagram has 3·10¹¹ points"
