"""Many machines at once, each run token by token in its own transformer and held to δ.

On a CPU the machines go one after the other through one compiled loop, whose passes are one kernel
each; on an accelerator they go side by side. Every token is compared as it is made: the step that
it stands for must be δ's, for the state, the head and the tape that the machine's own tokens before
it have made. By induction the run is then the reference's, and no run is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import jax
import numpy as np
from jax.experimental import multihost_utils
from jax.sharding import Mesh

from tmsim import catalogue
from tmsim.compiling import CompileTimer
from tmsim.engine import run as engine
from tmsim.engine.assemble import rows
from tmsim.engine.interrupts import Interrupts
from tmsim.engine.many import Many
from tmsim.engine.sparse import lowered
from tmsim.engine.transformer import OUTCOMES, Transformer
from tmsim.machines import TuringMachine, initial
from tmsim.outcome import Outcome
from tmsim.proofs import Bounds, Construction, Frame, Program, Row
from tmsim.proofs.claim import padded
from tmsim.stepwise import Ended, deltas, many
from tmsim.turing import TuringConstruction

AT_ONCE = 1 << 20
"""Steps that one call of compiled code may make, machines times their limit: under a second."""
AHEAD = 2
"""Calls that are under way while the next one's arrays are put together."""


@dataclass(frozen=True)
class Batch:
    """The runs of many machines, an entry each: outcome (by index into `OUTCOMES`), steps, state
    (index), heads [machines, tapes], sigma (cells that are not blank at the end), and `wrong`: the
    first step that is not δ's, counted from 1, 0 where all are.
    """

    machines: Sequence[TuringMachine]
    codes: np.ndarray
    steps: np.ndarray
    states: np.ndarray
    heads: np.ndarray
    sigma: np.ndarray
    wrong: np.ndarray
    seconds: float
    compile_seconds: float

    def __len__(self) -> int:
        return len(self.machines)

    @property
    def outcomes(self) -> list[Outcome]:
        return [OUTCOMES[code] for code in self.codes.tolist()]

    @property
    def matches_reference(self) -> bool:
        """Is every step of every run δ's, and every end the machine's own?"""
        return not self.wrong.any()

    @property
    def steps_per_second(self) -> float:
        """Without the time that compilation took."""
        return int(self.steps.sum()) / max(self.seconds - self.compile_seconds, 1e-9)

    def __repr__(self) -> str:
        wrong = int((self.wrong > 0).sum())
        verdict = "all match the reference" if not wrong else f"{wrong:,} differ from the reference"
        return f"<Batch of {len(self):,} runs, {int(self.steps.sum()):,} steps: {verdict}>"


def simulate_many(
    machines: Sequence[TuringMachine],
    tapes: Sequence[Sequence[Any]] | None = None,
    *,
    construction: str | Construction = "tzamos_2026",
    max_steps: int = 1000,
    cells: int | None = None,
    dtype: str | None = None,
    mesh: Mesh | None = None,
) -> Batch:
    """Run many Turing machines, each in its own transformer, in the frame that holds all of them.

    machines: of one number of tapes. tapes: for each machine its words, one a tape (blank). Heads
    start on cell 0. cells: largest |position| (default: as far as `max_steps` lead). dtype: one of
    the claim's (its first). mesh: devices that share the machines, of one process or of several
    (:func:`jax.distributed.initialize`), all of which then get the whole Batch; default: the first
    device. Every weight that machines do not supply is shared. Raises ValueError
    naming the machine for bad input, and for constructions whose rows are not steps.

    >>> from tmsim.machines import load
    >>> found = simulate_many([load(name).machine for name in ("bb2", "bb3", "bb4")])
    >>> found.steps.tolist(), found.sigma.tolist(), found.matches_reference
    ([6, 21, 107], [4, 5, 13], True)
    """
    began = perf_counter()
    found = catalogue.find(construction) if isinstance(construction, str) else construction
    dtype = dtype or found.claim.dtypes[0]
    if dtype not in found.claim.dtypes:
        raise ValueError(f"dtype {dtype!r}: expected one of the claim's, {found.claim.dtypes}")
    if not machines or max_steps < 1:
        raise ValueError(f"{len(machines)} machines, max_steps {max_steps}; expected 1 or more")
    words = [()] * len(machines) if tapes is None else list(tapes)
    if len(words) != len(machines):
        raise ValueError(f"{len(words)} entries in tapes for {len(machines)} machines")
    for number, (machine, word) in enumerate(zip(machines, words, strict=True)):
        if machine.tapes != machines[0].tapes:
            raise ValueError(
                f"machine {number} has {machine.tapes} tapes; expected {machines[0].tapes}"
            )
        try:
            initial(machine, word)
        except ValueError as error:
            raise ValueError(f"machine {number}: {error}") from None
    longest = max((len(part) for word in words for part in word), default=0)
    reach = cells or padded(longest + max_steps + 2) - 2
    with jax.enable_x64(True), CompileTimer() as timer:
        ended = _run(found, machines, words, Bounds(max_steps, reach), dtype, mesh)
    spent = perf_counter() - began
    return Batch(
        machines, ended.code, ended.steps, ended.state, ended.heads, ended.sigma, ended.wrong,
        spent, min(timer.seconds, spent),
    )  # fmt: skip


