"""Docstrings as Markdown: what Python's own notation says, said in that of the pages.

An extension of griffe, which reads the sources for mkdocstrings.
"""

from __future__ import annotations

import re
from typing import Any

import griffe

ROLE = re.compile(r":(?:class|func|meth|mod):`~?([^`]+)`")
DEFINITION = re.compile(r"^([\w, ]{1,24}): +(?=\S)")


def markdown(text: str) -> str:
    """A docstring in Markdown: examples are fenced, roles are code, arguments are a list.

    >>> markdown("See :class:`Trace`.\\n\\n>>> 1 + 1\\n2").splitlines()
    ['See `Trace`.', '', '```pycon', '>>> 1 + 1', '2', '```']
    >>> print(markdown("steps: how many,\\n    at most.\\nkeep: of these."))
    - `steps`: how many,
        at most.
    - `keep`: of these.
    """
    paragraphs = re.split(r"\n\s*\n", ROLE.sub(r"`\1`", text))
    return "\n\n".join(_paragraph(paragraph) for paragraph in paragraphs)


def _paragraph(text: str) -> str:
    before, prompt, example = re.sub(r"(?m)^>>> ", "\0>>> ", text, count=1).partition("\0")
    if prompt:
        fenced = f"```pycon\n{example.rstrip()}\n```"
        return f"{_definitions(before.rstrip())}\n\n{fenced}" if before.strip() else fenced
    return _definitions(text)


def _definitions(text: str) -> str:
    """A paragraph of which every line begins `name: …` or goes on below such a line, as a list."""
    lines = text.split("\n")
    named = [(DEFINITION.match(line), line) for line in lines]
    if not named[0][0] or not all(found or line.startswith("  ") for found, line in named):
        return text
    if sum(found is not None for found, _ in named) < 2:
        return text
    return "\n".join(
        f"- `{found[1]}`: {line[found.end() :]}" if found else f"    {line.strip()}"
        for found, line in named
    )


class Docstrings(griffe.Extension):
    """Rewrites every docstring once, when it is read."""

    def on_instance(self, *, obj: griffe.Object, **_: Any) -> None:
        """Called by griffe for every module, class, function and attribute."""
        if obj.docstring is not None:
            obj.docstring.value = markdown(obj.docstring.value)
