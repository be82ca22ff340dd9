"""`tmsim list`: the machines of the zoo, the formats, and the constructions with their claims."""

from __future__ import annotations

import json
import textwrap
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from typing import Any

from tmsim import catalogue
from tmsim._version import __version__
from tmsim.cli.exit import Exit
from tmsim.cli.view.screen import columns
from tmsim.machines import formats, zoo
from tmsim.machines.models import listings
from tmsim.machines.zoo import Entry
from tmsim.proofs import Construction

HELP = "list the machines, the formats, and the constructions with their claims"


def arguments(parser: ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def command(args: Namespace) -> Exit:
    """Print what there is."""
    machines = [zoo.load(name) for name in zoo.names()]
    constructions = {name: catalogue.find(name) for name in catalogue.names()}
    if args.json:
        listed = {
            "version": __version__,
            "machines": [machine_json(entry) for entry in machines],
            "programs": list(listings.names()),
            "formats": list(formats.names()),
            "constructions": [construction_json(*pair) for pair in constructions.items()],
        }
        print(json.dumps(listed, ensure_ascii=False))
        return Exit.ended
    print("\n".join(_machines(machines)), end="\n\n")
    print("\n".join(_programs()), end="\n\n")
    print("\n".join(_wrapped("formats: ", ", ".join(formats.names()))), end="\n\n")
    for name, construction in constructions.items():
        print("\n".join(claim_lines(name, construction)), end="\n\n")
    return Exit.ended


def machine_json(entry: Entry) -> dict[str, Any]:
    """A machine of the zoo as the value that `tmsim list --json` prints."""
    m = entry.machine
    return {
        "name": entry.name,
        "title": entry.title,
        "source": entry.source,
        "tapes": m.tapes,
        "states": len(m.states),
        "symbols": len(m.symbols),
        "input": [_text(word) for word in entry.tapes],
        "outcome": str(entry.outcome),
        "steps": entry.steps,
    }


def construction_json(name: str, construction: Construction) -> dict[str, Any]:
    """A construction and its claim as the value that `tmsim list --json` prints."""
    claim = construction.claim
    return {
        "name": name,
        "citation": str(construction.citation),
        "model": construction.model.__name__,
        "statement": claim.statement,
        "rules": [str(rule) for rule in claim.rules],
        "dtypes": list(claim.dtypes),
        "grows_with": list(claim.grows_with),
        "tokens_per_step": claim.tokens_per_step,
        "tapes": claim.tapes,
        "exact_to": {dtype: dict(limits) for dtype, limits in claim.exact_to.items()},
    }


def _programs() -> Iterator[str]:
    """The programs of other machine models, a line a model."""
    by_model: dict[str, list[str]] = {}
    for name in listings.names():
        model, _, program = name.partition("/")
        by_model.setdefault(model, []).append(program)
    for model, programs in by_model.items():
        yield from _wrapped(f"{model}/  ", ", ".join(programs))


def _machines(entries: list[Entry]) -> Iterator[str]:
    rows: list[tuple[str, ...]] = [
        ("machine", "k", "Q", "Γ", "steps", "k tapes, Q states, Γ symbols")
    ]
    for entry in entries:
        told = machine_json(entry)
        steps = "no end" if entry.steps is None else f"{entry.steps:,}"
        counts = (str(told[key]) for key in ("tapes", "states", "symbols"))
        rows.append((entry.name, *counts, steps, entry.title))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for name, *counts, title in rows:
        numbers = (text.rjust(width) for text, width in zip(counts, widths[1:-1], strict=True))
        start = "  ".join([name.ljust(widths[0]), *numbers]) + "  "
        yield from _wrapped(start, title)


def claim_lines(name: str, construction: Construction) -> Iterator[str]:
    """A construction, its source and its claim, as text."""
    told = construction_json(name, construction)
    exact = [
        f"{dtype}: " + ", ".join(f"{what} {limit:,}" for what, limit in limits.items())
        for dtype, limits in told["exact_to"].items()
    ]
    yield from _wrapped(f"{name}  ", told["citation"])
    for label, text in (
        ("claim", told["statement"]),
        ("rules", ", ".join(told["rules"])),
        ("dtypes", ", ".join(told["dtypes"])),
        ("exact to", "; ".join(exact) or "any length"),
        ("grows", ", ".join(told["grows_with"])),
        ("tokens", f"{told['tokens_per_step']} per step"),
        ("simulates", f"{told['model']}, tapes {told['tapes']}"),
    ):
        yield from _wrapped(f"  {label:<11}", text)


def _wrapped(start: str, text: str) -> list[str]:
    """The text after `start`, its further lines below its first one."""
    room = max(columns() - len(start), 24)
    first, *more = textwrap.wrap(text, room, break_long_words=False, break_on_hyphens=False) or [""]
    return [(start + first).rstrip(), *(" " * len(start) + line for line in more)]


def _text(word: tuple) -> Any:
    """A word as text, or as a list where a symbol is longer than a character."""
    short = all(isinstance(symbol, str) and len(symbol) == 1 for symbol in word)
    return "".join(word) if short else list(word)
