"""What the commands' arguments may be, told in one line where they are not."""

from __future__ import annotations

import json
import re
from argparse import ArgumentTypeError, RawDescriptionHelpFormatter
from collections.abc import Callable
from typing import Any

from tmsim.machines import TuringMachine
from tmsim.machines.formats.document import Document
from tmsim.machines.validation import show

INT32 = 2**31 - 1


class Help(RawDescriptionHelpFormatter):
    """Help at most 100 columns wide, names in a column of 26."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=26)


def whole(least: int, most: int = INT32) -> Callable[[str], int]:
    """The type of whole numbers from `least` to `most`.

    >>> whole(0)("12")
    12
    """

    def number(text: str) -> int:
        if not re.fullmatch(r"[+-]?[0-9]{1,18}", text) or not least <= int(text) <= most:
            raise ArgumentTypeError(f"{text!r}; expected a whole number from {least} to {most:,}")
        return int(text)

    return number


def positions(text: str) -> tuple[int, ...]:
    """Head positions: whole numbers with commas between them.

    >>> positions("-3,1")
    (-3, 1)
    """
    parts = text.split(",")
    if not all(re.fullmatch(r"\s*[+-]?[0-9]{1,9}\s*", part) for part in parts):
        raise ArgumentTypeError(
            f"{text!r}; expected a whole number, or one for each tape with commas between"
        )
    return tuple(map(int, parts))


def value(text: str) -> Any:
    """A JSON value; any other text stands for itself.

    >>> value("[12, 18]"), value("abba")
    ([12, 18], 'abba')
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def words(text: str, document: Document) -> list[list[Any]]:
    """The words that INPUT spells, one per tape.

    Text whose characters are all symbols is the word of tape 1; any other text that starts with a
    bracket is JSON: a list of symbols for one tape, a list of words (lists, or texts of
    one-character symbols) for several. Where a format declares no alphabet, text that is no such
    list is a word too. Raises ValueError naming the place, the value and what was expected.

    >>> machine = TuringMachine.one_tape({("A", "0"): ("B", "11", "R")}, start="A", blank="0")
    >>> words("00", Document(machine)), words('["11", "0"]', Document(machine))
    ([['0', '0']], [['11', '0']])
    """
    machine, any_text = document.machine, document.reading is not None
    if set(text) <= set(machine.symbols) or not text.lstrip().startswith("["):
        return [list(text)]
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        if any_text:
            return [list(text)]
        raise ValueError(f"INPUT {shown(text)}: not a JSON list ({error})") from None
    if any_text:
        listed = value and all(isinstance(part, str | list) for part in value)
        return _any_words(value, machine.tapes) if listed else [list(text)]
    nested = any(isinstance(part, list) for part in value)
    parts = value if machine.tapes > 1 or nested else [value]
    return [_word(i, part, machine) for i, part in enumerate(parts)]


def _any_words(value: list[Any], tapes: int) -> list[list[Any]]:
    """The words of a list, in which new symbols are welcome."""
    nested = tapes > 1 or any(isinstance(part, list) for part in value)
    return [list(word) for word in (value if nested else [value])]


def _word(tape: int, value: Any, machine: TuringMachine) -> list[Any]:
    if isinstance(value, str):
        return list(value)
    if not isinstance(value, list):
        raise ValueError(
            f"INPUT, tape {tape + 1}: {shown(value)}; expected a word, as text or as a list"
        )
    for cell, symbol in enumerate(value):
        if symbol not in machine.symbols:
            quoted = f'; write "{symbol}"' if str(symbol) in machine.symbols else ""
            raise ValueError(
                f"INPUT, tape {tape + 1}, cell {cell}: {json.dumps(symbol)[:60]} is not in the"
                f" alphabet {show(machine.symbols)}{quoted}"
            )
    return value


def shown(value: Any) -> str:
    """The value as it was written, cut in the middle where it is long."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:40]} … {text[-17:]}"
