"""Every Turing machine of so many states and symbols, by number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_uppercase, digits

from tmsim.machines.machine import TuringMachine

HALT = "Z"
MOST_STATES, MOST_SYMBOLS = len(ascii_uppercase) - 1, len(digits)


@dataclass(frozen=True)
class Enumerated:
    """The one-tape machines of `states` working states and `symbols` symbols, blank 0.

    Each of the states · symbols entries of δ is one of `choices`: a symbol, a move left or right,
    and a next state, halting included. Machine number n has as its entries the digits of n in that
    base, the entry (A, 0) first. States are A, B, … and Z, which halts; A is the start.

    Raises ValueError for numbers that name no class.

    >>> Enumerated(2, 2).count, Enumerated(3, 2).count
    (20736, 16777216)
    """

    states: int
    symbols: int

    def __post_init__(self) -> None:
        for what, number, most in (
            ("states", self.states, MOST_STATES), ("symbols", self.symbols, MOST_SYMBOLS),
        ):  # fmt: skip
            if not 1 <= number <= most:
                raise ValueError(f"{number} {what}; expected 1 to {most}")

    @property
    def entries(self) -> int:
        return self.states * self.symbols

    @property
    def choices(self) -> int:
        return self.symbols * 2 * (self.states + 1)

    @property
    def count(self) -> int:
        return self.choices**self.entries

    def machine(self, number: int) -> TuringMachine:
        """Machine `number`, from 0. Raises ValueError for a number that no machine has."""
        return self.of(self._chosen(number))

    def text(self, number: int) -> str:
        """Machine `number` in the busy beaver notation.

        >>> Enumerated(2, 2).text(20735)
        '1RZ1RZ_1RZ1RZ'
        """
        table = self.machine(number).transitions
        told = [f"{w}{move.name}{then}" for then, (w,), (move,) in table.values()]
        rows = range(0, self.entries, self.symbols)
        return "_".join("".join(told[i : i + self.symbols]) for i in rows)

    def _chosen(self, number: int) -> list[int]:
        if not 0 <= number < self.count:
            raise ValueError(f"machine {number}; expected 0 to {self.count - 1}")
        chosen = []
        for _ in range(self.entries):
            number, choice = divmod(number, self.choices)
            chosen.append(choice)
        return chosen[::-1]

    def of(self, chosen: Sequence[int]) -> TuringMachine:
        """The machine whose entries are these choices, the entry (A, 0) first."""
        states = [*ascii_uppercase[: self.states], HALT]
        table = {}
        for entry, choice in enumerate(chosen):
            state, read = divmod(entry, self.symbols)
            rest, then = divmod(choice, self.states + 1)
            write, move = divmod(rest, 2)
            table[states[state], digits[read]] = (states[then], digits[write], "LR"[move])
        return TuringMachine.one_tape(
            table, start="A", blank="0", states=states, symbols=digits[: self.symbols],
            halting={HALT},
        )  # fmt: skip
