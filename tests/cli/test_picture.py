"""The picture of a run, its bands and its windows, held to the reference machine."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmsim import simulate
from tmsim.band import Band
from tmsim.cli.view.picture import Picture
from tmsim.cli.view.show import Show
from tmsim.cli.view.window import Window
from tmsim.machines import initial, load, run, steps_from
from tmsim.task import Chunk
from tmsim.trace import Trace

CELLS = st.integers(-40, 40)


@given(
    st.dictionaries(CELLS, st.integers(1, 3), max_size=5),
    CELLS,
    st.lists(st.lists(st.tuples(CELLS, st.integers(0, 3)), max_size=6), max_size=6),
)
def test_a_band_holds_the_last_write_of_each_cell(marked, head, parts):
    band, cells = Band(marked, head, blank=0), {head: 0} | marked
    for part in parts:
        band.write(*(np.array([pair[i] for pair in part], int) for i in (0, 1)))
        cells |= dict(part)
    low, high = min(cells), max(cells)
    expected = {c: cells.get(c, 0) for c in range(low, high + 1)}
    assert {c: band[c] for c in range(-60, 60) if band[c] is not None} == expected
    for cell in (low - 1, low, 0, high, high + 1):
        outside = any(cells[c] for c in cells if c < cell), any(cells[c] for c in cells if c > cell)
        assert band.marked_outside(cell, cell) == outside


@given(CELLS, st.integers(0, 60), st.integers(1, 30), st.booleans(), CELLS)
def test_a_window_shows_the_head_and_fits(low, more, most, growing, head):
    window = Window.around(low, low + more, most, growing)
    assert 1 <= window.width <= most
    if more < window.width:
        assert window.low <= low and low + more < window.low + window.width
    assert window.follow(head) <= head < window.low + window.width


def drawn(name: str, limit: int, part: int, columns: int = 80, every: bool = False) -> list[str]:
    document = load(name)
    machine = document.machine
    start = initial(machine, document.tapes, document.heads)
    trace = Trace.from_steps(machine, islice(steps_from(machine, start), limit))
    picture = Picture(machine, start, limit, columns, every)
    lines = [picture.header()]
    for first in range(0, len(trace), part):
        lines += picture.more(trace.part(first, first + part))
    return ["".join(text for text, _ in line) for line in [*lines, *picture.end("end")]]


@pytest.mark.parametrize("name", ["bb4", "sweeper", "bb5", "palindrome-2-tapes", "unary-doubling"])
def test_the_parts_that_a_run_comes_in_do_not_show(name):
    assert drawn(name, 2500, 1) == drawn(name, 2500, 7) == drawn(name, 2500, 2500)


@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize("name", ["bb4", "bb5", "binary-addition-3-tapes", "balanced-parentheses"])
def test_no_line_is_wider_than_the_terminal(name, columns):
    assert max(map(len, drawn(name, 5000, 500, columns))) <= columns


@pytest.mark.parametrize("every", [True, False])
@pytest.mark.parametrize("name", ["bb4", "binary-increment", "balanced-parentheses", "bb5"])
def test_each_row_shows_the_reference_configuration(name, every):
    document = load(name)
    header, *lines = drawn(name, 2500, 60, columns=2000, every=every)
    origins = set()
    for line in (line for line in lines[:-1] if line.strip() != "⋮"):
        number, state, head, *_ = line.split()
        done = run(document.machine, document.tapes, document.heads, int(number) - 1)
        last, first = done.configuration, header.index("tape")
        assert (state, int(head)) == (last.state, last.heads[0])
        origin = (line.index("[") + 1 - first) // 2 - int(head)
        origins.add(origin)
        cells = enumerate(line[first : header.index("token")][::2], -origin)
        marked = {c: a for c, a in cells if a not in (" ", document.machine.blank)}
        assert marked == dict(last.tapes[0])
    assert len(origins) == 1, "a cell has one column"


def test_a_picture_may_begin_in_the_middle():
    whole, begun = drawn("sweeper", 500, 100), 250
    machine = load("sweeper").machine
    trace = Trace.from_steps(machine, islice(steps_from(machine, initial(machine)), 500))
    middle = trace.part(0, begun).last(initial(machine))
    picture = Picture(machine, middle, 500, 80, every=False, done=begun)
    lines = [*picture.more(trace.part(begun, 500)), *picture.end("end")]
    texts = ["".join(text for text, _ in line) for line in lines]
    assert texts[0].split() == ["⋮"] and told(texts)[0][0] == "300"
    assert told(texts) == told(whole)[-len(told(texts)) :]


def told(lines: list[str]) -> list[list[str]]:
    """Each step's number, state and head, which do not depend on the window."""
    return [line.split()[:3] for line in lines if "⋮" not in line]


def test_a_finished_run_is_drawn_from_what_it_kept(capsys):
    made = simulate("sweeper", max_steps=3000, keep=200)
    machine = made.machine
    with Show(machine, initial(machine), drawn=True, every=False) as show:
        show.end(made)
    lines = capsys.readouterr().out.splitlines()
    with Show(machine, initial(machine), drawn=True, every=False) as show:
        taken = islice(steps_from(machine, initial(machine)), 3000)
        show.chunk(Chunk(1, Trace.from_steps(machine, taken), 3000, 0.0))
        show.end(made)
    live = capsys.readouterr().out.splitlines()
    numbers = [line.split()[0] for line in lines]
    assert numbers[1:21] == [str(n) for n in range(1, 21)]
    assert numbers[-4:] == ["2998", "2999", "3000", "end"] and "1000" not in numbers
    assert told(lines) == told([line for line in live if line.split()[0] in numbers])
