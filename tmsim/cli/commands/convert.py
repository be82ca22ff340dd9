"""`tmsim convert`: a machine's text in another format."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from tmsim.cli.exit import Exit
from tmsim.machines import formats, load
from tmsim.machines.formats.conversion import convert
from tmsim.machines.formats.document import Document

HELP = "write a machine in another format, with the same runs"


def arguments(parser: ArgumentParser) -> None:
    """The command's arguments."""
    add = parser.add_argument
    add("machine", metavar="MACHINE",
        help="a name of `tmsim list`, a file, a machine's text, or - for standard input"
    )  # fmt: skip
    add("--to", metavar="FORMAT", required=True, help=f"one of {', '.join(formats.names())}")
    add("--format", "--from", metavar="FORMAT", help="the machine's format (default: recognised)")
    add("-o", "--output", metavar="FILE", help="where to write it (default: standard output)")


def command(args: Namespace) -> Exit:
    """Write the text; what the format cannot keep is one line on standard error."""
    formats.named(args.to)
    done = convert(_document(args.machine, args.format), args.to)
    if args.output is None:
        _print(done.text)
    else:
        Path(args.output).write_text(done.text, encoding="utf-8", newline="\n")
    if done.lost:
        print(f"tmsim: {args.to} cannot keep all: {'; '.join(done.lost)}", file=sys.stderr)
    return Exit.ended


def _document(machine: str, format: str | None) -> Document:
    if machine != "-":
        return load(machine, format)
    try:
        text = sys.stdin.read()
    except UnicodeDecodeError:
        raise ValueError("standard input is not UTF-8 text") from None
    return formats.parse(text, format)


def _print(text: str) -> None:
    """A symbol that the terminal's encoding lacks is refused: an escape would be another symbol."""
    encoding = sys.stdout.encoding or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError as error:
        lacks = f"standard output is {encoding}, which lacks {text[error.start]!r}"
        raise ValueError(f"{lacks}; give a file with --output") from None
    print(text, end="" if text.endswith("\n") else "\n")
