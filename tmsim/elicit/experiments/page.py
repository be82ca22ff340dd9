"""The page "What the theorem says, what was measured", written from a record of experiments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import log
from typing import Any, NamedTuple

import numpy as np

from tmsim.elicit.distance import expected_total_variation

HEAD = """\
# What the theorem says, what was measured

The claim: a base transformer with a dataset in its prompt answers as the fine-tuned model does,
within total variation ε and with probability 1 − δ, given enough examples (A. Sharma, *Eliciting
Fine-Tuned Transformer Capabilities via Inference-Time Techniques*, 2025, arXiv 2506.08060). The
sizes below are **as stated in the abstract**, which gives no constants: they are read here with the
constant 1 and the natural logarithm, and a claim is called refuted only where no constant helps.

Every figure is measured on a hand-built transformer's own weights, run in context: the induction
head of `olsson_2022` for text, the linear attention of `oswald_2023` for half-spaces. Distances
between known distributions are exact. The page is written by this command, with its figures'
record beside it:

```sh
tmsim experiment all --page docs/pages/elicitation.md
```
"""

EPSILON, DELTA = 0.1, 0.05


class Claim(NamedTuple):
    """A statement of the abstract and the experiments that test it."""

    title: str
    size: str
    experiments: tuple[str, ...]
    remark: str = ""


CLAIMS = (
    Claim("Text, m contexts", "n = (mV/ε²) log(m/δ)", ("t1", "t2", "t4"),
          "An upper bound for balanced contexts, and loose: V and the logarithm add, as in "
          "m(V ln 2 + ln(m/δ))/(2ε²) (Bretagnolle, Huber and Carol)."),
    Claim("Text of length l in a bounded context", "n = (l log V/ε²) log(1/δ)", ("t3", "t5")),
    Claim("Half-spaces with d features", "n = d/ε", ("c1", "c3")),
    Claim("Half-spaces, fixed context", "n = (1/ε²) log(1/δ)", ("c2",)),
    Claim("Bounded contexts: a part of the data, or retrieval", "", ("t6", "t7")),
    Claim("In context or by training", "", ("f1", "f2")),
)  # fmt: skip


def page(kept: Mapping[str, Any], figures: Mapping[str, str] | None = None) -> str:
    """The page as Markdown, from a record (see :mod:`tmsim.elicit.experiments.record`).

    `figures` names the image of an experiment, relative to the page. Experiments that the record
    lacks are left out, and so are claims without any.
    """
    results = {result["id"]: result for result in kept["results"]}
    drawn = figures or {}
    versions = ", ".join(f"{name} {number}" for name, number in kept["versions"].items())
    budget = "few trials (`--quick`)" if kept["quick"] else "all trials"
    parts = [HEAD, f"Measured on {kept['date']} with {versions}; seed {kept['seed']}, {budget}.\n"]
    parts.append("| experiment | question | answer | met its rule |\n| --- | --- | --- | --- |")
    parts += [
        f"| [{id.upper()}](#{id}) | {cell(result['question'])} | {result['verdict']} | "
        f"{'yes' if result['passed'] else '**no**'} |"
        for id, result in results.items()
    ]
    told: set[str] = set()
    for claim in CLAIMS:
        tested = [results[id] for id in claim.experiments if id in results]
        if tested:
            parts += ["", *section(claim, tested, drawn)]
            told |= set(claim.experiments)
    others = [result for id, result in results.items() if id not in told]
    if others:
        parts += ["", *section(Claim("Others", "", ()), others, drawn)]
    return "\n".join(parts) + "\n"


def section(
    claim: Claim, results: list[Mapping[str, Any]], figures: Mapping[str, str]
) -> Iterator[str]:
    """A claim, what is said of it, and its experiments."""
    yield f"## {claim.title}"
    if claim.size:
        yield f"\nAs stated in the abstract: **{claim.size}**."
    if claim.remark:
        yield f"\n{claim.remark}"
    if "log V" in claim.size:
        yield f"\n{no_distance()}"
    for result in results:
        yield f"\n### {result['title']} {{ #{result['id']} }}\n"
        yield f"*{result['question']}* **{result['verdict'].capitalize()}.**"
        for note in result["notes"]:
            yield f"\n{note}"
        yield f"\nCompared with: {result['target']}. Readout: {result['readout']}."
        yield f"\nRule: {result['rule']}. It took {result['seconds']:g} s.\n"
        if result["id"] in figures:
            yield f"![{result['title']}]({figures[result['id']]})\n"
        yield table(result["rows"])


def no_distance() -> str:
    """TV at the size l log V/ε² · log(1/δ): exact expectations for uniform p and l = 1."""
    told = []
    for V in (16, 128, 1024, 8192):
        n = int(log(V) * log(1 / DELTA) / EPSILON**2)
        told.append(f"{expected_total_variation(np.full(V, 1 / V), n):.3f} (V = {V:,}, n = {n:,})")
    return (
        f"For ε = {EPSILON}, δ = {DELTA} and l = 1 the exact expectation of TV at this size is "
        f"{', '.join(told)}: it is no bound on total variation for arbitrary distributions, and no "
        "constant makes it one, for what is needed grows as V. It is the size for the *greatest* "
        "error of a probability, or for a finite class of V^l hypotheses."
    )


def shown(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """The columns of a table: what varies between the rows, and then the figures.

    >>> shown([{"d": 1, "n": 5, "measured": 0.1}, {"d": 1, "n": 6, "measured": 0.1}])
    ['n', 'measured']
    """
    columns = list(dict.fromkeys(key for row in rows for key in row))
    last = ("expected", "measured", "interval")
    varied = [c for c in columns if c not in last and len({str(r.get(c)) for r in rows}) > 1]
    return [*varied, *(c for c in last if c in columns)]


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """The rows as a Markdown table."""
    head = shown(rows)
    lines = [f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}"]
    lines += [f"| {' | '.join(cell(row.get(column)) for column in head)} |" for row in rows]
    return "\n".join(lines)


def cell(value: Any) -> str:
    """A value as a cell: four digits, an interval with its ends, nothing for None.

    >>> cell(0.123456), cell([0.1, 0.2]), cell(None), cell(1024), cell("a|b")
    ('0.1235', '0.1 … 0.2', '', '1,024', 'a\\\\|b')
    """
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case float():
            return f"{value:.4g}"
        case list() | tuple():
            return " … ".join(map(cell, value))
    return str(value).replace("|", "\\|")
