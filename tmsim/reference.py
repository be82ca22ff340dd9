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
def _block(table: Delta, state: Array, tapes: Array, heads: Array) -> Any:
    """Up to BLOCK steps; tapes [k, cells], heads [k] index into them."""
    k = heads.shape[0]
    lanes = jnp.arange(k)

    def look(tapes: Array, state: Array, heads: Array) -> tuple[Any, ...]:
        read = tapes[lanes, heads]
        return state, *read

    def more(carry: Any) -> Array:
        n, state, tapes, heads, _ = carry
        return (n < BLOCK) & (table.then[look(tapes, state, heads)] >= 0)

    def body(carry: Any) -> Any:
        n, state, tapes, heads, rows = carry
        at = look(tapes, state, heads)
        then, write, move = table.then[at], table.write[at], table.move[at]
        row = jnp.concatenate([then[None], jnp.stack(at[1:]), write, move + 1])
        tapes = tapes.at[lanes, heads].set(write)
        return n + 1, then, tapes, heads + move, lax.dynamic_update_index_in_dim(rows, row, n, 0)

    rows = jnp.zeros((BLOCK, 1 + 3 * k), jnp.int32)
    return lax.while_loop(more, body, (jnp.int32(0), state, tapes, heads, rows))


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
    q, blank = index_of(machine.states), index_of(machine.symbols)[machine.blank]
    extent = max(abs(c) for cells in (now.heads, *now.tapes) for c in cells)
    reach = 1 << (extent + BLOCK).bit_length()
    cells = np.full((machine.tapes, 2 * reach + 1), blank, np.int32)
    for t, tape in enumerate(now.tapes):
        for cell, symbol in tape.items():
            cells[t, cell + reach] = a[symbol]
    state, heads, tapes = jnp.int32(q[now.state]), np.array(now.heads), jnp.asarray(cells)
    while True:
        if np.abs(heads).max() + BLOCK > reach:
            tapes = jnp.pad(tapes, ((0, 0), (reach, reach)), constant_values=blank)
            reach *= 2
        before = int(state)
        at = jnp.asarray(heads + reach, jnp.int32)
        n, state, tapes, moved, rows = _block(table, state, tapes, at)
        rows, k = np.asarray(rows)[: int(n)].T, machine.tapes
        columns = Columns(rows[0], *(rows[1 + i * k : 1 + (i + 1) * k] for i in range(3)))
        yield Trace.of(machine, columns, before, heads.tolist())
        heads = np.asarray(moved) - reach
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
