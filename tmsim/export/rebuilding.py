"""From a finished run back to the transformer that made it: what every export starts from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from tmsim import catalogue
from tmsim.choices import Assembled, Choices
from tmsim.emulation import Emulation
from tmsim.engine import run as engine
from tmsim.engine.assemble import rows
from tmsim.engine.drivers import Memories
from tmsim.engine.transformer import Transformer
from tmsim.machines import TuringMachine
from tmsim.modelled import ModelConstruction
from tmsim.outcome import Outcome
from tmsim.proofs import Bounds
from tmsim.proofs.claim import padded
from tmsim.proofs.rules import parse_rule
from tmsim.simulation import Simulation

MOVES = ("L", "S", "R")


@dataclass(frozen=True)
class Rebuilt:
    """A run's transformer and its prompt, in the bounds that the run ended in.

    rows [n, d_model] and encoder [m, d_model] are the prompt without positions, in float64;
    `kept` rows are what a full cache must hold, and at most `limit` rows are generated.
    """

    choices: Choices
    made: Assembled
    rows: np.ndarray
    encoder: np.ndarray
    kept: int
    limit: int

    @property
    def weights(self) -> Transformer:
        return self.made.weights

    @property
    def cells(self) -> int:
        """The largest |address| of a last-write table."""
        return self.made.frame.bounds.cells

    @property
    def memories(self) -> Memories:
        """One memory per head, as in the run."""
        return engine.plan(self.weights, self.choices.lowering, self.kept, self.cells)


def rebuilt(run: Simulation | Emulation) -> Rebuilt:
    """The run's transformer, assembled anew.

    Raises ValueError where the catalogue does not know the run's construction.

    >>> import tmsim
    >>> again = rebuilt(tmsim.simulate("bb2"))
    >>> again.weights.d_model, again.rows.shape, again.limit
    (27, (1, 27), 6)
    """
    construction = catalogue.find(run.construction)
    rules = {str(rule): rule for rule in construction.claim.rules}
    rule = rules[run.rule] if run.rule in rules else parse_rule(run.rule)
    steps = run.steps if run.outcome is Outcome.out_of_steps else run.bounds.steps
    choices = Choices(
        construction=construction, name=run.construction, max_steps=steps, dtype=run.dtype,
        rule=None if rule == construction.claim.rules[0] else rule,
        memory=run.memory, cells=run.bounds.cells, check=False,
    )  # fmt: skip
    with jax.enable_x64(True):
        made, steps = _assembled(run, choices, steps)
    given, encoder = (rows(made.program, part, np.float64) for part in made.prompt)
    kept = len(given)
    if made.weights.feedback != "loop":
        kept = padded(kept + construction.rows(made.frame))
    limit = choices.most_rows(made.frame, steps)
    return Rebuilt(choices, made, given, encoder, kept, limit)


def _assembled(run: Any, choices: Choices, steps: int) -> tuple[Assembled, int]:
    """The transformer, and how many of its own model's steps it is to make."""
    bounds, construction = run.bounds, choices.construction
    if not isinstance(run.machine, TuringMachine):
        return choices.assembled(run.machine, run.given, (), bounds), steps
    if not isinstance(construction, ModelConstruction):
        return choices.assembled(run.machine, run.tapes, run.heads, bounds), steps
    told = construction.translation(run.machine, run.tapes, run.heads, bounds)
    room = Bounds(told.steps, told.cells)
    return choices.assembled(told.machine, told.given, (), room), told.steps


def decoded(
    weights: Transformer, memories: Memories, given: np.ndarray, encoder: np.ndarray, limit: int
) -> tuple[np.ndarray, Outcome]:
    """The engine's own run: the records [n, emits] of at most `limit` rows, and how it ends.

    >>> import tmsim
    >>> r = rebuilt(tmsim.simulate("bb2"))
    >>> records, outcome = decoded(r.weights, r.memories, r.rows, r.encoder, r.limit)
    >>> records.shape, outcome
    ((6, 4), <Outcome.halted: 'halted'>)
    """
    with jax.enable_x64(True):
        blocks = list(engine.decode(weights, memories, given, encoder, limit))
    outcome = blocks[-1].outcome
    assert outcome is not None
    return np.concatenate([block.records for block in blocks]), outcome


def vocabulary(run: Simulation | Emulation, weights: Transformer) -> Mapping[str, Sequence[str]]:
    """What the integers of an emitted register stand for, where they name parts of the machine.

    >>> import tmsim
    >>> run = tmsim.simulate("bb2")
    >>> dict(vocabulary(run, rebuilt(run).weights))["next_state"]
    ['A', 'B', 'Z']
    """
    if not isinstance(run, Simulation):
        return {}
    if isinstance(catalogue.find(run.construction), ModelConstruction):
        return {}  # A translation's symbols are the other model's.
    m = run.machine
    of = {"next_state": m.states, "read": m.symbols, "write": m.symbols, "move": MOVES}
    kinds = {span.name: span.name.partition("[")[0] for span in weights.emits}
    return {name: [str(x) for x in of[kind]] for name, kind in kinds.items() if kind in of}
