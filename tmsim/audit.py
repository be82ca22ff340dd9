"""Some rows of a finished run once more, by dense attention over all rows before them.

A run that used memories (last-write tables, running sums) never compared most scores. An audit does
for a sample of its rows: it decodes the run anew, as it was decoded, and lets the keys and values
that each row leaves behind stream past the sample's queries, in the run's own dtype.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import date
from os import PathLike
from pathlib import Path
from time import perf_counter
from typing import Any

import jax

from tmsim import catalogue, checkpoint, saved
from tmsim._version import __version__
from tmsim.certificate import Certificate
from tmsim.machines import TuringMachine, initial
from tmsim.proofs.rules import parse_rule
from tmsim.replaying import Sample
from tmsim.simulation import Simulation, document
from tmsim.task import Task

SHOWN = 5


@dataclass(frozen=True)
class Audit:
    """What an audit found of a run, which the first fields name.

    tokens: the run's rows; rows: how many of them were recomputed, drawn with `seed`; scores: how
    many scores were compared for them. certificate: over these rows, as of a run but without its
    logits; unknown: gaps that streaming lost (none unless scores lie within the rule's slack of
    each other). disagreements: how many there are, of which `first` tells the first ones.
    """

    machine: str
    construction: str
    dtype: str
    rule: str
    memory: str
    steps: int
    trace_hash: str | None
    tokens: int
    rows: int
    seed: int
    scores: int
    certificate: Certificate
    unknown: int
    disagreements: int
    first: tuple[str, ...]
    seconds: float
    date: str = field(default_factory=lambda: date.today().isoformat())
    version: str = __version__
    jax: str = jax.__version__

    @property
    def agrees(self) -> bool:
        return self.disagreements == 0

    def as_json(self) -> dict[str, Any]:
        """The object that ``tmsim audit --json`` prints."""
        return asdict(self)

    def verdict(self) -> str:
        """One line."""
        what = f"{self.rows:,} of {self.tokens:,} rows by dense attention"
        if self.agrees:
            return f"agrees: {what}, {self.certificate}"
        return f"disagrees: {what}, {self.disagreements:,} disagreements"


def load(path: str | PathLike[str]) -> Simulation:
    """The finished run in a file of ``Simulation.save``, or in a folder of checkpoints.

    Raises ValueError naming the path where it holds no run, or one that has not ended.
    """
    if not Path(path).is_dir():
        return saved.load(path)
    found = checkpoint.read(Path(path))
    if found is None:
        raise ValueError(f"{path}: no checkpoint here; expected the folder of a finished run")
    about, arrays = found
    if about["finished"] is None:
        raise ValueError(
            f"{path}: the run has not ended; expected a finished one (start it again to go on)"
        )
    return saved.restored(about["finished"], arrays)


def audit(
    run: Simulation,
    rows: int = 1000,
    seed: int = 0,
    watch: Callable[[int, int], None] | None = None,
) -> Audit:
    """Recompute `rows` rows of the run, or all if it has fewer, by dense attention.

    The run is decoded twice: first the sample's queries are taken, with what the memories told
    them; then all keys and values stream past them. Per row and head the row that dense attention
    picks must be the one that the table holds, the attended value must be the same number, bit for
    bit, and so must the token that follows from the dense values. The replay must be the run.
    `watch` is told how many of how many rows have been replayed.

    Raises ValueError for a run that was not decoded, that was interrupted, or whose feedback or
    rule does not let a row's past stream by; the construction's name must be one that
    :func:`tmsim.catalogue.find` knows.

    >>> import tmsim
    >>> found = audit(tmsim.simulate("bb4"), rows=20)
    >>> found.agrees, found.rows, found.certificate.smallest_gap
    (True, 20, 1.0)
    """
    began = perf_counter()
    with jax.enable_x64(True):
        sample = Sample(run, task_of(run), rows, seed, watch)
        found = sample.audited()
    return Audit(
        machine=run.source if run.source is not None else document(run),
        construction=run.construction, dtype=run.dtype, rule=run.rule, memory=run.memory,
        steps=run.steps, trace_hash=run.trace_hash, tokens=run.tokens, rows=len(sample.at),
        seed=seed, disagreements=len(sample.wrong), first=tuple(sample.wrong[:SHOWN]),
        seconds=perf_counter() - began, **found,
    )  # fmt: skip


def task_of(run: Simulation) -> Task:
    """The run's choices, as they were settled.

    Raises ValueError for a run that is none of a Turing machine decoded to an end.
    """
    if run.engine != "decode" or run.outcome is None or not run.tokens:
        what = "interrupted" if run.outcome is None else f"of engine {run.engine!r}"
        raise ValueError(f"the run is {what} with {run.tokens} tokens; expected a decoded one")
    construction = catalogue.find(run.construction)
    if not issubclass(TuringMachine, construction.model):
        model = construction.model.__name__
        raise ValueError(f"{run.construction} runs a translation into a {model}; expected none")
    own = str(construction.claim.rules[0])
    return Task(
        construction=construction, name=run.construction, max_steps=run.steps, dtype=run.dtype,
        rule=None if run.rule == own else parse_rule(run.rule), memory=run.memory, cells=None,
        check=False, machine=run.machine, source=run.source, tapes=run.tapes,
        start=initial(run.machine, run.tapes, run.heads),
    )  # fmt: skip
