"""Runs a corpus: many machines whose runs are known, in batches that share compiled code.

A corpus file has one JSON object a line: a machine as text, its input, and how its run ends. Its
cells are counted from where the head starts; the input then begins at minus `input_head`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from time import perf_counter

import jax

from tmsim import catalogue
from tmsim.corpus.bench import MOST, Bench, simulator
from tmsim.corpus.cases import Apart, Case
from tmsim.corpus.rows import End, Row, read
from tmsim.modelled import runs_turing_machines

__all__ = [
    "Apart",
    "Case",
    "Disagreement",
    "End",
    "Report",
    "Row",
    "check",
    "prepare",
    "read",
    "simulator",
    "simulators",
]

MAX_STEPS = 10_000


@dataclass(frozen=True)
class Disagreement:
    """A row whose run ends otherwise than the corpus says; `difference` is a sentence."""

    row: Row
    difference: str


@dataclass(frozen=True)
class Report:
    """What a construction made of a corpus; if `interrupted`, some rows are in none of the lists.

    `seconds` is the time it took, compilation included.
    """

    construction: str
    agreeing: tuple[Row, ...]
    disagreeing: tuple[Disagreement, ...]
    apart: tuple[Apart, ...]
    seconds: float
    interrupted: bool = False


def simulators() -> tuple[str, ...]:
    """The names of all constructions that run Turing machines, as they are or translated.

    >>> "wei_2021" in simulators()
    True
    """
    found = {name: catalogue.find(name) for name in catalogue.names()}
    return tuple(name for name, c in found.items() if runs_turing_machines(c))


def prepare(rows: Iterable[Row], max_steps: int = MAX_STEPS) -> list[Case | Apart]:
    """The rows made ready to run, under any construction, in their order.

    The reference runs each for `max_steps` steps at most; rows that take more, or whose format has
    no parser, are kept apart. Raises ValueError naming the place of a row with a mistake.
    """
    return [Case.of(row, max_steps) for row in rows]


def check(
    cases: Sequence[Case | Apart],
    construction: str,
    watch: Callable[[int], None] = lambda done: None,
    *,
    most: int = MOST,
) -> Report:
    """Run the cases and compare each end with its row's; `watch` hears how many rows are done.

    The run is the transformer's own, in the claim's first number format; its steps, outcome, final
    state, tapes, heads and configuration hash are compared. Rows outside the construction's bounds
    are kept apart, with the reason, as are those of more than `most` multiply-adds. Ctrl-C returns
    what was done until then. Raises ValueError for an unknown construction, or one of another
    model.
    """
    began, interrupted = perf_counter(), False
    bench = Bench(construction, most)
    apart = [case for case in cases if isinstance(case, Apart)]
    right: list[Row] = []
    wrong: list[Disagreement] = []
    try:
        with jax.enable_x64(True):
            ready = []
            for case in cases:
                if isinstance(case, Apart):
                    continue
                run = bench.ready(case)
                if isinstance(run, str):
                    apart.append(Apart(case.row, "outside bounds", run))
                else:
                    ready.append(run)
            for case, difference in bench.run(ready):
                if difference:
                    wrong.append(Disagreement(case.row, difference))
                else:
                    right.append(case.row)
                watch(len(apart) + len(wrong) + len(right))
    except KeyboardInterrupt:
        interrupted = True
    spent = perf_counter() - began
    return Report(construction, tuple(right), tuple(wrong), tuple(apart), spent, interrupted)
