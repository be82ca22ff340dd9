"""`tmsim bounds`: how many examples, as claimed, as proved, and as measured."""

from __future__ import annotations

import json
from argparse import ArgumentParser, ArgumentTypeError, BooleanOptionalAction, Namespace
from typing import TYPE_CHECKING, Any

from tmsim.cli.arguments import whole
from tmsim.cli.exit import Exit
from tmsim.cli.view import tables
from tmsim.cli.view.screen import columns

if TYPE_CHECKING:
    from tmsim.elicit.bounds.table import Row
    from tmsim.elicit.bounds.verdicts import Verdict

HELP = "put the examples that fine-tuning by prompt needs side by side: claimed, proved, measured"
STATED = "stated: the orders in the abstract of arXiv 2506.08060, natural logarithms, constant 1"


def arguments(parser: ArgumentParser) -> None:
    """The command's arguments: a task, and its sizes."""
    tasks = parser.add_subparsers(metavar="TASK", dest="task", required=True)
    text = tasks.add_parser("text", help="distributions of texts after m contexts")
    text.add_argument("--vocab", metavar="V", type=whole(2), required=True, help="tokens")
    text.add_argument("--contexts", metavar="M", type=whole(1), default=1, help="(default: 1)")
    text.add_argument("--length", metavar="L", type=whole(1), default=1,
        help="tokens of a text (default: 1)")  # fmt: skip
    text.add_argument("--source", metavar="SOURCE", default="uniform",
        help="uniform or zipf: what is simulated (default: uniform)")  # fmt: skip
    linear = tasks.add_parser("linear", help="linear classification in d dimensions")
    linear.add_argument("--dim", metavar="D", type=whole(1), required=True, help="dimensions")
    for task, trials in ((text, 300), (linear, 100)):
        add = task.add_argument
        add("--eps", metavar="E", type=open_unit, required=True,
            help="total variation, or error rate")  # fmt: skip
        add("--delta", metavar="D", type=open_unit, required=True, help="probability of a failure")
        add("--simulate", action=BooleanOptionalAction, default=True, help="measure as well")
        add("--trials", metavar="N", type=whole(1), default=trials,
            help="of the simulation, for each size (default: %(default)s)")  # fmt: skip
        add("--seed", metavar="N", type=whole(0), default=0, help="(default: 0)")
        add("--json", action="store_true", help="print one JSON object")
        add("--plot", metavar="FILE", help="draw the sizes over eps (needs matplotlib)")


def open_unit(text: str) -> float:
    """A number between 0 and 1, both left out.

    >>> open_unit("0.1")
    0.1
    """
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not 0 < value < 1:
        raise ArgumentTypeError(f"{text!r}; expected a number between 0 and 1, both left out")
    return value


def command(args: Namespace) -> Exit:
    """Print the sizes, and what they say of each claim."""
    if args.plot:
        from tmsim.cli.view.plot import pyplot

        pyplot()  # before the simulation: without matplotlib nothing is run
    rows, verdicts = sizes(args, args.eps, args.trials if args.simulate else None)
    if args.plot:
        draw(args, rows)
    if args.json:
        print(json.dumps(told(args, rows, verdicts), ensure_ascii=False))
    else:
        print(tables.text(*cells(rows)), end="\n\n")
        print(STATED, end="\n\n")
        print("\n\n".join(map(paragraph, verdicts)))
    return Exit.ended


def sizes(args: Namespace, eps: float, trials: int | None) -> tuple[list[Row], list[Verdict]]:
    """The rows and the verdicts at this ε."""
    from tmsim.elicit.bounds import table, verdicts

    if args.task == "text":
        shape = args.vocab, args.contexts, args.length, eps, args.delta
        rows = table.text(*shape, source=args.source, seed=args.seed, trials=trials)
        needed = [n for row in rows if row.kind == "measured" and (n := row.n) is not None]
        needed += [n for row in rows if row.kind == "sufficient" and (n := row.n) is not None]
        return rows, verdicts.text(*shape, needed[0])
    rows = table.linear(args.dim, eps, args.delta, seed=args.seed, trials=trials)
    measured = {row.name: row.n for row in rows if row.kind == "measured"}
    return rows, verdicts.half_space(args.dim, eps, args.delta, measured.get("max-margin"))


def told(args: Namespace, rows: list[Row], verdicts: list[Verdict]) -> dict[str, Any]:
    """What `--json` prints."""
    names = ("task", "vocab", "contexts", "length", "source", "dim", "eps", "delta", "seed")
    given = {name: getattr(args, name) for name in names if hasattr(args, name)}
    return given | {
        "bounds": [row.as_json() for row in rows],
        "verdicts": [verdict.as_json() for verdict in verdicts],
    }


def cells(rows: list[Row]) -> tuple[list[str], list[list[str]]]:
    """The table: a size is rounded up, as no part of an example can be had."""
    from math import ceil

    found = []
    for row in rows:
        n = "–" if row.n is None else f"{ceil(row.n):,}"
        span = "" if row.interval is None else "{:,.0f} … {:,.0f}".format(*row.interval)
        note = " ".join(part for part in (span, row.note and f"({row.note})") if part)
        found.append([row.kind, row.name, row.formula, n, note])
    return ["", "bound", "formula", "examples", ""], found


def paragraph(verdict: Verdict) -> str:
    """A verdict in words."""
    import textwrap

    head = f"{verdict.claim}  for {verdict.setting}: {verdict.verdict}"
    lines = [verdict.because]
    if verdict.constants:
        points = ", ".join(f"{c:.3g} at {x:,.4g}" for x, c in verdict.constants)
        lines.insert(0, f"constant needed, by {verdict.parameter}: {points}")
    room = max(columns() - 2, 30)
    wrapped = [part for line in lines for part in textwrap.wrap(line, room)]
    return "\n  ".join([*textwrap.wrap(head, room + 2), *wrapped])


def draw(args: Namespace, rows: list[Row]) -> None:
    """Every size over ε, on logarithmic axes; what was measured is a point with its interval."""
    from tmsim.cli.view.plot import pyplot

    plt = pyplot()
    grid = [min(args.eps * 2 ** (k / 4), 0.99) for k in range(-6, 7)]
    lines: dict[tuple[str, str], list[float]] = {}
    for eps in grid:
        for row in sizes(args, eps, None)[0]:
            lines.setdefault((row.kind, row.name), []).append(row.n or float("nan"))
    figure, axes = plt.subplots(figsize=(10, 5.5), layout="constrained")
    dashes = {"stated": "--", "sufficient": "-", "approximate": "-.", "necessary": ":"}
    for (kind, name), values in lines.items():
        axes.loglog(grid, values, dashes[kind], label=f"{kind}: {name}")
    for row in rows:
        if row.interval is not None and row.n is not None:
            low, high = row.interval
            error = [[row.n - low], [high - row.n]]
            axes.errorbar([args.eps], [row.n], error, fmt="o", label=f"measured: {row.name}")
    axes.set(xlabel="ε", ylabel="examples")
    figure.legend(loc="outside right upper", fontsize="x-small")
    figure.savefig(args.plot)
    plt.close(figure)
