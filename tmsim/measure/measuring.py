"""Measures a construction: its hypotheses, its horizons, and the corpus rows that it runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import jax
from hypothesis import given

from tmsim import catalogue, corpus
from tmsim.machines.models import listings
from tmsim.measure import findings
from tmsim.measure.findings import Findings
from tmsim.measure.horizon import horizon
from tmsim.measure.ledger import FRAME
from tmsim.measure.replay import as_json
from tmsim.modelled import runs_turing_machines
from tmsim.proofs import Construction
from tmsim.proofs.integers import certified
from tmsim.simulator import simulate
from tmsim.testing.laws import DTYPES, Case, Setting, hypotheses, right, theorem_holds
from tmsim.testing.laws.draw import examples_of, frames_of, quiet

PROGRAM_STEPS = 600
LEAST_RUNS = 20
"""Where a model has fewer programs with a name, so many more machines are drawn and run."""

CORPUS_WORK = 3 * 10**11
"""Multiply-adds that a row may take when it is counted: minutes, where a check takes seconds."""

PARTS = ("hypotheses", "horizons", "programs", "corpus")


def measured(
    name: str, parts: Sequence[str], *, budget: int, steps: int, corpus: str | None = None
) -> Findings:
    """These parts of what can be measured of the construction called `name`; the others stay.

    hypotheses: each is searched with `budget` machines. horizons: where numbers are rounded, each
    path is followed for `steps` steps. programs: those of its model. corpus: the rows of that file
    of at most `steps` steps. Raises ValueError for an unknown part or a missing file name.
    """
    wrong = [part for part in parts if part not in PARTS]
    if wrong:
        raise ValueError(f"part {wrong[0]!r}: expected one of {', '.join(PARTS)}")
    construction, turing = catalogue.find(name), runs_turing_machines(catalogue.find(name))
    found: dict[str, Any] = {"measured": date.today().isoformat(), "jax": jax.__version__}
    if "hypotheses" in parts:
        searched = hypotheses(construction, budget=budget)
        found["hypotheses"] = [as_json(finding) for finding in searched]
    if "horizons" in parts:
        exact = certified(construction, construction.program(FRAME))
        rounded = [d for d in DTYPES if d not in exact] if turing else []
        found["horizons"] = {d: _paths(construction, d, steps) for d in rounded}
    if "programs" in parts:
        found["programs"] = programs(name)
    if "corpus" in parts and turing:
        if corpus is None:
            raise ValueError("part 'corpus' needs a file; expected --corpus FILE.jsonl")
        found["corpus"] = counted(name, corpus, steps)
    return replace(findings.stored(name) or Findings("", ""), **found)


def _paths(construction: Construction, dtype: str, steps: int) -> dict[str, Any]:
    return {h.path: [h.first_wrong, h.tried] for h in horizon(construction, dtype, steps)}


def programs(name: str) -> dict[str, int]:
    """How many programs of its own model the construction runs, and the longest run's steps.

    Of a model with few named programs, different machines are drawn besides. Raises AssertionError
    where a run differs from its reference.
    """
    construction, steps = catalogue.find(name), [0]
    for program in listings.of_model(construction.model):
        run = simulate(program, construction=name, max_steps=PROGRAM_STEPS)
        if not run.matches_reference:
            raise AssertionError(f"{name}: {program}: {run.verdict()}")
        steps.append(run.steps)
    named = len(steps) - 1
    if named < LEAST_RUNS:
        steps += _drawn(construction)
    return {"runs": len(steps) - 1, "named": named, "longest": max(steps)}


def _drawn(construction: Construction) -> list[int]:
    """The steps of `LEAST_RUNS` different machines, each run as its reference does."""
    frame = frames_of(construction)[0]
    setting, steps = Setting.default(construction, frame), dict[str, int]()

    @quiet(10 * LEAST_RUNS)
    @given(examples_of(construction, frame))
    def each(case: Case) -> None:
        if str(case) not in steps and len(steps) < LEAST_RUNS:
            theorem_holds(setting, case)
            steps[str(case)] = len(right(setting, case)[0])

    each()
    return list(steps.values())


def counted(name: str, path: str, steps: int) -> dict[str, Any]:
    """How many corpus rows of at most `steps` steps the construction runs, and why not the others.

    Raises AssertionError where a row's run disagrees.
    """
    rows = [row for row in corpus.read(path) if row.end.steps <= steps]
    report = corpus.check(corpus.prepare(rows, steps), name, most=CORPUS_WORK)
    if report.disagreeing:
        wrong = report.disagreeing[0]
        raise AssertionError(f"{name}: {wrong.row.name}: {wrong.difference}")
    longest = max((row.end.steps for row in report.agreeing), default=0)
    return {
        "steps": steps,
        "rows": len(rows),
        "agree": len(report.agreeing),
        "longest": longest,
        "apart": {apart.row.name: apart.reason for apart in report.apart},
    }
