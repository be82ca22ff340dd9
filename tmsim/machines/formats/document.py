"""What a parser returns: a machine, and the input its text may come with."""

from __future__ import annotations

from dataclasses import dataclass

from tmsim.machines.machine import TuringMachine, initial
from tmsim.machines.step import Symbols


@dataclass(frozen=True)
class Document:
    """A machine with the words on its tapes, its head positions, and remarks on the text.

    `tapes` has one word per tape that is not blank throughout; symbol j is in cell j. `heads` are
    0 where not given. Raises ValueError if the words or the heads do not suit the machine.

    >>> from tmsim.machines import load
    >>> Document(load("bb2").machine).heads
    (0,)
    """

    machine: TuringMachine
    tapes: tuple[Symbols, ...] = ()
    heads: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "tapes", tuple(tuple(word) for word in self.tapes))
        at = initial(self.machine, self.tapes, tuple(self.heads) or None).heads
        object.__setattr__(self, "heads", at)


def as_document(source: Document | TuringMachine) -> Document:
    """A bare machine as a document with blank tapes."""
    return source if isinstance(source, Document) else Document(source)
