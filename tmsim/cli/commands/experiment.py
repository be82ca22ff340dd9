"""`tmsim experiment`: the elicitation claim measured on the transformers' own weights."""

from __future__ import annotations

import json
import os
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from tmsim.cli.arguments import whole
from tmsim.cli.exit import Exit
from tmsim.cli.view import tables

if TYPE_CHECKING:
    from tmsim.elicit.experiments.record import Run

HELP = "run an experiment on in-context learning: what is expected, what is measured, a verdict"


def arguments(parser: ArgumentParser) -> None:
    """The command's arguments."""
    add = parser.add_argument
    add("name", metavar="NAME", nargs="+", help="t1 … t7, c1 … c3, f1, f2, or all")
    add("--quick", action="store_true", help="fewer trials of the same questions")
    add("--seed", metavar="N", type=whole(0), default=0, help="(default: %(default)s)")
    add("--json", action="store_true", help="print a JSON list: an object for each")
    add("--plot", metavar="DIR", type=Path, help="draw NAME.svg for each there (needs matplotlib)")
    add("--page", metavar="FILE.md", type=Path,
        help="write the page of results, and their record as FILE.json")  # fmt: skip


def command(args: Namespace) -> Exit:
    """Run the experiments; each is printed when it is done."""
    from tmsim.cli.view import figures, plot
    from tmsim.elicit.experiments import find, names, record
    from tmsim.elicit.experiments.page import page

    every = names() if "all" in args.name else tuple(dict.fromkeys(map(str.lower, args.name)))
    for name in every:
        find(name)
    if args.page and args.page.suffix != ".md":
        raise ValueError(f"--page {args.page}: expected a file whose name ends in .md")
    if args.plot:
        plot.pyplot()  # without matplotlib nothing is run
        args.plot.mkdir(parents=True, exist_ok=True)
    done, drawn = [], {}
    for run in record.runs(every, quick=args.quick, seed=args.seed):
        done.append(run)
        if not args.json:
            print("\n".join(lines(run)), end="\n\n", flush=True)
        if args.plot and run.result.figure:
            path = args.plot / f"{run.result.id}.svg"
            figures.draw(run.result.figure, run.result.title, path)
            drawn[run.result.id] = path
    if args.json:
        told = [{**run.result.to_json(), "seconds": run.seconds} for run in done]
        print(json.dumps(told, ensure_ascii=False))
    if args.page:
        kept = record.record(done, quick=args.quick, seed=args.seed)
        record.store(args.page.with_suffix(".json"), kept)
        start = args.page.resolve().parent
        images = {i: Path(os.path.relpath(p.resolve(), start)).as_posix() for i, p in drawn.items()}
        args.page.write_text(page(kept, images), encoding="utf-8")
    return Exit.ended if all(run.result.passed for run in done) else Exit.disagreed


def lines(run: Run) -> Iterator[str]:
    """A result as text."""
    from tmsim.elicit.experiments.page import cell, shown

    result = run.result
    yield f"{result.id.upper()}  {result.title}"
    yield result.question
    yield f"compared with  {result.target}"
    yield f"readout        {result.readout}"
    head = shown(result.rows)
    yield ""
    yield tables.text(head, [[cell(row.get(key)) for key in head] for row in result.rows])
    yield ""
    yield f"rule           {result.rule}"
    yield f"verdict        {result.verdict}   ({run.seconds:g} s)"
    yield from result.notes
