"""The weights as a flax.nnx module that optax can train."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx

from tmsim.catalogue import find
from tmsim.engine.assemble import assemble, rows
from tmsim.engine.nnx import to_nnx
from tmsim.machines import load, steps
from tmsim.proofs import Bounds, Frame


def test_a_step_of_gradient_descent_changes_the_weights_and_nothing_else() -> None:
    construction, machine = find("tzamos_2026"), load("bb2").machine
    frame = Frame.around(3, 2, 1, Bounds(10, 10))
    program = construction.program(frame)
    transformer = assemble(program, construction.leaves(machine, frame), "float32")
    [scenes] = construction.passes(machine, (), None, steps(machine), frame)
    x = jnp.asarray(rows(program, [scene.row for scene in scenes], np.float32))
    module = to_nnx(transformer)
    before = module(x)

    def loss(module, x):
        return ((module(x) - 1) ** 2).mean()

    optimizer = nnx.Optimizer(module, optax.sgd(1e-3), wrt=nnx.Param)
    first = loss(module, x)
    optimizer.update(module, nnx.grad(loss)(module, x))
    assert loss(module, x) < first
    assert not np.array_equal(module(x), before)
    same = jax.tree.map(np.array_equal, transformer, to_nnx(transformer).transformer)
    assert all(jax.tree.leaves(same)), "the way there and back keeps every weight"
