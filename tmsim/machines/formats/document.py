"""What a parser returns: a machine, and the input its text may come with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from tmsim.machines.machine import TuringMachine, initial
from tmsim.machines.step import Symbol, Symbols


@dataclass(frozen=True)
class Document:
    """A machine with the words on its tapes, its head positions, and remarks on the text.

    `tapes` has one word per tape that is not blank throughout; symbol j is in cell j. `heads` are
    0 where not given. `reading` is for formats that declare no alphabet, where a word may bring
    symbols of its own: given words and heads (or None), it returns the document that the text is
    with them. Raises ValueError if the words or the heads do not suit the machine.

    >>> from tmsim.machines import load
    >>> Document(load("bb2").machine).heads
    (0,)
    """

    machine: TuringMachine
    tapes: tuple[Symbols, ...] = ()
    heads: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()
    reading: Callable[[tuple[Symbols, ...], tuple[int, ...] | None], Document] | None = field(
        default=None, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        object.__setattr__(self, "tapes", tuple(tuple(word) for word in self.tapes))
        at = initial(self.machine, self.tapes, tuple(self.heads) or None).heads
        object.__setattr__(self, "heads", at)

    def with_input(
        self, tapes: Sequence[Sequence[Symbol]], heads: int | Sequence[int] | None = None
    ) -> Document:
        """This machine on other words; `heads` None means cell 0, or where the word itself says.

        Where the format declares no alphabet, new symbols join it, and Morphett's `*` stands for
        them too. Raises ValueError, as :func:`tmsim.machines.initial` does, for words or heads that
        do not suit the machine.

        >>> from tmsim.machines.formats import morphett
        >>> document = morphett.parse("0 * * r 0\\n0 _ _ * halt").with_input(["xy"])
        >>> document.machine.symbols, document.tapes
        (('_', 'x', 'y'), (('x', 'y'),))
        """
        if self.reading is None or isinstance(tapes, str):
            at = initial(self.machine, tapes, heads).heads
            return replace(self, tapes=tuple(map(tuple, tapes)), heads=at)
        others = [0] * (self.machine.tapes - 1)
        at = (heads, *others) if isinstance(heads, int) else tuple(heads or ())
        given = self.reading(tuple(map(tuple, tapes)), None if heads is None else at)
        return replace(given, notes=self.notes, reading=self.reading)


def with_symbols(
    machine: TuringMachine, tapes: tuple[Symbols, ...], heads: tuple[int, ...] | None
) -> Document:
    """The machine on these words, whose new symbols no transition reads: it stops on them.

    Raises ValueError for a new symbol that is not one character, as texts' own are.

    >>> machine = TuringMachine.one_tape({("A", "0"): ("A", "0", "R")}, start="A", blank="_")
    >>> with_symbols(machine, (("0", "7"),), None).machine.symbols
    ('_', '0', '7')
    """
    new = new_symbols(machine, tapes)
    grown = replace(machine, symbols=(*machine.symbols, *new)) if new else machine
    return Document(grown, tapes, heads or ())


def new_symbols(machine: TuringMachine, tapes: tuple[Symbols, ...]) -> tuple[Symbol, ...]:
    """The symbols that the words bring to the alphabet, in order of first appearance.

    Raises ValueError, naming the tape and the cell, for one that is not a single character.
    """
    known, new = set(machine.symbols), {}
    for i, word in enumerate(tapes):
        for cell, symbol in enumerate(word):
            if not isinstance(symbol, str) or len(symbol) != 1:
                raise ValueError(
                    f"tape {i + 1}, cell {cell}: {symbol!r} is not a symbol; expected one character"
                )
            if symbol not in known:
                new[symbol] = None
    return tuple(new)


def as_document(source: Document | TuringMachine) -> Document:
    """A bare machine as a document with blank tapes."""
    return source if isinstance(source, Document) else Document(source)
