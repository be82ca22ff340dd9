"""Text formats for machines: every module here with a NAME is one.

A format has `NAME`, `matches(text) -> bool` (does the text look like it?), `parse(text) ->
Document`, and `write(document or machine) -> str`. A new format is a new module.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Protocol, cast

from tmsim.machines.formats.document import Document
from tmsim.machines.machine import TuringMachine


class Format(Protocol):
    """What a module of this package offers to be a format."""

    NAME: str

    def matches(self, text: str) -> bool: ...

    def parse(self, text: str) -> Document: ...

    def write(self, source: Document | TuringMachine) -> str: ...


@cache
def _formats() -> Mapping[str, Format]:
    modules = [import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__)]
    return {module.NAME: cast(Format, module) for module in modules if hasattr(module, "NAME")}


def names() -> tuple[str, ...]:
    """The names of the formats, sorted.

    >>> "bbchallenge" in names()
    True
    """
    return tuple(sorted(_formats()))


def named(name: str) -> Format:
    """The format called `name`; a ValueError that lists the formats if there is none."""
    if name not in _formats():
        raise ValueError(f"unknown format {name!r}; the formats are {', '.join(names())}")
    return _formats()[name]


def matching(text: str) -> tuple[str, ...]:
    """The names of the formats that `text` looks like."""
    return tuple(name for name in names() if _formats()[name].matches(text))


def parse(text: str, format: str | None = None) -> Document:
    """The machine that `text` spells, in the named format or the one it looks like.

    Raises ValueError for an unknown format, a text that looks like none or several of them, or a
    mistake in the text.

    >>> parse("1RB1LB_1LA1RZ").machine.transitions["A", ("0",)]
    ('B', ('1',), (<Move.R: 1>,))
    """
    if format is None:
        found = matching(text)
        if len(found) != 1:
            like = f"could be {' or '.join(found)}" if found else "looks like no known format"
            known = ", ".join(names())
            raise ValueError(f"the text {like}; name its format, one of {known}")
        format = found[0]
    return named(format).parse(text)


def write(source: Document | TuringMachine, format: str) -> str:
    """`source` as text in the named format; a ValueError where the format has no words for it."""
    return named(format).write(source)