def _run(
    construction: Construction, machines: Sequence[TuringMachine], words: Sequence[Any],
    bounds: Bounds, dtype: str, mesh: Mesh | None,
) -> Ended:  # fmt: skip
    """How each of the machines ends."""
    return prepared(construction, machines, words, bounds, dtype).run(mesh)


@dataclass(frozen=True)
class Prepared:
    """Machines of one frame, ready to run: what all share, and per machine its numbers.

    `shared` are leaves of the transformer, `each` a pytree of arrays [machines, …], `static` what
    compiled code depends on.
    """

    shared: list[Any]
    each: Any
    static: dict[str, Any]
    max_steps: int

    def run(self, mesh: Mesh | None = None) -> Ended:
        """How each of them ends, compiled for so many at once that a call takes under a second."""
        count = len(jax.tree.leaves(self.each)[0])
        devices = 1 if mesh is None else mesh.size
        size = devices * max(1, min(AT_ONCE // self.max_steps, -(-count // devices)))
        done: list[Any] = []
        with Interrupts() as interrupts:
            for first in range(0, count, size):
                part = jax.tree.map(lambda a, first=first: _part(a, first, size), self.each)
                limit = np.int32(self.max_steps)
                done.append(many(self.shared, part, limit, **self.static, mesh=mesh))
                if len(done) > AHEAD:
                    jax.block_until_ready(done[-1 - AHEAD])
                interrupts.check()
        if mesh is not None and mesh.is_multi_process:
            done = [multihost_utils.process_allgather(part, tiled=True) for part in done]
        return jax.tree.map(lambda *parts: np.concatenate(parts)[:count], *done)


def prepared(
    construction: Construction, machines: Sequence[TuringMachine], words: Sequence[Any],
    bounds: Bounds, dtype: str,
) -> Prepared:  # fmt: skip
    """The machines in the frame that holds all of them; needs ``jax.enable_x64(True)`` around it.

    Raises ValueError for constructions whose rows are not steps.
    """
    frame = _frame(machines, bounds)
    program = construction.program(frame)
    weights = Many(program, dtype)
    t = weights.shared()
    if (why := refused(construction, t)) is not None:
        raise ValueError(why)
    prompts = [construction.prompt(m, w, None, frame) for m, w in zip(machines, words, strict=True)]
    given = _matrices(program, t, [prompt.rows for prompt in prompts])
    encoder = _matrices(program, t, [prompt.encoder for prompt in prompts])
    length = given[0].shape[1]
    longest = max((len(part) for word in words for part in word), default=0)
    kept = padded(length + construction.rows(frame))
    memories = engine.plan(t, "auto", kept, bounds.cells)
    leaves, structure = jax.tree.flatten(lowered(t, program, memories))
    filled = weights.filled([construction.leaves(m, frame) for m in machines])
    shared = [leaf for index, leaf in enumerate(leaves) if index not in weights.own]
    each = (filled, given, encoder, deltas(machines, words, frame, longest))
    static = {
        "structure": structure, "own": weights.own, "memories": memories,
        "cells": bounds.cells, "together": jax.default_backend() != "cpu",
    }  # fmt: skip
    return Prepared(shared, each, static, bounds.steps)


def _matrices(
    program: Program, t: Transformer, prompts: Sequence[Sequence[Row]]
) -> tuple[np.ndarray, np.ndarray]:
    """The machines' rows [machines, n, d_model], and how many each has."""
    length = padded(max(1, *map(len, prompts)))
    given = np.zeros((len(prompts), length, t.d_model), t.dtype)
    for matrix, prompt in zip(given, prompts, strict=True):
        if prompt:
            matrix[: len(prompt)] = rows(program, prompt, np.float64)
    return given, np.array([len(prompt) for prompt in prompts], np.int32)


def _part(array: np.ndarray, first: int, size: int) -> np.ndarray:
    """`size` entries from `first` on, the last one again where there are no more."""
    return array[np.minimum(np.arange(first, first + size), len(array) - 1)]


def _frame(machines: Sequence[TuringMachine], bounds: Bounds) -> Frame:
    """The frame that holds all of the machines."""
    states, symbols = (max(len(getattr(m, n)) for m in machines) for n in ("states", "symbols"))
    return Frame.around(states, symbols, machines[0].tapes, bounds)


def refused(construction: Construction, t: Transformer) -> str | None:
    """Why a construction's machines do not run step by step: rows must be steps, appended to what
    was there."""
    steps = isinstance(construction, TuringConstruction) and construction.claim.tokens_per_step
    told = "next_state" in [span.name for span in t.emits]
    appends = t.feedback in ("token", "vector") and not t.rewrites
    if steps == "1" and told and appends and not t.encoder:
        return None
    name = type(construction).__name__
    return f"{name}: expected a decoder whose rows are steps, with no layers in its encoder"
