"""`tmsim run`: a machine's run inside a transformer, shown as it is made."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from tmsim.cli.arguments import positions, value, whole, words
from tmsim.cli.exit import Exit, of_run
from tmsim.outcome import Outcome

if TYPE_CHECKING:
    from tmsim.proofs import Claim
    from tmsim.simulation import Simulation

HELP = "run a machine inside a transformer, and hold the run to the reference"


def arguments(parser: ArgumentParser) -> None:
    """The command's arguments."""
    add = parser.add_argument
    add("machine", metavar="MACHINE", help="a name of `tmsim list`, a file, or a machine's text")
    add("input", metavar="INPUT", nargs="?",
        help="the word on tape 1, or a JSON list: of symbols, or of a word per tape; for a program"
        " of another model, its input as JSON (default: the machine's sample)")  # fmt: skip
    add("--format", help="the text's format (default: recognised)")
    add("--head", metavar="N", type=positions,
        help="where the head starts; for k tapes k numbers, as in -3,0")  # fmt: skip
    add("--construction", metavar="NAME",
        help="a name of `tmsim list`, or module:Class (default: tzamos_2026, or the program's"
        " model's)")  # fmt: skip
    add("--max-steps", metavar="N", type=whole(0), help="step limit (default: known, or 1,000,000)")
    add("--cells", metavar="N", type=whole(1),
        help="largest |position| of a head (default: grows)")  # fmt: skip
    add("--engine", choices=("auto", "decode", "verify"), default="auto",
        help="decode each token from the transformer's own (auto), or verify the reference's"
        " rows in parallel")  # fmt: skip
    add("--dtype", help="number format (default: the claim's first)")
    add("--rule", help="attention rule, as in rightmost:1/2 (default: the claim's first)")
    add("--memory", default="auto", help="auto, scan, ring, table or sum (default: %(default)s)")
    add("--no-check", action="store_true", help="do not run the reference machine")
    add("--checkpoint", metavar="DIR",
        help="save the run in this folder, and go on from what is saved there")  # fmt: skip
    add("--every", metavar="N", type=whole(1),
        help="tokens between two checkpoints, at least (default: ten seconds)")  # fmt: skip
    shown = parser.add_mutually_exclusive_group()
    shown.add_argument("--trace", action="store_true", help="show every step")
    shown.add_argument("--json", action="store_true", help="print one JSON object and nothing else")


def command(args: Namespace) -> Exit:
    """Run, show, and say how it ended."""
    from tmsim import catalogue
    from tmsim.machines import initial, load
    from tmsim.machines.models import listings

    if args.machine in listings.names():
        return _program(args)
    args.construction = args.construction or "tzamos_2026"
    document = load(args.machine, args.format)
    if args.input is not None:
        document = document.with_input(words(args.input, document), _heads(args.head))
    heads = document.heads if args.head is None else _heads(args.head)
    start = initial(document.machine, document.tapes, heads)
    claim = catalogue.find(args.construction).claim

    from tmsim.cli.view.show import Show
    from tmsim.simulator import simulate

    with Show(document.machine, start, drawn=not args.json, every=args.trace) as show:
        run = simulate(
            document if args.format or document.reading else args.machine,
            None if document.reading else [list(word) for word in document.tapes],
            head=start.heads, construction=args.construction,
            max_steps=args.max_steps, cells=args.cells, engine=args.engine, dtype=args.dtype,
            rule=args.rule, memory=args.memory, check=not args.no_check, watch=show.chunk,
            checkpoint=args.checkpoint, every=args.every,
        )  # fmt: skip
        show.end(run)
    run = replace(run, source=args.machine)
    if args.json:
        print(json.dumps(run.as_json(), ensure_ascii=False))
    else:
        print()
        for line in summary(run, claim):
            print(line)
    return of_run(run)


def _program(args: Namespace) -> Exit:
    """Run a program of another machine model."""
    from tmsim.simulator import simulate

    run = simulate(
        args.machine, None if args.input is None else value(args.input), head=args.head,
        construction=args.construction, max_steps=args.max_steps, cells=args.cells,
        engine=args.engine, dtype=args.dtype, rule=args.rule, memory=args.memory,
        check=not args.no_check, checkpoint=args.checkpoint, every=args.every,
    )  # fmt: skip
    if args.json:
        print(json.dumps(run.as_json(), ensure_ascii=False))
        return of_run(run)
    if args.trace:
        for number, step in enumerate(run.trace.rows(), 1):
            print(f"{number:>6}  {step}")
        print()
    told = run.summary()
    wide = max(map(len, told))
    for name, text in told.items():
        print(f"{name:<{wide}}  {text}")
    print()
    if run.outcome is not None and run.outcome is not Outcome.halted:
        print(run.outcome.advice)
    print(run.verdict())
    return of_run(run)


def _heads(given: tuple[int, ...] | None) -> int | tuple[int, ...] | None:
    """One number is the first tape's."""
    return given[0] if given is not None and len(given) == 1 else given


def summary(run: Simulation, claim: Claim) -> Iterator[str]:
    """What the run was, a line each; the last one is the verdict."""
    told = run.summary()
    told["bounds"] = f"{run.bounds.steps:,} steps, cells within ±{run.bounds.cells:,}"
    told["seconds"] = f"{run.seconds:.2f}, {run.compile_seconds:.2f} of them compiling"
    outside = list(_outside(run, claim))
    if outside:
        told["outside the claim"] = "; ".join(outside)
    wide = max(map(len, told))
    yield from (f"{name:<{wide}}  {value}" for name, value in told.items())
    yield ""
    if run.outcome is not None and run.outcome is not Outcome.halted:
        yield from run.outcome.advice.splitlines()
    yield run.verdict()


def _outside(run: Simulation, claim: Claim) -> Iterator[str]:
    """The theorem's hypotheses that this run leaves."""
    if run.dtype not in claim.dtypes:
        yield f"{run.dtype} is not {' or '.join(claim.dtypes)}"
    rules = [str(rule) for rule in claim.rules]
    if run.rule not in rules:
        yield f"rule {run.rule} is not {' or '.join(rules)}"
