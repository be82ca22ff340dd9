"""`tmsim law`: one law put to one machine, as the reports of the suite say to replay it."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from tmsim.cli.arguments import positions, whole, words
from tmsim.cli.exit import Exit

HELP = "put one law of a construction to one machine: does it hold?"
LAWS = ("theorem", "outcomes", "lemmas", "readings", "rules", "fold", "jit")


def arguments(parser: ArgumentParser) -> None:
    """The command's arguments."""
    add = parser.add_argument
    add("law", metavar="LAW", choices=LAWS, help=", ".join(LAWS))
    add("machine", metavar="MACHINE", help="a name of `tmsim list`, a file, or a machine's text")
    add("input", metavar="INPUT", nargs="?",
        help="the word on tape 1, or a JSON list: of symbols, or of a word per tape")  # fmt: skip
    add("--construction", metavar="NAME", required=True,
        help="a name of `tmsim list`, or module:Class")  # fmt: skip
    add("--head", metavar="N", type=positions, help="where the heads start, as in -3,0")
    add("--rule", help="attention rule, as in rightmost:1/2 (default: each head's own)")
    add("--dtype", help="number format (default: the claim's first)")
    add("--steps", metavar="N", type=whole(1), help="the frame's steps (default: the laws')")
    add("--cells", metavar="N", type=whole(1), help="the frame's cells (default: the laws')")


def command(args: Namespace) -> Exit:
    """Say that it holds, or where it does not."""
    from tmsim import catalogue
    from tmsim.machines import initial, load

    construction = catalogue.find(args.construction)
    document = load(args.machine)
    if args.input is not None:
        document = document.with_input(words(args.input, document), args.head)
    heads = document.heads if args.head is None else args.head
    machine = document.machine

    from tmsim.proofs import Bounds
    from tmsim.proofs.rules import parse_rule
    from tmsim.testing.laws import Case, LawBroken, Setting, fitting
    from tmsim.testing.laws.single import SINGLE, report

    frame = fitting(construction, machine)
    bounds = frame.bounds
    frame = frame.within(Bounds(args.steps or bounds.steps, args.cells or bounds.cells))
    rule = None if args.rule is None else parse_rule(args.rule)
    setting = Setting(construction, frame, rule, args.dtype or construction.claim.dtypes[0])
    case = Case(machine, document.tapes, initial(machine, document.tapes, heads).heads)
    try:
        SINGLE[args.law](setting, case)
    except LawBroken as wrong:
        print(report(wrong, args.construction))
        return Exit.disagreed
    print(f"{args.law} holds: {setting}: {case}")
    return Exit.ended
