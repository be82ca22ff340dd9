"""`tmsim exhaust`: every machine of so many states and symbols, each held to the reference."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tmsim.cli.arguments import whole
from tmsim.cli.exit import Exit
from tmsim.machines.enumerated import Enumerated

if TYPE_CHECKING:
    from tmsim.exhaust import Counts

HELP = "run every machine of so many states and symbols on the blank tape, and count how they end"


def arguments(parser: ArgumentParser) -> None:
    """The command's arguments."""
    add = parser.add_argument
    add("states", metavar="STATES", type=whole(1), help="states besides the one that halts")
    add("symbols", metavar="SYMBOLS", type=whole(1), help="symbols, the blank included")
    add("--construction", metavar="NAME", default="tzamos_2026",
        help="a name of `tmsim list`, or module:Class (default: %(default)s)")  # fmt: skip
    add("--max-steps", metavar="N", type=whole(1), default=100,
        help="where a run that goes on is cut (default: %(default)s)")  # fmt: skip
    add("--dtype", help="number format (default: the claim's first)")
    add("--share", metavar="N", type=whole(1), default=1,
        help="run every N-th machine only (default: all)")  # fmt: skip
    add("--checkpoint", metavar="DIR",
        help="keep the counts in this folder, and go on from there")  # fmt: skip
    add("--json", action="store_true", help="print one JSON object and nothing else")


def command(args: Namespace) -> Exit:
    """Run them all, with progress, and tell the counts.

    A run that is interrupted and has a folder goes on from its last part.
    """
    from tmsim.cli.view.screen import Bar
    from tmsim.exhaust import exhaust

    kind = Enumerated(args.states, args.symbols)
    total = -(-kind.count // args.share)
    with Bar("machines") as bar:

        def watch(counts: Counts) -> None:
            bar.update(counts.done, total, args.construction)

        counts = exhaust(
            args.states, args.symbols, construction=args.construction, max_steps=args.max_steps,
            dtype=args.dtype, share=args.share, folder=args.checkpoint, watch=watch,
        )  # fmt: skip
    if args.json:
        print(json.dumps(as_json(kind, counts), ensure_ascii=False))
    else:
        print("\n".join(lines(kind, counts)))
    return Exit.disagreed if counts.wrong else Exit.ended


def as_json(kind: Enumerated, counts: Counts) -> dict[str, object]:
    """The counts, with the champions as machines."""
    told = counts.as_json()
    told["champions"] = [None if n is None else kind.text(n) for n in counts.champions]
    if counts.first_wrong is not None:
        told["first_wrong"] = kind.text(counts.first_wrong)
    return told


def lines(kind: Enumerated, counts: Counts) -> Iterator[str]:
    """The counts in words."""
    ends = ", ".join(f"{n:,} {outcome}" for outcome, n in counts.outcomes.most_common())
    yield f"{counts.done:,} machines: {ends}"
    for what, column, champion in zip(
        ("steps", "non-blank cells"), (counts.steps, counts.ones), counts.champions, strict=True
    ):
        if champion is not None:
            most = max(column)
            yield f"most {what}: {most:,}, by {column[most]:,}, as {kind.text(champion)}"
    speed = counts.made / counts.seconds if counts.seconds else 0
    yield f"{counts.made:,} steps in {counts.seconds:.1f} s, {speed:,.0f} a second"
    if counts.first_wrong is None:
        yield "every run is the reference's"
    else:
        first = kind.text(counts.first_wrong)
        yield f"{counts.wrong:,} runs differ from the reference, the first that of {first}"
