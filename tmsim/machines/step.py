"""What runs are made of: states, symbols, moves, steps and configurations."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

State = Hashable
Symbol = Hashable
Symbols = tuple[Symbol, ...]


class Move(IntEnum):
    """How far a head moves, in cells."""

    L = -1
    S = 0
    R = 1


Moves = tuple[Move, ...]
Transitions = Mapping[tuple[State, Symbols], tuple[State, Symbols, Moves]]


class Step(NamedTuple):
    """One transition taken. Tuples have one entry per tape; `heads` are those before the move."""

    state: State
    read: Symbols
    next_state: State
    write: Symbols
    moves: Moves
    heads: tuple[int, ...]

    @property
    def arrived(self) -> tuple[int, ...]:
        """The head positions after the move."""
        return tuple(head + move for head, move in zip(self.heads, self.moves, strict=True))


@dataclass(frozen=True)
class Configuration:
    """A state, the cells of each tape that are not `blank`, and the head positions.

    >>> Configuration("A", ({-1: "1", 1: "1", 5: "0"},), (0,), blank="0").trimmed()
    (-1, ('1', '0', '1'))
    """

    state: State
    tapes: tuple[Mapping[int, Symbol], ...]
    heads: tuple[int, ...]
    blank: Symbol

    def __post_init__(self) -> None:
        marked = tuple({c: a for c, a in t.items() if a != self.blank} for t in self.tapes)
        object.__setattr__(self, "tapes", marked)

    @property
    def read(self) -> Symbols:
        """The symbols under the heads."""
        pairs = zip(self.tapes, self.heads, strict=True)
        return tuple(tape.get(head, self.blank) for tape, head in pairs)

    def trimmed(self, tape: int = 0) -> tuple[int, Symbols]:
        """The word from the first to the last marked cell, after its position: (0, ()) if none."""
        cells = self.tapes[tape]
        if not cells:
            return 0, ()
        left, right = min(cells), max(cells)
        return left, tuple(cells.get(cell, self.blank) for cell in range(left, right + 1))
