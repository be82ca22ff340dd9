"""`tmsim audit`: rows of a finished run, recomputed by dense attention over all earlier rows."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from tmsim.cli.arguments import whole
from tmsim.cli.exit import Exit

if TYPE_CHECKING:
    from tmsim.audit import Audit

HELP = "recompute rows of a finished run by dense attention over all rows before them"


def arguments(parser: ArgumentParser) -> None:
    """The command's arguments."""
    add = parser.add_argument
    add("run", metavar="RUN", help="a file of Simulation.save, or a folder of `run --checkpoint`")
    add("--rows", metavar="N", type=whole(1), default=1000,
        help="how many rows are drawn (default: %(default)s)")  # fmt: skip
    add("--seed", metavar="S", type=whole(0), default=0,
        help="another sample (default: %(default)s)")  # fmt: skip
    add("--json", action="store_true", help="print one JSON object and nothing else")


def command(args: Namespace) -> Exit:
    """Audit, print what was found, and say whether dense attention agrees."""
    from rich.console import Console
    from rich.progress import Progress

    from tmsim.audit import audit, load

    run = load(args.run)
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task("replaying")
        found = audit(
            run, args.rows, args.seed,
            lambda done, total: progress.update(bar, completed=done, total=total),
        )  # fmt: skip
    if args.json:
        print(json.dumps(found.as_json(), ensure_ascii=False))
    else:
        print("\n".join(summary(found)))
    return Exit.ended if found.agrees else Exit.disagreed


def summary(found: Audit) -> list[str]:
    """What was audited, a line each, what disagrees, and the verdict."""
    gaps = [
        f"{name} {'none' if gap is None else format(gap, '.9g')}"
        for name, gap in found.certificate.gaps.items()
    ]
    told = {
        "machine": " ".join(found.machine.split()),
        "run": f"{found.construction}, {found.dtype}, {found.rule}, memory {found.memory}",
        "steps": f"{found.steps:,}, trace hash {found.trace_hash or 'none'}",
        "audited": f"{found.rows:,} of {found.tokens:,} rows (seed {found.seed})",
        "scores": f"{found.scores:,}",
        "smallest gaps": ", ".join(gaps),
        "lost gaps": f"{found.unknown:,}",
        "seconds": f"{found.seconds:.1f}",
    }
    wide = max(map(len, told))
    lines = [f"{name:<{wide}}  {value}" for name, value in told.items()]
    return [*lines, "", *found.first, found.verdict()]
