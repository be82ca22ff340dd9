"""Many machines of one frame: the arrays that tell them apart, and all others shared.

Only coefficients that a machine supplies differ between two machines of a frame. They are found
once, by assembling the text with a number for each, and filled in for all machines together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from tmsim.engine.assemble import assemble
from tmsim.engine.blocks import nothing_held, taken_in
from tmsim.engine.drivers import Encoded, Memories, RunState, no_margins
from tmsim.engine.positions import place
from tmsim.engine.transformer import RUNNING, Transformer
from tmsim.proofs import Program
from tmsim.proofs.affine import Leaves

Entry = tuple[str, tuple[int, ...]]


class _Numbered(dict):
    """Leaves that are 1, 2, … in the order in which they are asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.numbers: dict[Entry, int] = {}

    def __missing__(self, name: str) -> _Table:
        return _Table(name, self.numbers)


class _Table(dict):
    def __init__(self, name: str, numbers: dict[Entry, int]) -> None:
        super().__init__()
        self.name, self.numbers = name, numbers

    def get(self, key: Any, default: Any = None) -> int:
        return self.numbers.setdefault((self.name, key), len(self.numbers) + 1)


class _Unknown(dict):
    """Leaves that are nan: what they touch is theirs."""

    def __missing__(self, name: str) -> _Unknown:
        return self

    def get(self, key: Any, default: Any = None) -> float:
        return float("nan")


@dataclass(frozen=True)
class Many:
    """The weights of many machines, for one text and one number format."""

    program: Program
    dtype: str

    @cached_property
    def _numbered(self) -> tuple[dict[Entry, int], list[tuple[int, np.ndarray, np.ndarray]]]:
        numbered = _Numbered()
        # float64 tells the numbers apart whatever the run's own format.
        with jax.enable_x64(True):
            places = jax.tree.leaves(assemble(self.program, _Unknown(), "float64"))
            told = jax.tree.leaves(assemble(self.program, numbered, "float64"))
        found = []
        for index, (unknown, number) in enumerate(zip(places, told, strict=True)):
            at = np.flatnonzero(np.isnan(np.asarray(unknown)))
            if len(at):
                found.append((index, at, np.asarray(number).ravel()[at].astype(int)))
        return numbered.numbers, found

    @property
    def own(self) -> tuple[int, ...]:
        """Which leaves of the transformer differ from machine to machine."""
        return tuple(index for index, _, _ in self._numbered[1])

    def shared(self) -> Transformer:
        """The transformer in which every number that a machine supplies is 0."""
        return assemble(self.program, _Zeros(), self.dtype)

    def filled(self, machines: Sequence[Leaves]) -> list[np.ndarray]:
        """For each leaf of `own`, the arrays of these machines [machines, …]."""
        numbers, places = self._numbered
        values = np.zeros((len(machines), len(numbers) + 1))
        for row, tables in zip(values, machines, strict=True):
            for name, table in tables.items():
                for index, number in table.items():
                    # Number 0 is nobody's: what the text does not ask for goes there.
                    row[numbers.get((name, index), 0)] = number
        leaves = jax.tree.leaves(self.shared())
        filled = []
        for index, at, number in places:
            base = np.asarray(leaves[index])
            every = np.broadcast_to(base.ravel(), (len(machines), base.size)).copy()
            every[:, at] = values[:, number]
            filled.append(every.reshape(len(machines), *base.shape))
        return filled


class _Zeros(dict):
    def __missing__(self, name: str) -> dict[Any, int]:
        return {}


def beginning(
    t: Transformer, memories: Memories, rows: Array, count: Array, encoded: Encoded
) -> RunState:
    """As :func:`tmsim.engine.blocks.begin`, compiled: rows [n, d_model], of which `count` ≥ 1 are
    the prompt. For decoders that append a row a pass."""
    last = count - 1
    held = taken_in(t, memories, nothing_held(t, memories), rows, jnp.int32(0), last, encoded)
    none, running = jnp.int32(0), jnp.int32(RUNNING)
    return RunState(rows[last], last, none, running, held, no_margins(t))


def told_positions(t: Transformer, rows: Array, count: Array) -> Encoded:
    """An encoder's rows [m, d_model], of which `count` exist, where it has no layers."""
    return Encoded(place(t, rows, jnp.arange(len(rows), dtype=jnp.int32)), count)
