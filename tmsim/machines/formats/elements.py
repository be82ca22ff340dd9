"""XML that comes from anywhere, as elements that know their lines.

Read through defusedxml: a text that declares a DTD or entities is refused, and so is one that is
longer or nested deeper than a machine's file can be.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tmsim.machines.validation import cut, show

LONGEST = 2_000_000  # characters
DEEPEST = 20  # elements within each other


class Element:
    """An element: its `tag`, attributes, text and children, and the line it starts on.

    Iterating, and `len`, are over the children.
    """

    def __init__(self, tag: str, attributes: dict[str, str], place: str) -> None:
        self.tag, self.attributes, self.place = tag, attributes, place
        self.text: list[str] = []
        self.children: list[Element] = []

    def __len__(self) -> int:
        return len(self.children)

    def __iter__(self) -> Iterator[Element]:
        return iter(self.children)

    def expect(self, holds: bool, otherwise: str) -> None:
        """A ValueError that names this element's place, unless it `holds`."""
        if not holds:
            raise ValueError(f"{self.place}: {otherwise}")

    def get(self, name: str, otherwise: str) -> str:
        """The attribute of that name, if there is one."""
        return self.attributes.get(name, otherwise)

    def attribute(self, name: str) -> str:
        """The attribute of that name; a ValueError if there is none."""
        self.expect(name in self.attributes, f"<{cut(self.tag)}> has no attribute {name}")
        return self.attributes[name]

    def every(self, *tags: str) -> Iterator[Element]:
        """The children with one of these tags, in their order."""
        return (child for child in self if child.tag in tags)

    def only(self, tag: str) -> Element:
        """The one child of that tag; a ValueError if there is none or another."""
        found = list(self.every(tag))
        self.expect(
            len(found) == 1, f"<{self.tag}> has {len(found) or 'no'} element <{tag}>; expected one"
        )
        return found[0]

    def holds(self, *tags: str) -> None:
        """A ValueError if there is a child of any other tag, or text between the children."""
        known = ", ".join(tags[:8])
        for child in self:
            child.expect(
                child.tag in tags, f"<{cut(child.tag)}> in <{self.tag}>; expected one of {known}"
            )
        stray = "".join(self.text).strip()
        self.expect(not stray, f"text {cut(show(stray))} in <{self.tag}>; expected elements")

    def whole(self) -> str:
        """The text as it is; a ValueError if there are elements in it."""
        self.expect(not self.children, f"<{self.tag}> has elements in it; expected text")
        return "".join(self.text)

    def content(self) -> str:
        """The text without white space around it; a ValueError if there are elements in it."""
        return self.whole().strip()


class _Tree:
    """What the parser calls: builds the elements, and refuses to go deep."""

    def __init__(self, format: str) -> None:
        self.format, self.open, self.root = format, [], None
        self.expat: Any = None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        place = f"{self.format}: line {self.expat.CurrentLineNumber}"
        element = Element(tag, dict(attributes), place)
        element.expect(len(self.open) < DEEPEST, f"elements are nested deeper than {DEEPEST}")
        if self.open:
            self.open[-1].children.append(element)
        else:
            self.root = element
        self.open.append(element)

    def end(self, tag: str) -> None:
        self.open.pop()

    def data(self, text: str) -> None:
        if self.open:
            self.open[-1].text.append(text)

    def close(self) -> Element | None:
        return self.root


def root(text: str, format: str, tag: str) -> Element:
    """The root element of `text`, which must have that tag; `format` is named in the errors.

    Raises ValueError naming the line, and the column of what is not XML.

    >>> [child.tag for child in root("<a><b/><c>1</c></a>", "jflap", "a")]
    ['b', 'c']
    >>> root("<a><b></a>", "jflap", "a")
    Traceback (most recent call last):
    ValueError: jflap: line 1, column 9: mismatched tag
    """
    from xml.parsers.expat import ErrorString, ExpatError

    from defusedxml import DTDForbidden, EntitiesForbidden, ExternalReferenceForbidden
    from defusedxml.ElementTree import DefusedXMLParser, ParseError

    if len(text) > LONGEST:
        raise ValueError(f"{format}: {len(text):,} characters; expected {LONGEST:,} at most")
    tree = _Tree(format)
    parser: Any = DefusedXMLParser(target=tree, forbid_dtd=True)
    tree.expat = parser.parser
    try:
        parser.feed(text)
        found: Element | None = parser.close()
    except (DTDForbidden, EntitiesForbidden, ExternalReferenceForbidden):
        line = f"{format}: line {tree.expat.CurrentLineNumber}"
        raise ValueError(f"{line}: a document type or an entity; expected none") from None
    except (ParseError, ExpatError) as error:
        at = tree.expat.ErrorLineNumber, tree.expat.ErrorColumnNumber + 1
        what = ErrorString(error.code)
        raise ValueError(f"{format}: line {at[0]}, column {at[1]}: {what}") from None
    except UnicodeEncodeError as error:
        bad = text[error.start]
        raise ValueError(f"{format}: character {error.start + 1} is {bad!r}, no text") from None
    if found is None or found.tag != tag:
        raise ValueError(f"{format}: the root element is not <{tag}>")
    return found
