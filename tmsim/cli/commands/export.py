"""`tmsim export`: a machine's run as files that other libraries run."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tmsim.cli.arguments import positions, value, whole, words
from tmsim.cli.exit import Exit, of_run

if TYPE_CHECKING:
    from tmsim.export import Target
    from tmsim.simulation import Simulation

HELP = "write a machine inside a transformer as files that other libraries run"
STEPS = 500


def arguments(parser: ArgumentParser) -> None:
    """The command's arguments."""
    add = parser.add_argument
    add("machine", metavar="MACHINE", help="a name of `tmsim list`, a file, or a machine's text")
    add("input", metavar="INPUT", nargs="?",
        help="the word on tape 1, or a JSON list, as for `tmsim run`")  # fmt: skip
    add("--to", metavar=("TARGET", "DIR"), nargs=2, required=True,
        help="what to write, as in huggingface (a name that there is not lists all), and the"
        " folder")  # fmt: skip
    add("--format", help="the text's format (default: recognised)")
    add("--head", metavar="N", type=positions, help="where the head starts; for k tapes k numbers")
    add("--construction", metavar="NAME",
        help="a name of `tmsim list`, or module:Class (default: brosamle_2026, or the program's"
        " model's)")  # fmt: skip
    add("--max-steps", metavar="N", type=whole(1), default=STEPS,
        help="how many steps there is to be room for (default: %(default)s)")  # fmt: skip
    add("--cells", metavar="N", type=whole(1),
        help="largest |position| of a head (default: as far as the steps lead)")  # fmt: skip
    add("--dtype", help="number format (default: the claim's first)")
    add("--force", action="store_true", help="write into a folder that is not empty")


def command(args: Namespace) -> Exit:
    """Run the machine, hold the run to the reference, and write it.

    Nothing is written if the run is not the reference's.
    """
    from tmsim import export
    from tmsim.machines.models import listings
    from tmsim.simulator import simulate

    name, directory = args.to
    target, directory = export.named(name), Path(directory)
    if directory.exists() and not directory.is_dir():
        raise ValueError(f"{directory}: is a file; expected a folder")
    if directory.exists() and any(directory.iterdir()) and not args.force:
        raise ValueError(f"{directory}: is not empty; --force writes into it")
    chosen = {"construction": args.construction, "max_steps": args.max_steps, "dtype": args.dtype}
    if args.machine in listings.names():
        given = None if args.input is None else value(args.input)
        run = simulate(args.machine, given, head=args.head, cells=args.cells, **chosen)
    else:
        run = _turing(args, chosen, target)
    print(run.verdict())
    if run.matches_reference and run.outcome is not None:
        for path in target.write(run, directory):
            print(path)
    status = of_run(run)
    # An export is for so many steps: that the machine goes on is no failure.
    return Exit.ended if status is Exit.unfinished else status


def _turing(args: Namespace, chosen: dict[str, Any], target: Target) -> Simulation:
    """A Turing machine's run, with room for all cells that its steps can reach.

    What the target cannot hold is refused before the run is made.
    """
    from tmsim import catalogue
    from tmsim.machines import load
    from tmsim.proofs import Bounds
    from tmsim.simulator import simulate

    document, heads = load(args.machine, args.format), args.head
    if heads is not None and len(heads) == 1:
        [heads] = heads
    if args.input is not None or heads is not None:
        given = document.tapes if args.input is None else words(args.input, document)
        document = document.with_input(given, heads)
    reach = max(map(abs, (*document.heads, *map(len, document.tapes))))
    name = chosen["construction"] = args.construction or "brosamle_2026"
    bounds = Bounds(args.max_steps, args.cells or reach + args.max_steps)
    if (check := getattr(target, "check", None)) is not None:
        check(catalogue.find(name), name, document.machine, bounds)
    return simulate(document, cells=bounds.cells, **chosen)
