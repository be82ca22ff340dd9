"""Rules that stand for many: Morphett's `*`, written out once the alphabet is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from tmsim.machines.formats.document import Document, new_symbols
from tmsim.machines.machine import TuringMachine
from tmsim.machines.one_way import one_way, one_way_input
from tmsim.machines.step import Move, Symbols
from tmsim.machines.validation import show

FORMAT = "morphett"
LARGEST = 500_000  # entries of a table, wildcards written out
BLANK, ANY = "_", "*"


class Rule(NamedTuple):
    """What to write, where to move and the next state; `*` leaves the symbol or state."""

    write: str
    move: Move
    target: str
    line: int


@dataclass(frozen=True)
class Program:
    """The rules of a text by state and symbol, `*` for any, before an alphabet is known."""

    rules: dict[tuple[str, str], Rule]
    start: str
    one_way: bool

    def machine(self, extra: Symbols = ()) -> TuringMachine:
        """The machine over the symbols that the rules name, the blank, and the `extra` ones.

        Raises ValueError if the wildcards stand for more than LARGEST entries.
        """
        named = [q for (q, _), rule in self.rules.items() for q in (q, rule.target) if q != ANY]
        states = dict.fromkeys([self.start, *named])
        inked = [a for (_, a), rule in self.rules.items() for a in (a, rule.write) if a != ANY]
        symbols = dict.fromkeys([BLANK, *inked, *extra])
        if len(states) * len(symbols) > LARGEST:
            raise ValueError(
                f"{FORMAT}: {len(states):,} states and {len(symbols):,} symbols make a table of"
                f" more than {LARGEST:,} entries"
            )
        table = {}
        for state in states:
            for symbol in symbols:
                rule = self._rule(state, str(symbol))
                if rule is not None:
                    target = state if rule.target == ANY else rule.target
                    written = symbol if rule.write == ANY else rule.write
                    table[state, symbol] = target, written, rule.move
        return TuringMachine.one_tape(
            table, start=self.start, blank=BLANK, states=states, symbols=symbols,
            halting=filter(halts, states), accepting=filter(accepts, states),
        )  # fmt: skip

    def _rule(self, state: str, symbol: str) -> Rule | None:
        keys = [(state, symbol), (state, ANY)]
        if not halts(state):
            keys += [(ANY, symbol), (ANY, ANY)]
        return next((self.rules[key] for key in keys if key in self.rules), None)

    def document(self, tapes: tuple[Symbols, ...], heads: tuple[int, ...] | None) -> Document:
        """The machine on a word as it is typed: a space is a blank, `*` marks the head.

        Raises ValueError for a symbol that is not one character, several marks, or a mark where
        `heads` says something else.
        """
        words = [tuple(BLANK if a == " " else a for a in word) for word in tapes]
        marks = [cell for word in words for cell, a in enumerate(word) if a == ANY]
        at = heads or (marks[0] if marks else 0,)
        if marks and (len(marks) > 1 or at != (marks[0],)):
            more = f", and heads is {show(at)}" if len(marks) == 1 else ""
            raise ValueError(
                f"{FORMAT}: * stands in cell {' and '.join(map(str, marks[:3]))} of the input"
                f"{more};"
                " expected it once, before the symbol under the head"
            )
        words = tuple(tuple(a for a in word if a != ANY) for word in words)
        plain = self.machine()
        machine = self.machine(new_symbols(plain, words))
        if not self.one_way:
            return Document(machine, words, at)
        return Document(one_way(machine), *one_way_input(machine, words, at))


def halts(state: Any) -> bool:
    """Does a run end in a state of that name?"""
    return str(state)[:4].lower() == "halt"


def accepts(state: Any) -> bool:
    """Has a run accepted that ends in a state of that name?"""
    return str(state).lower() == "halt-accept"
