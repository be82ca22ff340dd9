"""What a decoder's speed is held against, measured beside it in the same process.

All of them run the 5-state busy beaver: a Turing machine written as an XLA loop (the limit: what
is left when there is no transformer), the plain Python reference, and the same transformer with
dense attention over all rows in place of memories.
"""

from __future__ import annotations

from functools import partial
from time import perf_counter

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax

import tmsim
from tmsim.machines import TuringMachine, run

XLA_STEPS, PYTHON_STEPS, DENSE_STEPS = 20_000_000, 1_000_000, 4_000
CELLS = 1 << 15


@partial(jax.jit, donate_argnums=1)
def _loop(table: Array, tape: Array, steps: Array) -> tuple[Array, Array]:
    """`steps` steps from the middle of the tape [cells]; table [states · symbols, 3].

    A step first writes what the one before it left under the head, then reads: then XLA writes in
    place.
    """

    def step(_: int, now: tuple[Array, ...]) -> tuple[Array, ...]:
        tape, state, head, left, symbol = now
        tape = lax.dynamic_update_index_in_dim(tape, symbol, left, 0)
        then, write, move = table[state * 2 + tape[head]]
        return tape, then, head + move, head, write

    middle = jnp.int32(len(tape) // 2)
    start = tape, jnp.int32(0), middle, middle, tape[middle]
    tape, state, *_ = lax.fori_loop(0, steps, step, start)
    return tape, state


def xla_steps_per_second() -> float:
    """Steps a second of the XLA loop, which keeps no trace."""
    machine = tmsim.load("bb5").machine
    table = jax.device_put(_table(machine))

    def seconds(steps: int) -> float:
        tape = jnp.zeros(CELLS, jnp.int32)
        began = perf_counter()
        jax.block_until_ready(_loop(table, tape, jnp.int32(steps)))
        return perf_counter() - began

    seconds(10)  # compiles
    return XLA_STEPS / min(seconds(XLA_STEPS) for _ in range(3))


def _table(machine: TuringMachine) -> np.ndarray:
    """δ by state · 2 + symbol: next state, symbol, move. The steps taken here do not halt."""
    states, symbols = machine.states, machine.symbols
    table = np.zeros((len(states) * 2, 3), np.int32)
    for (state, read), (then, write, moves) in machine.transitions.items():
        at = states.index(state) * 2 + symbols.index(read[0])
        table[at] = states.index(then), symbols.index(write[0]), int(moves[0])
    return table


def python_steps_per_second() -> float:
    """Steps a second of `tmsim.machines.run`."""
    machine, began = tmsim.load("bb5").machine, perf_counter()
    run(machine, max_steps=PYTHON_STEPS)
    return PYTHON_STEPS / (perf_counter() - began)


def dense_tokens_per_second() -> float:
    """Tokens a second of the transformer that compares every score, over its first 4,000 rows."""

    def made() -> tmsim.Simulation:
        return tmsim.simulate("bb5", memory="scan", max_steps=DENSE_STEPS, check=False)

    made()  # compiles
    began = perf_counter()
    made()
    return DENSE_STEPS / (perf_counter() - began)
