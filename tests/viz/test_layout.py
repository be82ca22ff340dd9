"""Diagrams in which no arrow runs through a state, and no order of states is shorter."""

from __future__ import annotations

from itertools import permutations
from math import cos, hypot, pi, sin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tmsim.viz.layout import Arc, Box, arcs, around, placed

NODE = 0.17
PAIRS = st.integers(1, 6).flatmap(
    lambda n: st.tuples(
        st.just(n),
        st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), unique=True, max_size=12),
    )
)


def circle(count: int) -> list[tuple[float, float]]:
    angles = [pi - 2 * pi * i / count for i in range(count)]
    return [(cos(a), sin(a)) for a in angles]


@pytest.mark.parametrize("both_ways", [True, False])
@pytest.mark.parametrize("count", range(2, 9))
def test_no_arrow_touches_another_state(count: int, both_ways: bool) -> None:
    places = circle(count)
    pairs = [(a, b) for a in range(count) for b in range(count) if a < b or both_ways]
    found = dict(arcs(places, pairs))
    assert set(found) == {(a, b) for a, b in pairs if a != b}
    for (a, b), arc in found.items():
        assert (arc.at(0), arc.at(1)) == (places[a], places[b])
        for other, (x, y) in enumerate(places):
            if other not in (a, b):
                near = min(hypot(x - u, y - v) for u, v in (arc.at(t / 50) for t in range(51)))
                assert near > NODE, f"{count} states, {a} to {b} comes {near:.2f} near {other}"
        if (b, a) in found:
            here, there = arc.at(0.5), found[b, a].at(0.5)
            assert hypot(here[0] - there[0], here[1] - there[1]) > 0.15, "the way back is apart"


@settings(max_examples=40)
@given(PAIRS)
def test_no_other_order_is_shorter(drawn) -> None:
    count, pairs = drawn

    def length(order) -> int:
        apart = {frozenset(p): abs(order.index(p[0]) - order.index(p[1])) for p in pairs}
        return sum(min(d, count - d) for d in apart.values())

    order = around(count, pairs)
    assert order[0] == 0 and sorted(order) == list(range(count))
    assert length(order) == min(length((0, *rest)) for rest in permutations(range(1, count)))


def test_of_many_states_the_order_stays() -> None:
    assert around(9, [(0, 5), (5, 2)]) == list(range(9))


def test_a_label_makes_room_for_what_is_there() -> None:
    arc = Arc((-1, 0), (1, 0), 0)
    assert placed([(0.1, 0.05)], [arc], []) == [(0, 0)]
    [(x, y)] = placed([(0.1, 0.05)], [arc], [Box(0, 0, 0.1, 0.1)])
    assert 0.19 < abs(x) < 0.6 and y == 0
    first, second = placed([(0.1, 0.05)] * 2, [arc, arc], [])
    assert abs(first[0] - second[0]) > 0.19


@given(st.floats(0.05, 0.4), st.floats(-0.3, 0.3))
def test_a_cut_arc_ends_on_the_circles_of_its_states(radius: float, bend: float) -> None:
    arc = Arc((0.0, 1.0), (2.0, 1.0), bend).cut(radius)
    assert hypot(arc.start[0], arc.start[1] - 1) == pytest.approx(radius)
    assert hypot(arc.end[0] - 2, arc.end[1] - 1) == pytest.approx(radius)
