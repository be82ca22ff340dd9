"""Values down the rows of a run, written once each."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import Any

import numpy as np

from tmsim.proofs.stream import Register
from tmsim.trace import name_of


def column(values: Iterable[Hashable]) -> dict[str, list[Any]]:
    """The different values, and per row which of them; a column of one value has no `at`.

    >>> column(["A", "B", "A"])
    {'values': ['A', 'B'], 'at': [0, 1, 0]}
    >>> column([7, 7])
    {'values': [7]}
    """
    place: dict[Hashable, int] = {}
    at = [place.setdefault(value, len(place)) for value in values]
    return {"values": list(place)} | ({"at": at} if len(place) > 1 else {})


def register_column(
    register: Register, rows: np.ndarray, names: Sequence[str] = ()
) -> dict[str, list[Any]]:
    """What a register holds in each row: rows [n, size] of one number format.

    One-hot and bit registers are told by their value (None for none), or by its name where values
    have `names`; scalars in the fewest digits that name the number in its format; coordinates that
    are no such register's are listed.

    >>> from tmsim.proofs import Stream
    >>> register_column(Stream().one_hot("state", 2), np.array([[0., 1.], [.5, 0.]]), "AB")
    {'values': ['B', '[0.5, 0]'], 'at': [0, 1]}
    """
    different, inverse = np.unique(rows, axis=0, return_inverse=True)
    told = [_told(register, row, names) for row in different]
    return column(told[i] for i in inverse.reshape(-1).tolist())


def shortest(number: Any) -> str:
    """A number in the fewest digits that name it in its format.

    >>> shortest(np.float32(0.1)), shortest(np.float64(3)), shortest(np.inf)
    ('0.1', '3', 'inf')
    """
    return str(number).removesuffix(".0")


def _told(register: Register, row: np.ndarray, names: Sequence[str]) -> Any:
    if register.kind == "scalar":
        return shortest(row[0])
    try:
        value = register.decode([float(x) for x in row])
    except ValueError:
        return f"[{', '.join(map(shortest, row))}]"
    if value is None or value % 1:
        return value
    return name_of(names, int(value)) if names else int(value)
