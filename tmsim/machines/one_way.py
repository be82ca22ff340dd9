"""Tapes with an end on the left, told to a machine whose tapes have none.

On a one-way tape cell 0 is the first, and a head that would leave it stays. Here the symbol in
cell 0 carries a mark, ⊢, as long as the run lasts: a transition that reads a marked symbol writes a
marked one, and stays where it would move left. So each step of the one-way machine is one step,
with the same states and heads; only cell 0 is spelled with the mark.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product

from tmsim.machines.machine import TuringMachine, initial
from tmsim.machines.step import Configuration, Move, Symbol, Symbols
from tmsim.machines.validation import show

END = "⊢"


def one_way(machine: TuringMachine) -> TuringMachine:
    """The machine on tapes whose cell 0 is marked, and is the first: twice the symbols.

    Raises ValueError for a symbol that is not text, or where a marked symbol is one already.

    >>> back = TuringMachine.one_tape({("A", "0"): ("A", "1", "L")}, start="A", blank="0")
    >>> one_way(back).transitions["A", ("⊢0",)]
    ('A', ('⊢1',), (<Move.S: 0>,))
    """
    table = {}
    for (state, read), (target, write, moves) in machine.transitions.items():
        for at_end in product((False, True), repeat=machine.tapes):
            stays = [
                Move.S if end and move is Move.L else move
                for move, end in zip(moves, at_end, strict=True)
            ]
            source = state, _marked(read, at_end)
            table[source] = target, _marked(write, at_end), tuple(stays)
    symbols = (*machine.symbols, *_marked(machine.symbols, [True] * len(machine.symbols)))
    return replace(machine, transitions=table, symbols=symbols)


def one_way_input(
    machine: TuringMachine,
    tapes: Sequence[Sequence[Symbol]] = (),
    heads: int | Sequence[int] | None = None,
) -> tuple[tuple[Symbols, ...], tuple[int, ...]]:
    """The words and heads for `one_way(machine)` that stand for these ones of `machine`.

    Raises ValueError as :func:`initial` does, and for a head left of cell 0.

    >>> back = TuringMachine.one_tape({("A", "0"): ("A", "1", "L")}, start="A", blank="0")
    >>> one_way_input(back, ["010"])
    ((('⊢0', '1', '0'),), (0,))
    """
    at = initial(machine, tapes, heads).heads
    if min(at) < 0:
        raise ValueError(f"heads {show(at)}: a one-way tape begins with cell 0")
    words = [*tapes, *[()] * (machine.tapes - len(tapes))]
    full = [tuple(word) or (machine.blank,) for word in words]
    return tuple((*_marked(w[:1], [True]), *w[1:]) for w in full), at


def unmarked(configuration: Configuration) -> Configuration:
    """A configuration of `one_way(machine)` as the machine's own: cell 0 without its mark.

    >>> unmarked(Configuration("A", ({0: "⊢1", 1: "1"},), (0,), "0")).trimmed()
    (0, ('1', '1'))
    """
    tapes = [
        {cell: str(a).removeprefix(END) if cell == 0 else a for cell, a in tape.items()}
        for tape in configuration.tapes
    ]
    return replace(configuration, tapes=tuple(tapes))


def _marked(symbols: Symbols, at_end: Sequence[bool]) -> Symbols:
    for symbol in symbols:
        if not isinstance(symbol, str):
            raise ValueError(f"symbol {show(symbol)}: one-way tapes are for symbols that are text")
    return tuple(f"{END}{a}" if end else a for a, end in zip(symbols, at_end, strict=True))
