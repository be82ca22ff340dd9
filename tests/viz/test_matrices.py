"""Named matrices are the transformer's own, and every register has its name."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tmsim import catalogue
from tmsim.engine.assemble import assemble
from tmsim.engine.attention import attend
from tmsim.export.structure import described
from tmsim.machines import load
from tmsim.proofs import Bounds
from tmsim.proofs.rules import Average, Leftmost, Rightmost, Softmax, TopTwo, Unique
from tmsim.viz.attended import attended
from tmsim.viz.matrices import BIAS, matrices

BOUNDS = Bounds(steps=6, cells=6)


@pytest.mark.parametrize("name", ["tzamos_2026", "perez_2021", "merrill_2024", "pencil_2025"])
def test_every_matrix_of_the_export_is_named(name):
    construction, machine = catalogue.find(name), load("bb2").machine
    frame = construction.frame(machine, BOUNDS)
    program = construction.program(frame)
    with jax.enable_x64(True):
        made = assemble(program, construction.leaves(machine, frame), "float64")
    found, (_, tensors) = matrices(made), described(made)
    assert set(found) == {name for name, x in tensors.items() if x.ndim == 2 and x.size} | (
        {name for name in found if not found[name].values.size}
    )
    registers = program.stream.registers
    for at, (values, rows, columns, axis, _) in found.items():
        assert values.shape == (len(rows), len(columns))
        kept = [i for i, row in enumerate(rows) if row != BIAS]
        if at in tensors:
            np.testing.assert_array_equal(values[kept], tensors[at])
        bias = tensors.get("b".join(at.rsplit("W", 1)))
        if len(kept) < len(rows):
            assert bias is not None
            np.testing.assert_array_equal(values[rows.index(BIAS)], bias)
        if axis == "register":
            assert {row.partition("[")[0] for row in rows} >= {
                r.partition("[")[0] for r in registers
            }


SCORES = arrays(np.float32, (3, 5), elements=st.sampled_from([-np.inf, 0.0, 0.25, 0.5, 1.0, 2.0]))


@settings(max_examples=40)
@given(SCORES, st.sampled_from([Unique(), Leftmost(), Rightmost(), Average(), TopTwo()]))
def test_what_is_attended_is_what_the_engine_attends_to(scores, rule):
    chosen = attended(rule, scores)
    assert chosen is not None
    for row, s in zip(chosen, scores, strict=True):
        value, _ = attend(rule, s, np.isfinite(s), np.eye(len(s), dtype=np.float32))
        np.testing.assert_allclose(row / max(row.sum(), 1), value, rtol=1e-6)


def test_a_soft_rule_chooses_no_row():
    assert attended(Softmax(), np.zeros((2, 2))) is None
