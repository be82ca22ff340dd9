"""Compiled runs that are held to δ token by token: nothing of them is kept but where they end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax
from jax.sharding import Mesh, PartitionSpec
from jax.tree_util import register_dataclass

from tmsim.engine.blocks import EXACT
from tmsim.engine.drivers import Memories, RunState, step
from tmsim.engine.many import beginning, told_positions
from tmsim.engine.transformer import OUTCOMES, RUNNING, Transformer
from tmsim.machines import TuringMachine
from tmsim.machines.indexed import index_of, indexed_words
from tmsim.outcome import Outcome
from tmsim.proofs import Frame

STAY = -1
Rows = tuple[Array, Array]
"""Rows [n, d_model], and how many of them exist."""


@register_dataclass
@dataclass(frozen=True)
class Delta:
    """δ as tables [states, symbols, …], and where a run starts.

    then: the next state, -1 where there is none; write, move [k, …]: symbols, and 0, 1, 2 for L, S,
    R; halting [states]; state, blank: indices; tapes [k, word]: symbols from cell 0 on.
    """

    then: Any
    write: Any
    move: Any
    halting: Any
    state: Any
    blank: Any
    tapes: Any


class Ended(NamedTuple):
    """outcome as an index into OUTCOMES, steps, state, heads [k], sigma, first wrong step or 0."""

    code: Any
    steps: Any
    state: Any
    heads: Any
    sigma: Any
    wrong: Any


class _Held(NamedTuple):
    """The configuration that the tokens so far have made. What the last one left under the heads is
    written by the next pass, before it reads: a tape that is read first would be copied whole."""

    state: Any
    tapes: Any
    heads: Any
    left: Any
    symbols: Any
    wrong: Any


def deltas(
    machines: Sequence[TuringMachine], words: Sequence[Any], frame: Frame, longest: int
) -> Delta:
    """The machines' tables, each array with a leading axis of machines; words of up to `longest`
    symbols a tape, from cell 0 on."""
    n, k = len(machines), frame.tapes
    shape = (n, frame.states, *[frame.symbols] * k)
    then = np.full(shape, -1, np.int32)
    write, move = (np.zeros((n, k, *shape[1:]), np.int32) for _ in range(2))
    halting = np.zeros((n, frame.states), bool)
    state, blank = np.zeros(n, np.int32), np.zeros(n, np.int32)
    tapes = np.zeros((n, k, longest), np.int32)
    for i, (m, given) in enumerate(zip(machines, words, strict=True)):
        q, a = index_of(m.states), index_of(m.symbols)
        state[i], blank[i] = q[m.start], a[m.blank]
        halting[i, [q[s] for s in m.halting]] = True
        for (s, read), (target, symbols, moves) in m.transitions.items():
            if s not in m.halting:
                at = (q[s], *(a[x] for x in read))
                then[i, *at] = q[target]
                write[i, :, *at] = [a[x] for x in symbols]
                move[i, :, *at] = [move + 1 for move in moves]
        tapes[i] = blank[i]
        for tape, word in zip(tapes[i], indexed_words(m, given), strict=True):
            tape[: len(word)] = word
    return Delta(then, write, move, halting, state, blank, tapes)


@partial(
    jax.jit,
    static_argnames=("structure", "own", "memories", "cells", "together", "mesh"),
    compiler_options=EXACT,
)
def many(
    shared: list[Array], each: Any, max_steps: Array, *,
    structure: Any, own: tuple[int, ...], memories: Memories, cells: int, together: bool,
    mesh: Mesh | None,
) -> Ended:  # fmt: skip
    """The runs of many machines, side by side (`together`) or one after the other, on each of the
    mesh's devices an equal share of them.

    shared: the leaves of the transformer that are every machine's; each: per machine the leaves of
    `own`, the prompt's rows [machines, n, d_model] and how many they are, the same of the encoder's
    rows, and its :class:`Delta`.
    """

    def run(shared: list[Array], max_steps: Array, one: Any) -> Ended:
        filled, prompt, encoder, delta = one
        rest, mine = iter(shared), iter(filled)
        leaves = [next(mine) if i in own else next(rest) for i in range(structure.num_leaves)]
        t = jax.tree.unflatten(structure, leaves)
        return _run(t, memories, prompt, encoder, delta, max_steps, cells)

    def every(shared: list[Array], each: Any, max_steps: Array) -> Ended:
        single = partial(run, shared, max_steps)
        return jax.vmap(single)(each) if together else lax.map(single, each)

    if mesh is not None:
        share = PartitionSpec(mesh.axis_names)
        every = jax.shard_map(
            every, mesh=mesh, in_specs=(PartitionSpec(), share, PartitionSpec()), out_specs=share,
            check_vma=False,
        )  # fmt: skip
    return every(shared, each, max_steps)


def _run(
    t: Transformer, memories: Memories, prompt: Rows, encoder: Rows, delta: Delta, max_steps: Array,
    cells: int,
) -> Ended:  # fmt: skip
    """One machine's run."""
    order = _order(t, len(delta.tapes))
    encoded = told_positions(t, *encoder)
    k = len(delta.tapes)
    # One cell more than there are on either side: a head may step out before the run ends.
    blank = jnp.broadcast_to(delta.blank, (k, 2 * cells + 3)).astype(jnp.int32)
    tapes = lax.dynamic_update_slice(blank, delta.tapes, (0, cells + 1))
    home = jnp.full(k, cells + 1, jnp.int32)
    held = _Held(delta.state, tapes, home, home, _under(tapes, home), jnp.int32(0))

    def more(carry: tuple[RunState, _Held]) -> Array:
        return carry[0].outcome == RUNNING

    def body(carry: tuple[RunState, _Held]) -> tuple[RunState, _Held]:
        state, held = carry
        after, record = step(t, memories, encoded, max_steps, state)
        made = after.generated > state.generated
        # Nobody asks for the margins of so many runs: what made them is left out of the loop.
        return replace(after, margins=state.margins), _taken(
            delta, held, record[order], made, after.generated
        )

    state, held = lax.while_loop(more, body, (beginning(t, memories, *prompt, encoded), held))
    tapes = _put(held.tapes, held.left, held.symbols)
    wrong = jnp.where(
        (held.wrong == 0) & ~_ends(delta, held, _under(tapes, held.heads), state.outcome, cells),
        state.generated + 1, held.wrong,
    )  # fmt: skip
    sigma = (tapes != delta.blank).sum()
    places = held.heads - cells - 1
    return Ended(state.outcome, state.generated, held.state, places, sigma, wrong)


