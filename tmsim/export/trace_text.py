"""A token construction's run as plain text, one line a token, made by the reference machine alone.

A line is a number, a colon, and the token's words with a space between them: ``3: B 1 R``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any

from tmsim import catalogue
from tmsim.machines import Configuration, Step, TuringMachine, initial, steps
from tmsim.machines.formats.document import Document
from tmsim.proofs import Bounds, Construction, Frame, Prompt, Row, Token
from tmsim.proofs.contexts import given
from tmsim.proofs.program import Program
from tmsim.turing import TuringConstruction

DEFAULT = "tzamos_2026"
BOUNDS = Bounds(steps=(1 << 20) - 2, cells=(1 << 20) - 2)
MOVES = ("L", "S", "R")
NONE = "-"
"""What a register without a value is written as."""


def words(values: Sequence[Any]) -> list[str]:
    """Each value as one word without white space, a different one each.

    Raises ValueError for two values that are the same as text.

    >>> words(["A", "state 2", 7])
    ['A', '"state\\\\u00202"', '7']
    """
    said = []
    for value in values:
        text = str(value)
        if not text or text == NONE or any(c.isspace() for c in text) or text.startswith('"'):
            text = "".join(_escaped(c) for c in json.dumps(text, ensure_ascii=False))
        if text in said:
            first = values[said.index(text)]
            raise ValueError(f"{value!r} and {first!r} are the same as text, {text!r}")
        said.append(text)
    return said


def _escaped(character: str) -> str:
    return f"\\u{ord(character):04x}" if character.isspace() else character


@dataclass(frozen=True)
class Lines:
    """The lines of one run: what a transformer generates token by token.

    `construction` is called `name`; it is a :class:`TuringConstruction` with token feedback.
    """

    document: Document
    construction: Construction
    name: str

    @property
    def machine(self) -> TuringMachine:
        return self.document.machine

    @cached_property
    def spelled(self) -> Mapping[str, Sequence[str]]:
        """The words for states, symbols and moves."""
        m = self.machine
        return {"state": words(m.states), "wrote": words(m.symbols), "moved": MOVES}

    @cached_property
    def frame(self) -> Frame:
        """The frame for BOUNDS: one for every prompt and answer, for tokens may depend on it."""
        return self.construction.frame(self.machine, BOUNDS)

    @cached_property
    def program(self) -> Program:
        return self.construction.program(self.frame)

    @cached_property
    def fields(self) -> Sequence[tuple[str, int]]:
        """The registers that make a token, and how many values each has."""
        return [(target.name, target.size) for _, target in self.program.feedback.carry]

    @cached_property
    def listed(self) -> Mapping[str, Row] | None:
        """The construction's own words for its tokens, where it lists them."""
        listing = getattr(self.construction, "vocabulary", None)
        return None if listing is None else listing(self.machine, self.frame)

    @property
    def a_line_is_a_step(self) -> bool:
        """Does each token stand for one step?"""
        return self.construction.rows(self.frame) == BOUNDS.steps

    def prompt(self) -> list[str]:
        """The tokens before the first that is generated: how the construction reads its input."""
        return [self._word(row) for row in self._prompt.rows]

    def generated(self, most: int) -> tuple[list[str], str | None]:
        """At most so many tokens, and how the machine ends if it does so within them.

        Raises ValueError for more lines than BOUNDS has steps.

        >>> from tmsim.machines import load
        >>> lines_of(load("bb2")).generated(3)
        (['B 1 R', 'A 1 L', 'B 1 L'], None)
        >>> lines_of(load("bb2")).generated(100)[1]
        'halted'
        """
        m, document = self.machine, self.document
        if most > BOUNDS.steps:
            raise ValueError(f"{most:,} lines; expected {BOUNDS.steps:,} at most")
        taken = list(islice(steps(m, document.tapes, document.heads), most + 1))
        made = list(islice(self._rows(taken[:most]), most + 1))
        ended = len(taken) <= most and len(made) <= most
        told = [self._word(row) for row in made[:most]]
        return told, str(m.end(after(document, taken))) if ended else None

    @cached_property
    def _prompt(self) -> Prompt:
        document = self.document
        return self.construction.prompt(self.machine, document.tapes, document.heads, self.frame)

    def _rows(self, taken: Sequence[Step]) -> Iterator[Row]:
        """The rows that are generated, without those that a context begins with."""
        document = self.document
        of_run = self.machine, document.tapes, document.heads, taken, self.frame
        passes = [[scene.row for scene in part] for part in self.construction.passes(*of_run)]
        encoded = ([self.program.stream.encode(row) for row in rows] for rows in passes)
        counts = given(self.program, encoded, len(self._prompt.rows))
        for rows, count in zip(passes, counts, strict=True):
            yield from rows[count:]

    @cached_property
    def _word(self) -> Callable[[Row], str]:
        """A row's token in words."""
        names = [name for name, _ in self.fields]
        if self.listed is not None:
            of = {tuple(row.get(n) for n in names): word for word, row in self.listed.items()}
            return lambda row: of[tuple(row.get(name) for name in names)]
        spelled = [self.spelled.get(name.partition("[")[0]) for name in names]
        pairs = list(zip(names, spelled, strict=True))
        return lambda row: " ".join(_said(row.get(name), known) for name, known in pairs)


def _said(value: Any, known: Sequence[str] | None) -> str:
    if value is None:
        return NONE
    if known is None:
        return str(value)
    return str(known[value]) if value < len(known) else NONE


def after(document: Document, taken: Sequence[Step]) -> Configuration:
    """The configuration after the steps.

    >>> from tmsim.machines import load
    >>> after(load("bb2"), []).state
    'A'
    """
    start = initial(document.machine, document.tapes, document.heads)
    tapes = [dict(tape) for tape in start.tapes]
    state, heads = start.state, start.heads
    for step in taken:
        for tape, head, symbol in zip(tapes, step.heads, step.write, strict=True):
            tape[head] = symbol
        state, heads = step.next_state, step.arrived
    return Configuration(state, tuple(tapes), heads, start.blank)


def lines_of(document: Document | TuringMachine, construction: str = DEFAULT) -> Lines:
    """The run of a machine on its input, as this construction's tokens.

    Raises ValueError for a construction whose rows are no tokens of a Turing machine.

    >>> from tmsim.machines import load
    >>> lines_of(load("bb2"), "wei_2021")
    Traceback (most recent call last):
    ...
    ValueError: wei_2021 feeds back no tokens of a Turing machine; expected one as tzamos_2026
    """
    if isinstance(document, TuringMachine):
        document = Document(document)
    found = catalogue.find(construction)
    made = Lines(document, found, construction)
    if not (isinstance(found, TuringConstruction) and isinstance(made.program.feedback, Token)):
        raise ValueError(
            f"{construction} feeds back no tokens of a Turing machine; expected one as {DEFAULT}"
        )
    most = found.claim.most_tapes
    if most is not None and document.machine.tapes > most:
        tapes = document.machine.tapes
        raise ValueError(f"{construction} needs {found.claim.tapes}; the machine has {tapes} tapes")
    reach = max(map(abs, (*document.heads, *map(len, document.tapes))))
    if reach > BOUNDS.cells:
        raise ValueError(f"the input reaches cell {reach:,}; expected {BOUNDS.cells:,} at most")
    return made
