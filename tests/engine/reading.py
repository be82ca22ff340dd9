"""How these tests read a toy program: with the engine, all rows at once or row by row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from tmsim.engine.assemble import assemble, rows
from tmsim.engine.drivers import Encoded, block_pass, row_pass
from tmsim.engine.memory import Memory
from tmsim.engine.positions import place
from tmsim.engine.run import EXACT, encode
from tmsim.engine.transformer import Transformer
from tmsim.proofs import Program

Rows = Sequence[Mapping[str, Any]]


def prefix(t: Transformer, program: Program, encoder: Rows) -> Encoded:
    final = encode(t, rows(program, encoder, np.float64))
    return Encoded(jnp.asarray(final, t.dtype), jnp.int32(len(encoder)))


@partial(jax.jit, compiler_options=EXACT)
def _at_once(t: Transformer, x: jax.Array, encoded: Encoded) -> jax.Array:
    x = place(t, x, jnp.arange(len(x), dtype=jnp.int32))
    for block in t.blocks:
        x, _ = block_pass(block, x, encoded)
    return x


def at_once(program: Program, given: Rows, dtype: str = "float64", encoder: Rows = ()) -> Any:
    """The final rows, computed all at once: [rows, d_model]."""
    with jax.enable_x64(True):
        t = assemble(program, {}, dtype)
        x = jnp.asarray(rows(program, given, np.float64), t.dtype)
        return np.asarray(_at_once(t, x, prefix(t, program, encoder)))


@partial(jax.jit, static_argnames="plan", compiler_options=EXACT)
def _row_by_row(t: Transformer, plan: Any, x: jax.Array, encoded: Encoded) -> jax.Array:
    empty = tuple(
        tuple(memory.empty(head) for head, memory in zip(block.heads, kinds, strict=True))
        for block, kinds in zip(t.blocks, plan, strict=True)
    )

    def one(states: Any, numbered: Any) -> Any:
        i, row = numbered
        row, states, _ = row_pass(t, plan, states, place(t, row, i), i, encoded)
        return states, row

    return jax.lax.scan(one, empty, (jnp.arange(len(x), dtype=jnp.int32), x))[1]


def row_by_row(
    program: Program, given: Rows, memories: Sequence[Memory], dtype: str = "float64"
) -> np.ndarray:
    """The final rows, each read from memories of the rows before: one memory per head, in order."""
    with jax.enable_x64(True):
        t = assemble(program, {}, dtype)
        counted = iter(memories)
        plan = tuple(tuple(next(counted) for _ in block.heads) for block in t.blocks)
        x = jnp.asarray(rows(program, given, np.float64), t.dtype)
        return np.asarray(_row_by_row(t, plan, x, prefix(t, program, ())))
