"""`tmsim prompt`: a run as a few-shot prompt for any language model, and its answer scored."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from tmsim.cli.arguments import positions as heads
from tmsim.cli.arguments import whole, words
from tmsim.cli.exit import Exit
from tmsim.export.prompting import ASKED, WINDOW, prompt
from tmsim.export.scoring import Score, score
from tmsim.export.trace_text import DEFAULT
from tmsim.machines import load
from tmsim.machines.formats.document import Document

HELP = "print a run's first lines as a prompt for a language model, or score its answer"


def arguments(parser: ArgumentParser) -> None:
    """The command's arguments."""
    add = parser.add_argument
    add("machine", metavar="MACHINE", help="a name of `tmsim list`, a file, or a machine's text")
    add("input", metavar="INPUT", nargs="?",
        help="the word on tape 1, or a JSON list: of symbols, or of a word per tape"
        " (default: the machine's sample)")  # fmt: skip
    add("--format", help="the text's format (default: recognised)")
    add("--head", metavar="N", type=heads,
        help="where the head starts; for k tapes k numbers, as in -3,0")  # fmt: skip
    add("--construction", metavar="NAME", default=DEFAULT,
        help="whose tokens the lines are (default: %(default)s, a step a line)")  # fmt: skip
    add("--steps", metavar="K", type=whole(0), default=8,
        help="how many lines the prompt shows (default: %(default)s)")  # fmt: skip
    add("--window", metavar="W", type=whole(1), default=WINDOW,
        help="of more than W lines, only the last W (default: %(default)s)")  # fmt: skip
    add("--ask", metavar="N", type=whole(1), default=ASKED,
        help="how many lines the prompt asks for (default: %(default)s)")  # fmt: skip
    add("--score", metavar="FILE",
        help="say where the answer in FILE (- is standard input) leaves the run")  # fmt: skip


def command(args: Namespace) -> Exit:
    """Print the prompt, or how far the answer is right."""
    document = _document(args)
    if args.score is None:
        print(prompt(document, args.steps, args.construction, window=args.window, asked=args.ask))
        return Exit.ended
    answer = _answer(args.score)
    found = score(document, answer, args.steps, args.construction, asked=args.ask)
    print(found)
    if found.ignored:
        print(f"rows of the answer that are no lines of a run, and were not read: {found.ignored}")
    return of_score(found)


def of_score(found: Score) -> Exit:
    """A departure is a disagreement; an answer that stops early has not come to the end."""
    if found.wrong is not None:
        return Exit.disagreed
    return Exit.ended if found.complete else Exit.unfinished


def _document(args: Namespace) -> Document:
    """The machine on its input."""
    document = load(args.machine, args.format)
    if args.input is None and args.head is None:
        return document
    given = document.tapes if args.input is None else words(args.input, document)
    at = args.head
    return document.with_input(given, at[0] if at is not None and len(at) == 1 else at)


def _answer(path: str) -> str:
    """The answer's text. Raises ValueError naming the file where it is no UTF-8."""
    data = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: byte {error.start} is no UTF-8; expected text") from None
