"""Where a pasted continuation of a run leaves the truth."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import NamedTuple

from tmsim.export.trace_text import DEFAULT, lines_of
from tmsim.machines import TuringMachine
from tmsim.machines.formats.document import Document

LINE = re.compile(r"[\s>*`|-]*?(\d{1,12}|end)\s*:\s*(.*?)\s*")
"""A line of an answer, behind whatever marks of a list, a quotation or code it may have."""
NOTHING = "nothing"


class Departure(NamedTuple):
    """Line `number` of the run (in row `row` of the answer, from 1), its token from 1.

    Token 0 is the line's number itself.
    """

    number: str
    row: int
    token: int
    expected: str
    found: str

    def __str__(self) -> str:
        what = f"token {self.token}" if self.token else "its number"
        at = f"line {self.number}, {what} (row {self.row} of the answer)"
        return f"{at}: expected {self.expected}, found {self.found}"


@dataclass(frozen=True)
class Score:
    """How far an answer is right.

    `right` counts tokens and `lines` whole lines before the answer leaves the truth, in `wrong`
    (None: it does not); `complete` if it comes to the run's end or to the last line asked for;
    `ignored` counts rows of the answer with text that is no line of a run.
    """

    right: int
    lines: int
    wrong: Departure | None
    complete: bool
    ignored: int

    def __str__(self) -> str:
        told = f"tokens right: {self.right:,}, whole lines: {self.lines:,}"
        if self.wrong is not None:
            return f"{told}; then {self.wrong}"
        return told if self.complete else f"{told}; the answer stops before the last line asked for"


class Said(NamedTuple):
    """A line of an answer: its number or "end", its words, and in which row it stands."""

    number: str
    words: list[str]
    row: int


def read(answer: str) -> tuple[list[Said], int]:
    """The lines of an answer up to its `end`, and how many other rows there were before it.

    Blank rows, code fences and either end of line are no matter; other text is counted.

    >>> said, ignored = read("Sure!\\r\\n```\\r\\n3: B 1 R\\r\\n\\r\\n- `4: A 1 L`\\r\\n```")
    >>> [(line.number, " ".join(line.words), line.row) for line in said], ignored
    ([('3', 'B 1 R', 3), ('4', 'A 1 L', 5)], 1)
    """
    said: list[Said] = []
    ignored = 0
    for row, text in enumerate(re.split(r"\r\n|\r|\n", answer), 1):
        found = LINE.fullmatch(text)
        if found is None:
            ignored += bool(text.strip()) and not text.strip().startswith(("```", "~~~"))
            continue
        words = found[2]
        for mark in ("`", "**"):  # What is quoted or bold ends as it began.
            if mark in text[: found.start(1)]:
                words = words.removeprefix(mark).removesuffix(mark)
        said.append(Said(found[1], words.split(), row))
        if found[1] == "end":
            break
    return said, ignored


def score(
    document: Document | TuringMachine,
    answer: str,
    shown: int = 8,
    construction: str = DEFAULT,
    *,
    asked: int = 32,
) -> Score:
    """How far `answer` continues the run after its first `shown` lines.

    An answer may begin with lines that were shown; they are held to the truth as well, and counted.

    Raises ValueError as :func:`tmsim.export.trace_text.lines_of` does.

    >>> from tmsim.machines import load
    >>> print(score(load("bb2"), "3: B 1 L\\n4: A 1 R", shown=2))
    tokens right: 5, whole lines: 1; then line 4, token 3 (row 2 of the answer): expected L, found R
    """
    said, ignored = read(answer)
    lines = lines_of(document, construction)
    truth, ended = lines.generated(shown + max(asked, len(said)))
    right = whole = 0
    for line, (number, expected) in _paired(said, truth, ended, shown):
        if number != line.number:
            wrong = Departure(number, line.row, 0, f"{number}:", f"{line.number}:")
            return Score(right, whole, wrong, False, ignored)
        pairs = list(zip_longest(expected, line.words, fillvalue=NOTHING))
        same = next((i for i, (due, found) in enumerate(pairs) if due != found), len(pairs))
        right += same
        if same < len(pairs):
            wrong = Departure(number, line.row, same + 1, *pairs[same])
            return Score(right, whole, wrong, False, ignored)
        whole += 1
    last = said[-1].number if said else "0"
    complete = last == "end" or int(last) >= shown + asked
    return Score(right, whole, None, complete, ignored)


def _paired(
    said: list[Said], truth: list[str], ended: str | None, shown: int
) -> Iterator[tuple[Said, tuple[str, list[str]]]]:
    """Each line of the answer with the number and the words that belong there."""
    due = shown + 1
    if said and said[0].number != "end" and 1 <= int(said[0].number) <= shown:
        due = int(said[0].number)
    for number, line in enumerate(said, due):
        if number <= len(truth):
            yield line, (str(number), truth[number - 1].split())
        else:
            yield line, ("end", [str(ended)])