def _order(t: Transformer, tapes: int) -> np.ndarray:
    """Where next state, symbols read, symbols written and moves are in a record."""
    names = [span.name for span in t.emits]
    parts = [f"{name}[{i}]" for name in ("read", "write", "move") for i in range(tapes)]
    return np.array([names.index(name) for name in ("next_state", *parts)])


def _under(tapes: Array, heads: Array) -> Array:
    return jnp.stack([tape[heads[i]] for i, tape in enumerate(tapes)])


def _put(tapes: Array, heads: Array, symbols: Array) -> Array:
    return jnp.stack([tape.at[heads[i]].set(symbols[i]) for i, tape in enumerate(tapes)])


def _taken(delta: Delta, held: _Held, record: Array, made: Array, number: Array) -> _Held:
    """The configuration after the step that the record stands for, if one was made."""
    k = len(held.tapes)
    tapes = held.tapes
    for i in range(k):
        tapes = tapes.at[i, held.left[i]].set(held.symbols[i])
    read = jnp.stack([tapes[i, held.heads[i]] for i in range(k)])
    at = (held.state, *read)
    due = [delta.then[at][None], read, delta.write[:, *at], delta.move[:, *at]]
    wrong = made & (held.wrong == 0) & (record != jnp.concatenate(due)).any()
    then, write, move = record[0], record[1 + k : 1 + 2 * k], record[1 + 2 * k :] + STAY
    return _Held(
        jnp.where(made, then, held.state),
        tapes,
        jnp.where(made, held.heads + move, held.heads),
        held.heads,
        jnp.where(made, write, read),
        jnp.where(wrong, number, held.wrong),
    )


def _ends(delta: Delta, held: _Held, read: Array, code: Array, cells: int) -> Array:
    """Does the configuration end as the run says?"""
    halted = delta.halting[held.state]
    stuck = ~halted & (delta.then[(held.state, *read)] < 0)
    out = (jnp.abs(held.heads - cells - 1) > cells).any()
    due = {Outcome.halted: halted, Outcome.no_transition: stuck, Outcome.out_of_cells: out}
    going = ~halted & ~stuck
    return jnp.stack(
        [(code == OUTCOMES.index(outcome)) & holds for outcome, holds in due.items()]
        + [(code == OUTCOMES.index(Outcome.out_of_steps)) & going]
        + [code == OUTCOMES.index(Outcome.out_of_precision)]
    ).any()
