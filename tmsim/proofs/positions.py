"""What row i is told about i: positional encodings as values.

Each fills one register; `at(i)` is the exact value at row i = 0, 1, …
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from tmsim.proofs.affine import Number


@dataclass(frozen=True)
class Position:
    """Fills the register `register` of `size` coordinates."""

    register: str
    size: int = 1

    def at(self, i: int) -> tuple[Number, ...]:
        raise NotImplementedError


@dataclass(frozen=True)
class Index(Position):
    """i + start."""

    start: int = 0

    def at(self, i: int) -> tuple[Number, ...]:
        return (i + self.start,)


@dataclass(frozen=True)
class Powers(Position):
    """(i + start)ᵉ for each exponent e: (0, -1, -2) from 1 on tells 1, 1/(i+1), 1/(i+1)²."""

    exponents: tuple[int, ...] = (1,)
    start: int = 1

    def __post_init__(self) -> None:
        if len(self.exponents) != self.size:
            raise ValueError(
                f"{self.register}: {self.size} coordinates, {len(self.exponents)} powers"
            )

    def at(self, i: int) -> tuple[Number, ...]:
        return tuple(Fraction(i + self.start) ** e for e in self.exponents)


def Reciprocal(register: str, start: int = 1) -> Powers:
    """1 / (i + start)."""
    return Powers(register, 1, (-1,), start)


@dataclass(frozen=True)
class Binary(Position):
    """The binary digits of (i + offset) mod 2^size, digit j at coordinate j; ±1 if `signed`."""

    offset: int = 0
    signed: bool = False

    def at(self, i: int) -> tuple[Number, ...]:
        digits = (i + self.offset >> j & 1 for j in range(self.size))
        return tuple(2 * b - 1 if self.signed else b for b in digits)


@dataclass(frozen=True)
class OneHot(Position):
    """The unit vector of i mod size."""

    def at(self, i: int) -> tuple[Number, ...]:
        return tuple(int(j == i % self.size) for j in range(self.size))
