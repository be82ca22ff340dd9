"""The tokens as words: what a tokenizer lists, and what a person reads in a chain of thought.

INP, EINP, POS, EPOS, OUTP and EOUTP are the paper's names. A run token is the state entered, the
symbols written and the moves, as in B:1:R (A:1,0:R,L for two tapes); =1 is a cell that holds 1, and
@0 a digit of the heads' positions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import Any
from urllib.parse import quote

from constructions._brosamle.rows import Kind, Token
from tmsim.machines import TuringMachine
from tmsim.machines.indexed import index_of, move_index

MOVES = "LSR"
ABSENT = "~"
"""The output has symbols on tape 1 alone."""


def vocabulary(machine: TuringMachine) -> Mapping[str, Token]:
    """Every token that the machine's runs can hold, by its word, in a fixed order.

    A run token stands for what some transition does. Raises ValueError for a machine of which two
    states or two symbols look the same as text.

    >>> from tmsim.machines import load
    >>> sorted(vocabulary(load("bb2").machine))[:8]
    ['=0', '=1', '@0', '@1', 'A:1:L', 'B:1:L', 'B:1:R', 'EINP:A']
    """
    state, symbol = _words("state", machine.states), _words("symbol", machine.symbols)
    q, a = index_of(machine.states), index_of(machine.symbols)
    tapes, blank = machine.tapes, a[machine.blank]
    said = {
        "INP": Token(Kind.INP, wrote=(blank,) * tapes),
        f"EINP:{state[q[machine.start]]}": Token(Kind.EINP, state=q[machine.start]),
        **{str(kind.name): Token(kind) for kind in (Kind.POS, Kind.EPOS, Kind.OUTP, Kind.EOUTP)},
    }
    for digit in product((0, 1), repeat=tapes):
        said[f"@{_joined(digit)}"] = Token(Kind.BIT, digit=digit)
    for held in product(range(len(symbol)), repeat=tapes):
        said[f"={_joined(symbol[x] for x in held)}"] = Token(Kind.SYMBOL, wrote=held)
    for held in range(len(symbol)):
        wrote = (held, *(None,) * (tapes - 1))
        word = _joined([symbol[held], *[ABSENT] * (tapes - 1)])
        said[f"={word}"] = Token(Kind.SYMBOL, wrote=wrote)
    for then, write, moves in machine.transitions.values():
        wrote, moved = tuple(a[x] for x in write), tuple(map(move_index, moves))
        parts = state[q[then]], _joined(symbol[x] for x in wrote), _joined(MOVES[m] for m in moved)
        said[":".join(parts)] = Token(Kind.RUN, q[then], wrote, moved)
    return said


def _joined(parts: Iterable[Any]) -> str:
    return ",".join(map(str, parts))


def _words(what: str, values: Sequence[Any]) -> list[str]:
    """Each value as text without spaces or the words' own signs, which are percent-encoded."""
    words = [quote(str(value), safe="").replace(ABSENT, "%7E") for value in values]
    for i, word in enumerate(words):
        if word in words[:i]:
            first = values[words.index(word)]
            raise ValueError(f"{what} {values[i]!r} and {first!r} are the same as text, {word!r}")
    return words
