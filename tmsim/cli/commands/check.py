"""`tmsim check`: a construction, or all of them, held to a corpus of machines."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tmsim._version import __version__
from tmsim.cli.arguments import whole
from tmsim.cli.exit import Exit, of_check

if TYPE_CHECKING:
    from tmsim.corpus import Report

HELP = "run a corpus of machines, and compare how each run ends"


def arguments(parser: ArgumentParser) -> None:
    """The command's arguments."""
    add = parser.add_argument
    add("file", metavar="FILE.jsonl", help="a corpus: one JSON object a line")
    add("--construction", metavar="NAME", default="tzamos_2026",
        help="a name of `tmsim list`, module:Class, or all that simulate Turing machines"
        " (default: %(default)s)")  # fmt: skip
    add("--max-steps", metavar="N", type=whole(0), default=10_000,
        help="rows with more steps are kept apart (default: 10,000)")  # fmt: skip
    add("--json", action="store_true", help="print one JSON object and nothing else")
    add("--verbose", action="store_true", help="list every row that was kept apart, and why")


def command(args: Namespace) -> Exit:
    """Check, tell what disagrees, and count the rest."""
    from tmsim import corpus
    from tmsim.cli.view.screen import Bar

    rows = corpus.read(args.file)
    names = corpus.simulators() if args.construction == "all" else (args.construction,)
    for name in names:
        corpus.simulator(name)
    reports: list[Report] = []
    with Bar("rows") as bar:
        cases = corpus.prepare(rows, args.max_steps)
        if not args.json:
            bar.line([(f"{args.file}: {len(rows):,} rows", "bold")])
        for name in names:
            bar.update(0, len(rows), name)

            def watch(done: int, name: str = name) -> None:
                bar.update(done, len(rows), name)

            report = corpus.check(cases, name, watch)
            reports.append(report)
            if not args.json:
                for line in lines(report, args.verbose):
                    bar.line([(line, "")])
            if report.interrupted:
                break
    if args.json:
        told = [report_json(report, args.verbose) for report in reports]
        about = {"version": __version__, "file": args.file, "rows": len(rows)}
        about |= {"max_steps": args.max_steps, "constructions": told}
        print(json.dumps(about, ensure_ascii=False))
    return of_check(reports)


def lines(report: Report, verbose: bool) -> Iterator[str]:
    """One construction's report as text: its numbers, then the rows that need a word."""
    kinds = Counter(apart.kind for apart in report.apart)
    numbers = [f"{len(report.agreeing):,} agree", f"{len(report.disagreeing):,} disagree"]
    numbers += [f"{kinds[kind]:,} {kind}" for kind in sorted(kinds)]
    ended = "interrupted after " if report.interrupted else ""
    yield f"{report.construction}: {', '.join(numbers)}; {ended}{report.seconds:.1f} s"
    for wrong in report.disagreeing:
        yield f"  {wrong.row.name}: {wrong.difference}"
    if verbose:
        yield from (f"  apart: {apart.row.name}: {apart.reason}" for apart in report.apart)


def report_json(report: Report, verbose: bool) -> dict[str, Any]:
    """One construction's report as a value of `tmsim check --json`."""
    told: dict[str, Any] = {
        "construction": report.construction,
        "agree": len(report.agreeing),
        "disagree": len(report.disagreeing),
        "apart": dict(Counter(apart.kind for apart in report.apart)),
        "interrupted": report.interrupted,
        "seconds": report.seconds,
        "disagreements": [
            {"name": wrong.row.name, "difference": wrong.difference} for wrong in report.disagreeing
        ],
    }
    if verbose:
        told["rows_apart"] = [
            {"name": apart.row.name, "kind": apart.kind, "reason": apart.reason}
            for apart in report.apart
        ]
    return told
