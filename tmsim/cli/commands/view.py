"""`tmsim view`: a run as a page to look at, step by step."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from tmsim.cli.arguments import positions, whole, words
from tmsim.cli.exit import Exit, of_run

HELP = "write a run as a web page: tape, tokens, attention, registers and lemmas, step by step"
STEPS = 2000


def arguments(parser: ArgumentParser) -> None:
    """The command's arguments."""
    add = parser.add_argument
    add("machine", metavar="MACHINE", help="a name of `tmsim list`, a file, or a machine's text")
    add("input", metavar="INPUT", nargs="?",
        help="the word on tape 1, or a JSON list, as for `tmsim run`")  # fmt: skip
    add("-o", "--output", metavar="FILE", required=True, help="the page to write, as in run.html")
    add("--construction", metavar="NAME", default="tzamos_2026",
        help="a name of `tmsim list`, or module:Class (default: %(default)s)")  # fmt: skip
    add("--format", help="the text's format (default: recognised)")
    add("--head", metavar="N", type=positions, help="where the head starts; for k tapes k numbers")
    add("--max-steps", metavar="N", type=whole(0), default=STEPS,
        help="how many steps to show at most (default: %(default)s)")  # fmt: skip
    add("--dtype", help="number format (default: the claim's first)")
    add("--rule", help="attention rule (default: the claim's first)")


def command(args: Namespace) -> Exit:
    """Run the machine, hold the run to the reference, and write the page.

    A run that is not the reference's is shown, too: the page says so.
    """
    from tmsim.machines import load
    from tmsim.simulator import simulate
    from tmsim.viz.viewer import page

    path, document, heads = Path(args.output), load(args.machine, args.format), args.head
    if heads is not None and len(heads) == 1:
        [heads] = heads
    given = None if args.input is None else words(args.input, document)
    machine = args.machine if args.format is None else document
    run = simulate(
        machine, given, construction=args.construction, max_steps=args.max_steps, head=heads,
        dtype=args.dtype, rule=args.rule,
    )  # fmt: skip
    text = page(run)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror}; expected a file that can be written") from None
    print(run.verdict())
    print(path)
    status = of_run(run)
    # A page shows so many steps: that the machine goes on is no failure.
    return Exit.ended if status is Exit.unfinished else status
