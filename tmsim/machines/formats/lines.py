"""What the formats of one rule a line share: fields with their places, and names they can write."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from tmsim.machines.formats.document import Document
from tmsim.machines.machine import TuringMachine
from tmsim.machines.validation import cut, show

LONGEST = 100_000  # characters in a line
HEADED = re.compile(r"^(init|table|start state|source code)[ \t]*:", re.MULTILINE)


class Field(NamedTuple):
    """A piece of a text, and where it starts; lines and columns are counted from 1."""

    text: str
    line: int
    column: int

    def wrong(self, format: str, expected: str) -> ValueError:
        """The error that this piece is not what was expected."""
        place = f"{format}: line {self.line}, column {self.column}"
        return ValueError(f"{place}: {cut(repr(self.text))}; expected {expected}")


def fields(text: str, line: int, pattern: re.Pattern[str]) -> list[Field]:
    """The pieces of a line that match `pattern`, without the white space around them.

    >>> fields("q, 0", 3, re.compile("[^,]*"))[0]
    Field(text='q', line=3, column=1)
    """
    return [
        Field(found[0].strip(), line, found.start() + 1 + len(found[0]) - len(found[0].lstrip()))
        for found in pattern.finditer(text)
    ]


def lines(text: str, format: str) -> Iterator[tuple[int, str]]:
    """The lines and their numbers, from 1; only line feeds and carriage returns end a line.

    Raises ValueError, naming `format`, for a line that is too long to be a rule.

    >>> list(lines("a\\r\\nb", "morphett"))
    [(1, 'a'), (2, 'b')]
    """
    for number, line in enumerate(re.split(r"\r\n|\n|\r", text), 1):
        if len(line) > LONGEST:
            expected = f"expected {LONGEST:,} at most"
            raise ValueError(f"{format}: line {number} has {len(line):,} characters; {expected}")
        yield number, line


def one_character_symbols(machine: TuringMachine, format: str, blank: str, reserved: str) -> None:
    """A ValueError, naming `format`, unless its texts can hold the machine's blank and symbols.

    >>> machine = TuringMachine.one_tape({("A", 0): ("A", 0, "R")}, start="A", blank=0)
    >>> one_character_symbols(machine, "morphett", "_", "*;")
    Traceback (most recent call last):
    ValueError: morphett has the blank _; the machine's is 0 (`renamed` gives new names)
    """
    if machine.blank != blank:
        raise ValueError(
            f"{format} has the blank {blank}; the machine's is {show(machine.blank)}"
            " (`renamed` gives new names)"
        )
    for symbol in machine.symbols:
        text = symbol if isinstance(symbol, str) else ""
        fits = len(text) == 1 and text.isprintable() and not text.isspace()
        if not fits or text in reserved:
            raise ValueError(
                f"{format} has symbols of one visible character other than {' '.join(reserved)};"
                f" {show(symbol)} is none"
            )


def no_input(document: Document, format: str) -> None:
    """A ValueError, naming `format`, if the document has an input or moved heads."""
    if any(document.tapes) or any(document.heads):
        raise ValueError(
            f"{format} has no words for an input; the document has"
            f" {cut(show(document.tapes))} with heads {show(document.heads)}"
        )
