"""Row by row from a memory is all rows at once: on toy programs where ties are the rule."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.reading import at_once, row_by_row
from tmsim.engine.assemble import assemble
from tmsim.engine.memory import Ring, RunningSum, Scan, Table, memory_for
from tmsim.proofs import (
    ONE,
    Address,
    Average,
    Head,
    Layer,
    Leftmost,
    Neuron,
    Past,
    Program,
    Rightmost,
    Stream,
    Sum,
    Token,
)
from tmsim.proofs.rules import Rule

ROWS = 12
KEYS = st.lists(st.integers(-2, 2), min_size=ROWS, max_size=ROWS)


def attending(rules: list[Rule], seen: Past) -> Program:
    """One head per rule over keys that tie often; each row's value is its own number."""
    s = Stream()
    key, value = s.scalar("key"), s.scalar("value")
    heads = [
        Head(f"{i}", [ONE], [key], [value], [s.scalar(f"out{i}")], rule, visible=seen)
        for i, rule in enumerate(rules)
    ]
    return Program(s, [Layer("attend", heads)], [], Token(()), [], [])


def numbered(keys: list[int]) -> list[dict[str, int]]:
    return [{"key": k, "value": i + 1} for i, k in enumerate(keys)]


CHOICES: list[Rule] = [Leftmost(), Rightmost(), Rightmost(Fraction(1)), Average(), Sum()]


@pytest.mark.parametrize("seen", [Past(window=3), Past(strict=True, window=3)], ids=str)
@given(KEYS)
@settings(max_examples=25)
def test_a_ring_is_a_window(seen, keys):
    """Ties are broken by the row's position, not by its slot in the ring."""
    program, rows = attending(CHOICES, seen), numbered(keys)
    wide = seen.window + seen.strict
    expected = at_once(program, rows)
    for memory in (Ring(wide), Ring(wide + 2), Scan(ROWS)):
        np.testing.assert_array_equal(row_by_row(program, rows, [memory] * 5), expected)


def test_a_ring_that_is_too_short_is_seen():
    program, rows = attending(CHOICES, Past(window=3)), numbered([2] + [0] * (ROWS - 1))
    short = row_by_row(program, rows, [Ring(2)] * 5)
    assert (short != at_once(program, rows)).any()


def uniform(rule: Rule, seen: Past) -> Program:
    s = Stream()
    key, value, out = s.scalar("key"), s.scalar("value"), s.scalar("out")
    head = Head("mean", [], [], [key], [out], rule, visible=seen)
    return Program(s, [Layer("mean", [head], [Neuron(key, 0 * value)])], [], Token(()), [], [])


@pytest.mark.parametrize("rule", [Average(), Sum()], ids=str)
@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("dtype", ["float64", "bfloat16"])
@given(KEYS)
@settings(max_examples=15)
def test_a_running_sum_is_the_whole_past(dtype, rule, strict, keys):
    program = uniform(rule, Past(strict=strict))
    expected = at_once(program, numbered(keys), dtype)
    for memory in (RunningSum(), Scan(ROWS)):
        found = row_by_row(program, numbered(keys), [memory], dtype)
        np.testing.assert_array_equal(found, expected)


def latest() -> Program:
    """Row i reads the latest value written to the address in its `read`; row 0 is the null row."""
    s = Stream()
    read, read2, write, write2 = (s.scalar(n) for n in ("read", "read²", "write", "write²"))
    null, value, out = s.flag("null"), s.scalar("value"), s.scalar("out")
    head = Head(
        "latest",
        [2 * read, 2 * ONE, 2 * read2 - 1],
        [2 * write, -write2, null],
        [value],
        [out],
        Rightmost(Fraction(1, 2)),
        address=Address(1 * read, 1 * write, 1 * null),
    )
    return Program(s, [Layer("latest", [head])], [], Token(()), [], [])


def accesses(path: list[int], start: int = 0) -> list[dict[str, int]]:
    """A walk: row i writes its number where it stands, moves, and reads there."""
    rows, at = [{"null": 1, "value": 7, "read": start, "read²": start * start}], start
    for i, move in enumerate(path):
        there, at = at, at + move
        row = {"read": at, "read²": at * at, "write": there, "write²": there**2, "value": i + 10}
        rows.append(row)
    return rows


def walks(rows: int) -> st.SearchStrategy[list[int]]:
    return st.lists(st.sampled_from([-1, 1, 0]), min_size=rows, max_size=rows)


def sweeps(rows: int) -> list[int]:
    """Right by 1, left by 2, right by 3, …: every turn passes all cells visited before."""
    moves = [sign for turn in range(1, rows) for sign in [(-1) ** (turn + 1)] * turn]
    return moves[:rows]


@given(st.one_of(walks(ROWS), st.just(sweeps(ROWS))), st.sampled_from([0, 40, -2000]))
@settings(max_examples=40)
def test_a_table_is_the_whole_past(path, start):
    program, rows = latest(), accesses(path, start)
    expected = at_once(program, rows, "float32")
    for memory in (Table(3000), Scan(ROWS + 1)):
        np.testing.assert_array_equal(row_by_row(program, rows, [memory], "float32"), expected)


@given(walks(ROWS))
@settings(max_examples=40)
def test_the_latest_write_is_read(path):
    rows = accesses(path)
    written: dict[int, int] = {}
    for row, at in zip(rows[1:], accumulate([0, *path[:-1]]), strict=True):
        written[at] = row["value"]
        row["expected"] = written.get(row["read"], 7)
    found = row_by_row(latest(), [{k: v for k, v in r.items() if k != "expected"} for r in rows],
                       [Table(20)])  # fmt: skip
    assert found[1:, -1].tolist() == [row["expected"] for row in rows[1:]]


@dataclass(frozen=True)
class FirstWrite(Table):
    """Planted: a slot that has been written is not written again."""

    def write(self, head, state, i, x):
        after = Table.write(self, head, state, i, x)
        return jnp.where(state[:, -1:] > 0, state, after)


def test_a_table_that_keeps_the_first_write_is_seen():
    rows = accesses([1, -1, 0, 0, 1, -1])
    expected = at_once(latest(), rows)
    assert (row_by_row(latest(), rows, [FirstWrite(8)]) != expected).any()
    assert (row_by_row(latest(), rows, [Table(8)]) == expected).all()


class TestWhichMemory:
    @pytest.mark.parametrize(
        ("kind", "expected"),
        [("auto", Table(9)), ("table", Table(9)), ("scan", Scan(5)), ("sum", Scan(5)),
         ("ring", Scan(5))],
    )  # fmt: skip
    def test_of_an_addressed_head(self, kind, expected):
        assert memory_for(assembled_head(latest()), kind, 5, 9) == expected

    def test_of_an_addressed_head_under_another_rule(self):
        head = assembled_head(latest().under(Leftmost()))
        assert memory_for(head, "auto", 5, 9) == Scan(5)

    def test_of_a_window(self):
        head = assembled_head(attending([Leftmost()], Past(strict=True, window=3)))
        assert memory_for(head, "auto", 99, 9) == Ring(4)

    def test_of_a_uniform_head(self):
        assert memory_for(assembled_head(uniform(Average(), Past())), "auto", 5, 9) == RunningSum()
        windowed = assembled_head(uniform(Average(), Past(window=2)))
        assert memory_for(windowed, "sum", 5, 9) == Scan(5)

    def test_of_no_known_kind(self):
        with pytest.raises(ValueError, match="memory 'heap': expected auto, scan"):
            memory_for(assembled_head(latest()), "heap", 5, 9)


def assembled_head(program: Program):
    return assemble(program, {}, "float32").blocks[0].heads[0]
