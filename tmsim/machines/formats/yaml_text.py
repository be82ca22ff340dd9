"""YAML as the text its author wrote: nodes that know their lines, and nothing made of them.

Numbers, truth values and dates stay text; where a reader of YAML 1.1 would turn an unquoted word
into something that is spelled differently, it is refused. So are anchors, aliases and tags, deep
nesting and long texts: nothing here can grow beyond the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import yaml

from tmsim.machines.validation import cut

LONGEST = 100_000  # characters; PyYAML takes up to four seconds for them
DEEPEST = 8  # mappings and lists within each other

_NULL = ("", "~", "null", "Null", "NULL")
_CHANGED = re.compile(  # what YAML 1.1 reads as a number, a truth value, a date, or a merge
    r"[-+]?(0b[01_]+|0x[0-9a-fA-F_]+|0[0-7_]+|[0-9][0-9_]*(:[0-5]?[0-9])*)"
    r"|[-+]?(0|[1-9][0-9_]*)(\.[0-9_]*)?([eE][-+]?[0-9]+)?"
    r"|[-+]?\.[0-9_]+([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"
    r"|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+\.[0-9_]*"
    r"|True|TRUE|False|FALSE|<<|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.*"
)
_SAME = re.compile(r"0|-?[1-9][0-9]{0,14}")  # numbers that are spelled so again


class Shift(NamedTuple):
    """Where a text within a text starts: so many lines and columns are added to its places."""

    lines: int = 0
    columns: int = 0


class Text:
    """A node: a word, a list or a mapping, and the place it starts at."""

    def __init__(self, node: Any, format: str, shift: Shift) -> None:
        self.node, self.format, self._shift = node, format, shift
        self.scalar = isinstance(node, yaml.ScalarNode)
        self.null = self.scalar and node.style is None and node.value in _NULL
        self.line = node.start_mark.line + 1 + shift.lines

    def expect(self, holds: bool, expected: str) -> None:
        """A ValueError naming this node's place, unless it `holds`."""
        if not holds:
            column = self.node.start_mark.column + 1 + self._shift.columns
            told = cut(repr(self.node.value)) if self.scalar else f"a {self.node.id}"
            if self.null:
                told = "nothing"
            place = f"{self.format}: line {self.line}, column {column}"
            raise ValueError(f"{place}: {told}; expected {expected}")

    def word(self, expected: str, quoted: bool = False) -> str:
        """The text of a word. With `quoted`, a number's 0 is refused too: it would read as empty.

        Raises ValueError for anything else, and for a word that YAML reads as another.
        """
        self.expect(self.scalar, expected)
        text = self.node.value
        self.expect(not re.search("[\ud800-\udfff]", text), "characters, not halves of one")
        if self.node.style is None and not (quoted and self.null):
            self.expect(not self.null, expected)
            same = not _CHANGED.fullmatch(text) or _SAME.fullmatch(text)
            same = same and not (quoted and text in ("0", "false"))
            self.expect(bool(same), f"{expected}, in quotes: '{cut(text)}'")
        return "" if self.null else text

    def symbol(self, expected: str) -> str:
        """The text of a word of one character; a ValueError for anything else."""
        text = self.word(expected)
        self.expect(len(text) == 1, expected)
        return text

    def parts(self, expected: str) -> list[Text]:
        """The entries of a list; a word is its own only entry."""
        if isinstance(self.node, yaml.SequenceNode):
            self.expect(bool(self.node.value), expected)
            return [Text(entry, self.format, self._shift) for entry in self.node.value]
        return [self]

    def pairs(self, expected: str) -> Iterator[tuple[Text, Text]]:
        """The keys and values of a mapping; a ValueError if this is none."""
        self.expect(isinstance(self.node, yaml.MappingNode), expected)
        for key, value in self.node.value:
            yield Text(key, self.format, self._shift), Text(value, self.format, self._shift)

    def entries(self, expected: str) -> dict[str, tuple[Text, Text]]:
        """The mapping by the words that are its keys: each with its key and value.

        Raises ValueError if this is no mapping, or for a key that is no word or appears twice.
        """
        found: dict[str, tuple[Text, Text]] = {}
        for key, value in self.pairs(expected):
            name = key.word("a name")
            first = found[name][0].line if name in found else 0
            key.expect(not first, f"every key once; line {first} has it")
            found[name] = key, value
        return found

    def shift(self, text: str) -> Shift:
        """Where the lines of this word, a block of `text`, start."""
        if self.node.style != "|":
            return self._shift
        line = self.node.start_mark.line + 1
        below = text.splitlines()[line:]
        columns = [len(row) - len(row.lstrip(" ")) for row in below if row.strip()]
        inner = [len(row) - len(row.lstrip(" ")) for row in self.node.value.splitlines() if row]
        return Shift(line, columns[0] - inner[0] if columns and inner else 0)


class _Loader(yaml.SafeLoader):
    """Composes nodes, and refuses what makes them more than their text."""

    depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        event: Any = self.peek_event()
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            raise yaml.MarkedYAMLError(
                problem="an anchor or alias; expected the text itself, in quotes if it has & or *",
                problem_mark=event.start_mark,
            )
        if event.tag is not None:
            raise yaml.MarkedYAMLError(
                problem=f"the tag {cut(event.tag)}; expected none, and quotes if it is text",
                problem_mark=event.start_mark,
            )
        self.depth += 1
        if self.depth > DEEPEST:
            raise yaml.MarkedYAMLError(
                problem=f"nested deeper than {DEEPEST}", problem_mark=event.start_mark
            )
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


def read(text: str, format: str, shift: Shift) -> Text:
    """The root of a YAML text with one document.

    Raises ValueError, naming `format`, the line and the column, for a mistake in the YAML.

    >>> read("a: [1, 2]", "turingmachine.io", Shift()).entries("a mapping")["a"][1].line
    1
    """
    if len(text) > LONGEST:
        raise ValueError(f"{format}: {len(text):,} characters; expected {LONGEST:,} at most")
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line, mark.column) if mark else (0, 0)
        place = f"line {line + 1 + shift.lines}, column {column + 1 + shift.columns}"
        said = (text for text in (error.context, error.problem) if text)
        told = " ".join(": ".join(said).split())
        raise ValueError(f"{format}: {place}: {told}") from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        column = error.position - text.rfind("\n", 0, error.position)
        raise ValueError(
            f"{format}: line {line + shift.lines}, column {column + shift.columns}:"
            f" {chr(error.character)!r}; expected characters that YAML allows"
        ) from None
    except (ValueError, OverflowError) as error:  # an escape or a version number out of range
        raise ValueError(f"{format}: {error}") from None
    if node is None:
        raise ValueError(f"{format}: the text is empty; expected blank, start state and table")
    return Text(node, format, shift)
