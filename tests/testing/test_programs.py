"""Random programs: what they promise, what they shrink to, and that all readings agree."""

from __future__ import annotations

from fractions import Fraction

import jax
import numpy as np
import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from tests.engine.reading import prefix
from tmsim.engine import run
from tmsim.engine.assemble import assemble, rows
from tmsim.engine.sparse import sparse
from tmsim.outcome import Outcome
from tmsim.proofs import exact
from tmsim.testing import program_rows, programs
from tmsim.testing.laws.engine import streams
from tmsim.testing.laws.readings import floats

SEARCH = settings(max_examples=500, derandomize=True, database=None, deadline=None)
RUNS = 8
SMALL = programs(max_inputs=1, max_layers=1)
SMALL_PROMPTED = SMALL.flatmap(lambda p: st.tuples(st.just(p), program_rows(p)))
ATTENDING = programs(min_layers=2, min_heads=2).flatmap(
    lambda p: st.tuples(st.just(p), program_rows(p, min_rows=4))
)
PROMPTED = programs().flatmap(lambda p: st.tuples(st.just(p), program_rows(p)))


@given(ATTENDING)
@settings(max_examples=25)
def test_every_number_is_dyadic_and_small(drawn):
    program, prompt = drawn
    for row in exact.forward(program, prompt).resid[-1]:
        for x in map(Fraction, row):
            assert x.denominator & (x.denominator - 1) == 0 and abs(x) < 2**40


@given(ATTENDING)
@settings(max_examples=8, phases=[Phase.generate])
def test_exact_dense_and_sparse_readings_agree(drawn):
    program, prompt = drawn
    wanted = [floats(x) for x in exact.forward(program, prompt).resid]
    with jax.enable_x64(True), jax.disable_jit():
        dense = assemble(program, {}, "float64")
        given_rows = jax.numpy.asarray(rows(program, prompt, np.float64))
        for t in (dense, sparse(dense, program)):
            for want, got in zip(
                wanted, streams(t, given_rows, prefix(t, program, ())), strict=True
            ):
                assert np.array_equal(want, np.asarray(got))


@given(ATTENDING)
@settings(max_examples=10, phases=[Phase.generate])
def test_a_decoded_run_is_the_exact_one(drawn):
    program, prompt = drawn
    want = exact.decode(program, prompt, RUNS)
    with jax.enable_x64(True):
        t = assemble(program, {}, "float64")
        given_rows = rows(program, prompt, np.float64)
        plan = run.plan(t, "auto", 16, 1)
        blocks = list(run.decode(t, plan, given_rows, np.zeros((0, t.d_model)), RUNS))
    made = np.concatenate([block.records for block in blocks])
    assert blocks[-1].outcome is want.outcome
    assert made.T.tolist() == [want.emitted[r.name] for r in program.emits]


def test_the_smallest_program_has_nothing_to_spare():
    found = find(programs(), lambda p: True, settings=SEARCH)
    assert (found.sizes()["heads"], len(found.layers), found.stops) == (0, 1, [])
    found = find(SMALL, lambda p: p.sizes()["heads"] > 1, settings=SEARCH)
    assert (found.sizes()["heads"], len(found.layers)) == (2, 2)
    assert not found.layers[0].neurons


@pytest.mark.parametrize("outcome", [Outcome.halted, Outcome.illegible, Outcome.out_of_steps])
def test_every_end_is_found(outcome):
    def ends(drawn):
        return exact.decode(drawn[0], drawn[1], RUNS).outcome is outcome

    program, prompt = find(SMALL_PROMPTED, ends, settings=SEARCH)
    assert len(prompt) == 1 and len(program.layers) == 1


def test_bounds_that_nothing_meets_are_refused():
    with pytest.raises(ValueError, match=r"^max_layers=5; expected 0 to 4\b"):
        find(programs(max_layers=5), lambda p: True)
