"""How large the numbers of a program are, and the formats that hold all of them exactly."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from tmsim.proofs.integers import ACCUMULATED, MANTISSA

SMALLEST = {"float64": -1022, "float32": -126, "bfloat16": -126, "float16": -14}
"""The exponent of the smallest normal number."""


@dataclass
class Sizes:
    """The largest stored number and partial sum in units of the finest, and what has none."""

    stored: Fraction = Fraction(1)
    summed: Fraction = Fraction(1)
    unit: Fraction = Fraction(1)
    not_certified: list[str] = field(default_factory=list)

    def add(self, what: str, kept: Fraction, partial: Fraction, unit: Fraction | None) -> None:
        """A number up to `kept`, summed up to `partial`, all terms being multiples of `unit`."""
        if unit is None:
            self.not_certified.append(f"{what} is no multiple of a unit")
        elif (whole := unit.denominator) & (whole - 1):
            self.not_certified.append(f"{what} counts in {unit}, which is no binary fraction")
        else:
            self.stored = max(self.stored, kept * whole)
            self.summed = max(self.summed, partial * whole)
            self.unit = min(self.unit, Fraction(1, whole))

    def exact_in(self) -> list[str]:
        """The formats in which nothing is rounded."""
        fitting = (
            dtype
            for dtype, least in SMALLEST.items()
            if self.stored <= 1 << MANTISSA[dtype]
            and self.summed <= 1 << ACCUMULATED[dtype]
            and self.unit >= Fraction(2) ** least
        )
        return [] if self.not_certified else list(fitting)
