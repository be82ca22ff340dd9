"""Affine forms over the residual stream's coordinates, exact in their coefficients.

An :class:`Affine` is a form such as ``s.state[q] + s.seen[a] - 1``. A coefficient that differs from
machine to machine is a :class:`Leaf`: one program then serves every machine of a frame.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

Number = int | Fraction
Value = int | Fraction | None


class Coordinate(NamedTuple):
    """One direction of the residual stream: a register's name and an index inside it."""

    register: str
    index: int


@dataclass(frozen=True)
class Leaf:
    """A coefficient that the machine supplies: entry `index` of the table `name`.

    An entry that a machine's table lacks is 0.
    """

    name: str
    index: tuple[int, ...]

    def __mul__(self, direction: Expression) -> Affine:
        affine = direction.affine
        if len(affine.terms) != 1 or affine.constant or set(affine.terms.values()) != {1}:
            raise ValueError(f"{self} multiplies {affine}; expected a single register coordinate")
        return Affine({coordinate: self for coordinate in affine.terms}, 0)

    def __str__(self) -> str:
        return f"{self.name}[{', '.join(map(str, self.index))}]"


Coefficient = int | Fraction | Leaf
Leaves = Mapping[str, Mapping[tuple[int, ...], Number]]


class Expression(ABC):
    """What has an affine form: an :class:`Affine`, and a :class:`Register` of size 1."""

    @property
    @abstractmethod
    def affine(self) -> Affine:
        """The form itself."""

    def __add__(self, other: Expression | Number) -> Affine:
        mine, theirs = self.affine, constant(other)
        terms = dict(mine.terms)
        for coordinate, coefficient in theirs.terms.items():
            terms[coordinate] = _sum(terms.get(coordinate, 0), coefficient, coordinate)
        return Affine({c: k for c, k in terms.items() if k != 0}, mine.constant + theirs.constant)

    __radd__ = __add__

    def __neg__(self) -> Affine:
        return self * -1

    def __sub__(self, other: Expression | Number) -> Affine:
        return self + constant(other) * -1

    def __rsub__(self, other: Expression | Number) -> Affine:
        return self * -1 + other

    def __mul__(self, factor: Number) -> Affine:
        mine = self.affine
        if factor == 0:
            return Affine({}, 0)
        terms = {c: _product(k, factor, c) for c, k in mine.terms.items()}
        return Affine(terms, mine.constant * factor)

    __rmul__ = __mul__


def _sum(left: Coefficient, right: Coefficient, coordinate: Coordinate) -> Coefficient:
    if isinstance(left, Leaf) or isinstance(right, Leaf):
        if left == 0:
            return right
        raise ValueError(f"{coordinate.register}: a coordinate takes one machine-given coefficient")
    return left + right


def _product(left: Coefficient, factor: Number, coordinate: Coordinate) -> Coefficient:
    if isinstance(left, Leaf):
        if factor == 1:
            return left
        raise ValueError(f"{coordinate.register}: the machine-given {left} cannot be scaled")
    return left * factor


@dataclass(frozen=True)
class Affine(Expression):
    """Σ coefficient · coordinate + constant, exact.

    >>> from tmsim.proofs import Stream
    >>> x = Stream().scalar("x")
    >>> print(2 * x - 1)
    2·x - 1
    """

    terms: Mapping[Coordinate, Coefficient]
    constant: Number = 0

    @property
    def affine(self) -> Affine:
        return self

    def __hash__(self) -> int:
        return hash((frozenset(self.terms.items()), self.constant))

    def value(self, read: Callable[[Coordinate], Any]) -> Any:
        """The form's value where `read` gives each coordinate's; leaves must be bound."""
        total: Any = self.constant
        for coordinate, coefficient in self.terms.items():
            if isinstance(coefficient, Leaf):
                raise ValueError(f"{coefficient} has no number yet: bind the program to a machine")
            total += coefficient * read(coordinate)
        return total

    def bind(self, leaves: Leaves) -> Affine:
        """The same form with each leaf replaced by the machine's number."""
        terms = {c: _bound(k, leaves) for c, k in self.terms.items()}
        return Affine({c: k for c, k in terms.items() if k != 0}, self.constant)

    def unit(self) -> Coordinate:
        """The one coordinate that this form is, or a ValueError."""
        if self.constant or list(self.terms.values()) != [1]:
            raise ValueError(f"{self} is not a register coordinate")
        return next(iter(self.terms))

    def __str__(self) -> str:
        shown = [_term(c, k) for c, k in self.terms.items()]
        if self.constant or not shown:
            shown.append(str(self.constant))
        return " + ".join(shown).replace("+ -", "- ")


def _bound(coefficient: Coefficient, leaves: Leaves) -> Number:
    if isinstance(coefficient, Leaf):
        return leaves[coefficient.name].get(coefficient.index, 0)
    return coefficient


def _term(coordinate: Coordinate, coefficient: Coefficient) -> str:
    where = coordinate.register if coordinate.index < 0 else f"{coordinate[0]}[{coordinate[1]}]"
    if coefficient == 1:
        return where
    return f"-{where}" if coefficient == -1 else f"{coefficient}·{where}"


def constant(value: Expression | Number) -> Affine:
    """`value` as an affine form: itself, or the constant form."""
    return value.affine if isinstance(value, Expression) else Affine({}, value)


ONE = constant(1)
