"""The residual stream as named registers.

A proof speaks of registers ("the state", "bit 3 of the time"), never of coordinates; a
:class:`Stream` gives every register its place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tmsim.proofs.affine import Affine, Coordinate, Expression, Number, Value

ONE_HOT, BITS, CODE, FLAG, SCALAR = "one_hot", "bits", "code", "flag", "scalar"


@dataclass(frozen=True)
class Register(Expression, Sequence[Affine]):
    """A named block of coordinates with one meaning.

    kind `one_hot`: the unit vector of a value in 0..size-1, or zero for "none".
    kind `bits`: an integer's binary digits in {0, 1}, `register[j]` the digit of 2ʲ.
    kind `code`: the same digits as ±1, which a dot product can match.
    kinds `flag` (0 or 1) and `scalar` (a number): one coordinate, itself an affine form.
    """

    name: str
    kind: str
    size: int

    @property
    def alone(self) -> bool:
        return self.kind in (FLAG, SCALAR)

    @cached_property
    def coordinates(self) -> tuple[Coordinate, ...]:
        """All of the register's coordinates."""
        return tuple(map(self.coordinate, range(self.size)))

    def coordinate(self, index: int) -> Coordinate:
        if not 0 <= index < self.size:
            raise IndexError(f"{self.name} has coordinates 0..{self.size - 1}, not {index}")
        return Coordinate(self.name, -1 if self.alone else index)

    def __getitem__(self, index: int) -> Affine:  # type: ignore[override]
        return Affine({self.coordinate(index): 1}, 0)

    def __len__(self) -> int:
        return self.size

    def __iter__(self) -> Iterator[Affine]:
        return (self[index] for index in range(self.size))

    @property
    def affine(self) -> Affine:
        if not self.alone:
            raise ValueError(f"{self.name} has {self.size} coordinates: name one of them")
        return self[0]

    def encode(self, value: Value) -> tuple[Number, ...]:
        """The coordinates that hold `value`."""
        if self.alone:
            return (0 if value is None else value,)
        if value is None:
            return (0,) * self.size
        if not isinstance(value, int) or not 0 <= value < self.limit:
            raise ValueError(f"{self.name} holds 0..{self.limit - 1}, not {value!r}")
        if self.kind in (BITS, CODE):
            low = 0 if self.kind == BITS else -1
            return tuple(1 if value >> j & 1 else low for j in range(self.size))
        return tuple(int(j == value) for j in range(self.size))

    def decode(self, numbers: Sequence[Any]) -> Value:
        """What the coordinates hold; a ValueError when they are no such register's."""
        if self.alone:
            return numbers[0]
        if self.kind == ONE_HOT and not any(numbers):
            return None
        digits = (-1, 1) if self.kind == CODE else (0, 1)
        if any(x not in digits for x in numbers) or (self.kind == ONE_HOT and sum(numbers) != 1):
            raise ValueError(f"{self.name} holds {[str(x) for x in numbers]}, no {self.kind} value")
        weights = range(self.size) if self.kind == ONE_HOT else [1 << j for j in range(self.size)]
        return sum(w for w, x in zip(weights, numbers, strict=True) if x == 1)

    @property
    def limit(self) -> int:
        """How many values a one-hot or bit register tells apart."""
        return 1 << self.size if self.kind in (BITS, CODE) else self.size


class Stream:
    """The residual stream: registers in the order they were named.

    >>> s = Stream()
    >>> state, bit = s.one_hot("state", 3), s.bits("time", 2)
    >>> s.width, s.slot(bit[1].unit())
    (5, 4)
    """

    def __init__(self) -> None:
        self.registers: dict[str, Register] = {}
        self._offset: dict[str, int] = {}
        self.width = 0

    def _add(self, name: str, kind: str, size: int) -> Register:
        if name in self.registers:
            raise ValueError(f"register {name!r} is already in the stream")
        if size < 1:
            raise ValueError(f"register {name!r} needs at least one coordinate, not {size}")
        self._offset[name] = self.width
        self.width += size
        self.registers[name] = register = Register(name, kind, size)
        return register

    def one_hot(self, name: str, size: int) -> Register:
        return self._add(name, ONE_HOT, size)

    def bits(self, name: str, size: int) -> Register:
        return self._add(name, BITS, size)

    def code(self, name: str, size: int) -> Register:
        return self._add(name, CODE, size)

    def flag(self, name: str) -> Register:
        return self._add(name, FLAG, 1)

    def scalar(self, name: str) -> Register:
        return self._add(name, SCALAR, 1)

    def slot(self, coordinate: Coordinate) -> int:
        """The coordinate's place in the residual vector."""
        return self._offset[coordinate.register] + max(coordinate.index, 0)

    def place(self, register: Register) -> slice:
        """The register's place in the residual vector."""
        start = self._offset[register.name]
        return slice(start, start + register.size)

    def encode(self, row: Mapping[str, Value]) -> list[Number]:
        """The residual vector of a row given by its registers; unnamed registers are zero."""
        vector: list[Number] = [0] * self.width
        for name, value in row.items():
            if name not in self.registers:
                raise ValueError(f"a row names register {name!r}, which the stream lacks")
            vector[self.place(self.registers[name])] = self.registers[name].encode(value)
        return vector
