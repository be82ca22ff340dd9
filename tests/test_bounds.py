"""How much room a run is given."""

from __future__ import annotations

from math import isqrt

from hypothesis import given
from hypothesis import strategies as st

from tmsim.bounds import below, first_bounds, grown
from tmsim.outcome import Outcome
from tmsim.proofs import Bounds

steps = st.integers(0, 10**9)


@given(steps, st.integers(0, 10**5), st.booleans(), st.booleans())
def test_the_first_bounds_hold_the_start_and_no_more_steps_than_asked(
    limit: int, reach: int, loop: bool, keeps_rows: bool
) -> None:
    bounds = first_bounds(limit, reach, None, loop=loop, keeps_rows=keeps_rows)
    assert bounds.cells >= reach
    assert bounds.steps <= max(limit, 1)


@given(steps, st.sampled_from([Outcome.out_of_steps, Outcome.out_of_cells]))
def test_growing_reaches_the_limit_and_ends(limit: int, outcome: Outcome) -> None:
    bounds, count = first_bounds(limit, 0, None, loop=False, keeps_rows=True), 0
    while outcome is Outcome.out_of_steps and (
        larger := grown(bounds, outcome, limit, fixed_cells=False)
    ):
        assert larger.steps > bounds.steps
        bounds, count = larger, count + 1
    assert outcome is Outcome.out_of_cells or bounds.steps == max(limit, 1)
    assert count < 10


@given(st.integers(0, 2**31 - 1))
def test_a_run_in_a_table_that_reaches_twice_the_root_of_its_steps_never_starts_anew(
    limit: int,
) -> None:
    made = first_bounds(limit, 0, None, loop=False, keeps_rows=False)
    assert made.cells >= min(limit, 2 * isqrt(limit))


def test_cells_double_unless_given() -> None:
    small = Bounds(10, 30)
    assert grown(small, Outcome.out_of_cells, 10, fixed_cells=False) == Bounds(10, 62)
    assert grown(small, Outcome.out_of_cells, 10, fixed_cells=True) is None


def test_other_outcomes_are_final() -> None:
    final = set(Outcome) - {Outcome.out_of_cells, Outcome.out_of_steps}
    assert not any(grown(Bounds(1, 1), o, 100, fixed_cells=False) for o in final)
    assert grown(Bounds(100, 1), Outcome.out_of_steps, 100, fixed_cells=False) is None


@given(st.integers(0, 10**9))
def test_bounds_are_two_less_than_a_power_of_two(reach: int) -> None:
    bound = below(reach)
    assert bound >= reach
    assert (bound + 2).bit_count() == 1
