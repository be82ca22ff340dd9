"""What several proofs share: find, both, total, transitions."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.proofs.toys import copies_latest, one_layer, with_leaves
from tmsim.proofs import ONE, Average, Layer, Leaf, Stream
from tmsim.proofs.exact import forward
from tmsim.proofs.gadgets import both, find, halts, total, transitions

WIDTH = 3
digits = st.integers(0, (1 << WIDTH) - 1)


def matching() -> tuple:
    s = Stream()
    asked, stored = s.bits("asked", WIDTH), s.bits("stored", WIDTH)
    null, value, found = s.flag("null"), s.scalar("value"), s.scalar("found")
    head = find("match", asked, stored, 1 - null, null, [value], [found], Average())
    return one_layer(s, Layer("match", [head])), s.slot(found[0].unit())


@given(st.lists(st.tuples(digits, digits), max_size=8))
def test_find_averages_what_a_linear_search_finds(rows) -> None:
    program, found = matching()
    given_rows = [{"null": 1, "value": -1}]
    given_rows += [{"asked": a, "stored": b, "value": 2**i} for i, (a, b) in enumerate(rows)]
    one_pass = forward(program, given_rows)
    for i, (asked, _) in enumerate(rows):
        matches = [j for j, (_, stored) in enumerate(rows[: i + 1]) if stored == asked]
        attended = one_pass.attended[0][0][i + 1]
        assert attended.rows == (tuple(j + 1 for j in matches) or (0,))
        assert attended.gap is None or attended.gap >= 1
        mean = Fraction(sum(2**j for j in matches), len(matches)) if matches else -1
        assert one_pass.resid[-1][i + 1][found] == mean


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 2)), max_size=12))
def test_the_latest_write_is_what_a_dictionary_holds(writes) -> None:
    program = copies_latest()
    read = program.stream.registers["read"]
    rows = [{"null": 1, "symbol": 0}]
    rows += [{"address": address, "symbol": symbol} for address, symbol in writes]
    final = forward(program, rows).resid[-1]
    memory: dict[int, int] = {}
    for row, (address, symbol) in zip(final[1:], writes, strict=True):
        assert read.decode(row[program.stream.place(read)]) == memory.get(address, 0)
        memory[address] = symbol


@given(st.lists(st.integers(0, 1), min_size=1, max_size=5))
def test_both_is_an_and(conditions) -> None:
    s = Stream()
    flags, out = [s.flag(f"c{i}") for i in range(len(conditions))], s.flag("out")
    program = one_layer(s, Layer("and", neurons=[both(*flags, writes=out)]))
    row = {f"c{i}": c for i, c in enumerate(conditions)}
    assert forward(program, [row]).resid[-1][0][-1] == int(all(conditions))


@given(st.lists(st.integers(-9, 9), min_size=1, max_size=5))
def test_total_is_the_sum_of_its_forms(values) -> None:
    s = Stream()
    xs = [s.scalar(f"x{i}") for i in range(len(values))]
    form = total(*(i * x + i for i, x in enumerate(xs, 1)))
    read = dict(zip((x[0].unit() for x in xs), values, strict=True))
    assert form.value(read.__getitem__) == sum(i * v + i for i, v in enumerate(values, 1))


def test_total_refuses_a_coordinate_that_stands_in_two_forms() -> None:
    s = Stream()
    x, y = s.scalar("x"), s.scalar("y")
    with pytest.raises(ValueError, match="total: x stands in two of the forms"):
        total(x, y, x + ONE)


@given(st.integers(0, 1), st.integers(0, 2), st.integers(0, 1))
def test_a_table_writes_the_machines_row(q, a, entered) -> None:
    program = with_leaves().bind({"next": {(q, a, entered): 1}})
    for state in range(2):
        for seen in range(3):
            final = forward(program, [{"state": state, "seen": seen}]).resid[-1][0]
            there = (state, seen) == (q, a)
            assert final[5:] == [int(there and entered == i) for i in range(2)]


def test_transitions_writes_one_row_for_each_state_and_symbols() -> None:
    s = Stream()
    state, seen = s.one_hot("state", 2), [s.one_hot("a", 2), s.one_hot("b", 3)]
    on, entered, stuck = s.flag("on"), s.one_hot("entered", 2), s.flag("stuck")
    neurons = list(transitions(state, seen, [("next", entered), ("stuck", stuck)], [on]))
    assert len(neurons) == 2 * 2 * 3
    leaves = {"next": {(1, 0, 2, 0): 1}, "stuck": {(0, 1, 1): 1}}
    program = one_layer(s, Layer("δ", neurons=neurons)).bind(leaves)
    row = {"state": 1, "a": 0, "b": 2, "on": 1}
    assert forward(program, [row]).resid[-1][0][-3:] == [1, 0, 0]
    assert forward(program, [row | {"on": 0}]).resid[-1][0][-3:] == [0, 0, 0]
    assert forward(program, [{"state": 0, "a": 1, "b": 1, "on": 1}]).resid[-1][0][-3:] == [0, 0, 1]


def test_halts_reads_the_machines_halting_states() -> None:
    s = Stream()
    state = s.one_hot("state", 3)
    form = halts(state).bind({"halting": {(2,): 1}})
    assert form == 1 * state[2]
    assert all(isinstance(k, Leaf) for k in halts(state).terms.values())
