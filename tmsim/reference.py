"""The reference machine in XLA, in blocks: for runs too long for `tmsim.machines.steps`.

`steps` is the definition; a law holds this to it. Tables are indexed by state and symbols, the tape
is an array that grows before any block in which a head could leave it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from tmsim.machines import Configuration, TuringMachine, steps_from
from tmsim.machines.indexed import index_of
from tmsim.proofs import Columns
from tmsim.trace import Trace

BLOCK = 1 << 16
STEPS_IN_PYTHON = 20_000


@dataclass(frozen=True)
class Delta:
    """δ as tables [states, symbols, …]: next state (-1: the run ends there), writes, moves [k]."""

    then: Array
    write: Array
    move: Array


jax.tree_util.register_dataclass(Delta)


def delta(machine: TuringMachine) -> Delta:
    """The machine's tables; states that halt have no transitions."""
    q, a = index_of(machine.states), index_of(machine.symbols)
    shape = (len(q), *[len(a)] * machine.tapes)
    then = np.full(shape, -1, np.int32)
    write, move = (np.zeros((*shape, machine.tapes), np.int32) for _ in range(2))
    for (state, read), (target, symbols, moves) in machine.transitions.items():
        if state not in machine.halting:
            at = (q[state], *(a[x] for x in read))
            then[at], write[at], move[at] = q[target], [a[x] for x in symbols], moves
    return Delta(*map(jnp.asarray, (then, write, move)))


@partial(jax.jit, donate_argnums=(2,))
def _block(table: Delta, state: Array, tapes: tuple[Array, ...], heads: Array) -> Any:
    """Up to BLOCK steps; tapes [cells] each, heads [k] index into them.

    Each pass first writes what the step before it left under the heads, then reads: a tape that was
    read first would be copied whole in every pass.
    """
    k = len(tapes)

    def put(tapes: tuple[Array, ...], heads: Array, symbols: Array) -> tuple[Array, ...]:
        return tuple(
            lax.dynamic_update_index_in_dim(tape, symbols[t], heads[t], 0)
            for t, tape in enumerate(tapes)
        )

    def more(carry: Any) -> Array:
        n, going, *_ = carry
        return (n < BLOCK) & going

    def body(carry: Any) -> Any:
        n, _, state, tapes, heads, (left, symbols), rows = carry
        tapes = put(tapes, left, symbols)
        read = jnp.stack([tape[heads[t]] for t, tape in enumerate(tapes)])
        at = (state, *read)
        then, write, move = table.then[at], table.write[at], table.move[at]
        going = then >= 0
        row = jnp.concatenate([then[None], read, write, move + 1])
        rows = lax.dynamic_update_index_in_dim(rows, row, n, 0)
        pending = (heads, jnp.where(going, write, read))
        state, heads = jnp.where(going, then, state), jnp.where(going, heads + move, heads)
        return n + going, going, state, tapes, heads, pending, rows

    still = (heads, jnp.stack([tape[heads[t]] for t, tape in enumerate(tapes)]))
    rows = jnp.zeros((BLOCK, 1 + 3 * k), jnp.int32)
    start = (jnp.int32(0), jnp.asarray(True), state, tapes, heads, still, rows)
    n, _, state, tapes, heads, pending, rows = lax.while_loop(more, body, start)
    return n, state, put(tapes, *pending), heads, rows


def blocks(machine: TuringMachine, start: Configuration) -> Iterator[Trace]:
    """The run from `start` in blocks, the last of them shorter than the others (perhaps empty).

    >>> from tmsim.machines import TuringMachine, initial
    >>> m = TuringMachine.one_tape({("A", "0"): ("B", "1", "R")}, start="A", blank="0")
    >>> [len(block) for block in blocks(m, initial(m))]
    [1, 0]
    """
    early = Trace.from_steps(machine, islice(steps_from(machine, start), STEPS_IN_PYTHON))
    yield early
    if len(early) < STEPS_IN_PYTHON:
        yield Trace.empty(machine)
        return
    yield from _compiled(machine, early.last(start))


def _compiled(machine: TuringMachine, now: Configuration) -> Iterator[Trace]:
    table, a = delta(machine), index_of(machine.symbols)
    state, heads = index_of(machine.states)[now.state], np.array(now.heads)
    extent = max(map(abs, [*now.heads, *(cell for tape in now.tapes for cell in tape)]))
    reach = 1 << (extent + BLOCK).bit_length()
    tapes = []
    for tape in now.tapes:
        cells = np.full(2 * reach + 1, a[machine.blank], np.int32)
        for cell, symbol in tape.items():
            cells[cell + reach] = a[symbol]
        tapes.append(jnp.asarray(cells))
    while True:
        if np.abs(heads).max() + BLOCK > reach:
            tapes = [jnp.pad(t, reach, constant_values=a[machine.blank]) for t in tapes]
            reach *= 2
        at = jnp.asarray(heads + reach, jnp.int32)
        n, then, tapes, moved, rows = _block(table, jnp.int32(state), tuple(tapes), at)
        rows, k = np.asarray(rows)[: int(n)].T, machine.tapes
        columns = Columns(rows[0], *(rows[1 + i * k : 1 + (i + 1) * k] for i in range(3)))
        yield Trace.of(machine, columns, state, heads.tolist())
        state, heads = int(then), np.asarray(moved) - reach
        if int(n) < BLOCK:
            return


class Reference:
    """The reference run, taken in parts as a decoder produces its own."""

    def __init__(self, machine: TuringMachine, start: Configuration) -> None:
        self._blocks = blocks(machine, start)
        self._ahead = Trace.empty(machine)
        self.ended = False

    def take(self, count: int) -> Trace:
        """The next `count` steps, fewer if the machine stops first."""
        while len(self._ahead) < count and not self.ended:
            block = next(self._blocks, None)
            if block is None:
                self.ended = True
            else:
                self._ahead = Trace.together([self._ahead, block])
        part = self._ahead.part(0, count)
        self._ahead = self._ahead.part(count, len(self._ahead))
        return part
