"""A run as columns of numbers, and what follows from them: tapes, heads, hashes."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tmsim.machines import Configuration, Move, Step, TuringMachine
from tmsim.machines.indexed import index_of
from tmsim.proofs import Columns

COLUMNS = ("state", "next_state", "read", "write", "move", "head")
"""The names of a trace's columns, in the order of :meth:`Trace.columns`."""

RECORD = np.dtype(
    [("head", "<i4"), ("state", "u1"), ("read", "u1"), ("write", "u1"), ("move", "u1")]
)


@dataclass(frozen=True)
class Trace:
    """T steps of a machine with k tapes: states and symbols by their index, moves as -1, 0, 1.

    state, next_state [T]: before and after the step; read, write, move, head [k, T], the head
    before the move.
    """

    machine: TuringMachine
    state: np.ndarray
    next_state: np.ndarray
    read: np.ndarray
    write: np.ndarray
    move: np.ndarray
    head: np.ndarray

    @classmethod
    def of(
        cls, machine: TuringMachine, columns: Columns, state: int, heads: Sequence[int]
    ) -> Trace:
        """The trace that starts in `state` (an index) with the heads there."""
        then = np.asarray(columns.state, np.int32)
        read, write, move = (_tapes(c) for c in (columns.read, columns.write, columns.move))
        move = move - 1
        offsets = np.cumsum(move, axis=1, dtype=np.int64) - move
        head = np.asarray(heads, np.int64)[:, None] + offsets
        before = np.concatenate([[state], then[:-1]])[: len(then)].astype(np.int32)
        return cls(machine, before, then, read, write, move, head)

    @classmethod
    def empty(cls, machine: TuringMachine) -> Trace:
        none = [[] for _ in range(machine.tapes)]
        return cls.of(machine, Columns([], none, none, none), 0, [0] * machine.tapes)

    @classmethod
    def from_steps(cls, machine: TuringMachine, steps: Iterable[Step]) -> Trace:
        """The reference's steps as columns."""
        taken = list(steps)
        if not taken:
            return cls.empty(machine)
        q, a = index_of(machine.states), index_of(machine.symbols)
        state, read, then, write, moves, heads = zip(*taken, strict=True)

        def tapes(rows: Iterable[Sequence[Any]], of: Any) -> np.ndarray:
            return np.array([[of(x) for x in row] for row in rows], np.int64).T

        return cls(
            machine,
            np.array([q[s] for s in state], np.int32),
            np.array([q[s] for s in then], np.int32),
            tapes(read, a.__getitem__).astype(np.int32),
            tapes(write, a.__getitem__).astype(np.int32),
            tapes(moves, int).astype(np.int32),
            tapes(heads, int),
        )

    def __len__(self) -> int:
        return len(self.state)

    def part(self, start: int, stop: int) -> Trace:
        """Steps start … stop - 1."""
        cut = [c[..., start:stop] for c in self.columns()]
        return Trace(self.machine, *cut)

    def columns(self) -> tuple[np.ndarray, ...]:
        """The arrays that `COLUMNS` names."""
        return self.state, self.next_state, self.read, self.write, self.move, self.head

    def to_numpy(self) -> dict[str, np.ndarray]:
        """Columns by name, each [T]: step (from 1), state, next_state, and of tape i the columns
        read_i, write_i, move_i, head_i (from 1).

        States and symbols are their index in the machine's lists, moves -1, 0, 1, heads the
        position before the move.

        >>> import tmsim
        >>> columns = tmsim.simulate("bb2").trace.to_numpy()
        >>> list(columns)
        ['step', 'state', 'next_state', 'read_1', 'write_1', 'move_1', 'head_1']
        """
        columns = {
            "step": np.arange(1, len(self) + 1),
            "state": self.state,
            "next_state": self.next_state,
        }
        for tape in range(self.machine.tapes):
            for name in ("read", "write", "move", "head"):
                columns[f"{name}_{tape + 1}"] = getattr(self, name)[tape]
        return columns

    def to_dict(self) -> dict[str, list]:
        """The columns of `to_numpy` as lists, with states and symbols by name and moves as L, S, R.

        The lists are of equal length and of one type each, as JSON and table writers want them
        (`pyarrow.table`, `pandas.DataFrame`): names that are not all strings are written as text.

        >>> import tmsim
        >>> columns = tmsim.simulate("bb2").trace.to_dict()
        >>> columns["state"], columns["move_1"]
        (['A', 'B', 'A', 'B', 'A', 'B'], ['R', 'L', 'L', 'L', 'R', 'R'])
        """
        names = {"state": self.machine.states, "next_state": self.machine.states}
        for tape in range(1, self.machine.tapes + 1):
            names[f"read_{tape}"] = names[f"write_{tape}"] = self.machine.symbols
        columns: dict[str, list] = {}
        for name, column in self.to_numpy().items():
            values = column.tolist()
            if name in names:
                values = [str(name_of(names[name], value)) for value in values]
            columns[name] = [Move(v).name for v in values] if name[:4] == "move" else values
        return columns

    def rows(self, start: int = 0, stop: int | None = None) -> list[Step]:
        """The steps as the reference machine writes them; an index that names nothing as "?7"."""
        part = self.part(start, len(self) if stop is None else stop)
        q, a = self.machine.states, self.machine.symbols

        def symbols(column: np.ndarray) -> list[tuple]:
            return [tuple(name_of(a, i) for i in row) for row in column.T.tolist()]

        return [
            Step(name_of(q, s), r, name_of(q, n), w, tuple(map(Move, m)), tuple(h))
            for s, n, r, w, m, h in zip(
                part.state.tolist(), part.next_state.tolist(), symbols(part.read),
                symbols(part.write), part.move.T.tolist(), part.head.T.tolist(), strict=True,
            )
        ]  # fmt: skip

    @classmethod
    def together(cls, parts: Sequence[Trace]) -> Trace:
        """One trace, then the next; there is at least one."""
        columns = zip(*(part.columns() for part in parts), strict=True)
        return cls(parts[0].machine, *(np.concatenate(c, axis=-1) for c in columns))

    def last(self, initial: Configuration) -> Configuration:
        """The configuration that the steps lead to from `initial`."""
        if not len(self):
            return initial
        tapes = []
        for tape, head, write in zip(initial.tapes, self.head, self.write, strict=True):
            # The last write to a cell is the first one in reversed order.
            cells, first = np.unique(head[::-1], return_index=True)
            symbols = write[::-1][first]
            pairs = zip(cells.tolist(), symbols.tolist(), strict=True)
            tapes.append({**tape, **{c: name_of(self.machine.symbols, s) for c, s in pairs}})
        heads = tuple(int(h) for h in self.head[:, -1] + self.move[:, -1])
        state = name_of(self.machine.states, int(self.next_state[-1]))
        return Configuration(state, tuple(tapes), heads, self.machine.blank)

    def hash(self, crc: int = 0) -> str | None:
        """8 hex digits: CRC-32 of one 8-byte record per step, as `tmsim.machines.trace_hash`.

        None for several tapes, and for more than 256 states or symbols.
        """
        m = self.machine
        if m.tapes != 1 or max(len(m.states), len(m.symbols)) > 256:
            return None
        records = np.empty(len(self), RECORD)
        records["head"], records["state"] = self.head[0], self.state
        records["read"], records["write"] = self.read[0], self.write[0]
        records["move"] = self.move[0] + 1
        return f"{zlib.crc32(records.tobytes(), crc):08x}"

    def differs(self, other: Trace) -> int | None:
        """The first step at which two traces differ on their common prefix; None if they agree."""
        n = min(len(self), len(other))
        pairs = zip(self.columns(), other.columns(), strict=True)
        wrong = [(np.atleast_2d(a[..., :n] != b[..., :n])).any(0) for a, b in pairs]
        where = np.flatnonzero(np.logical_or.reduce(wrong)) if n else []
        return int(where[0]) if len(where) else None


def name_of(values: Sequence[Any], index: int) -> Any:
    """The value of that index, or "?7": a wrong run may emit an index of nothing.

    >>> name_of("AB", 1), name_of("AB", 7)
    ('B', '?7')
    """
    return values[index] if 0 <= index < len(values) else f"?{index}"


def _tapes(columns: Sequence[Sequence[int]]) -> np.ndarray:
    return np.stack([np.asarray(c, np.int32) for c in columns])
