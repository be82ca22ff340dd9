"""A transformer's matrices with a name for each row and column: registers, neurons, values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from tmsim.emulation import Emulation
from tmsim.engine.transformer import AttentionHead, Span, Transformer
from tmsim.export.rebuilding import rebuilt
from tmsim.generating import unique
from tmsim.simulation import Simulation

BIAS = "bias"
"""The last row of a matrix to whose product something is added."""


class Matrix(NamedTuple):
    """values [rows, columns] with names for both, and what the two axes are."""

    values: np.ndarray
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    row_axis: str
    column_axis: str

    @property
    def T(self) -> Matrix:
        return Matrix(self.values.T, self.columns, self.rows, self.column_axis, self.row_axis)

    def without_zero_rows(self) -> Matrix:
        """The rows that hold a weight."""
        kept = np.flatnonzero(self.values.any(1))
        return self._replace(values=self.values[kept], rows=tuple(self.rows[i] for i in kept))


def weights_of(source: Transformer | Simulation | Emulation) -> Transformer:
    """The transformer itself, or the one that made the run."""
    return source if isinstance(source, Transformer) else rebuilt(source).weights


def coordinates(registers: Sequence[Span]) -> list[str]:
    """The name of each coordinate of the residual stream.

    >>> coordinates([Span("state", "one_hot", 0, 2), Span("time", "scalar", 2, 3)])
    ['state[0]', 'state[1]', 'time']
    """
    return [
        r.name if r.kind in ("flag", "scalar") else f"{r.name}[{j}]"
        for r in registers
        for j in range(r.stop - r.start)
    ]


def matrices(t: Transformer) -> dict[str, Matrix]:
    """Every weight matrix by the name it has in an export, as it stands in the file.

    A bias is the last row of its matrix, named so. Where a block reads a
    projection of the stream (a pre-norm with registers of its own), its rows are numbered.

    >>> from tmsim.engine.assemble import assemble
    >>> from tmsim.proofs import Layer, Neuron, Program, Stream, Vector
    >>> s = Stream(); x, y = s.scalar("x"), s.scalar("y")
    >>> p = Program(s, [Layer("y", neurons=[Neuron(x - 1, 2 * y)])], [], Vector(()), [], [y])
    >>> found = matrices(assemble(p, {}, "float32"))
    >>> found["blocks.0.mlp.0.W_in"].rows, found["blocks.0.mlp.0.W_in"].values[:, 0].tolist()
    (('x', 'y', 'bias'), [1.0, 0.0, -1.0])
    >>> found["blocks.0.mlp.0.W_out"].values.tolist(), found["blocks.0.mlp.0.W_out"].columns
    ([[0.0, 2.0]], ('x', 'y'))
    """
    return dict(_matrices(t))


def _matrices(t: Transformer) -> Iterator[tuple[str, Matrix]]:
    stream = coordinates(t.registers)
    for stack, blocks in (("blocks", t.blocks), ("encoder", t.encoder)):
        for layer, block in enumerate(blocks):
            if block.norm is not None and block.norm.W is not None:
                projected = _from(stream, block.norm.W, block.norm.b, "projection")
                yield f"{stack}.{layer}.norm.W", projected
            names = unique([head.name for head in block.heads])
            for name, head in zip(names, block.heads, strict=True):
                for part, matrix in _head(head, stream):
                    yield f"{stack}.{layer}.attn.{name}.{part}", matrix
            for number, mlp in enumerate(block.mlps):
                at = f"{stack}.{layer}.mlp.{number}"
                yield f"{at}.W_in", _from(stream, mlp.W_in, mlp.b_in, "neuron")
                if mlp.W_gate is not None:
                    yield f"{at}.W_gate", _from(stream, mlp.W_gate, mlp.b_gate, "neuron")
                yield f"{at}.W_out", _from(stream, np.asarray(mlp.W_out).T, None, "neuron").T
    for (source, target), out, into in zip(t.carry, t.W_U, t.W_E, strict=False):
        yield f"W_U.{source.name}", _from(stream, out, None, source.name)
        yield f"W_E.{target.name}", _from(stream, np.asarray(into).T, None, target.name).T
    yield "W_stop", _from(stream, t.W_stop, t.b_stop, "stop", [str(stop[0]) for stop in t.stops])
    if t.W_marks is not None:
        yield "W_marks", _from(stream, t.W_marks, t.b_marks, "mark")


def _head(head: AttentionHead, stream: list[str]) -> Iterator[tuple[str, Matrix]]:
    if not head.uniform:
        yield "W_Q", _from(stream, head.W_Q, head.b_Q, "query")
        yield "W_K", _from(stream, head.W_K, head.b_K, "key")
    yield "W_V", _from(stream, head.W_V, head.b_V, "value")
    yield "W_O", _from(stream, np.asarray(head.W_O).T, None, "value").T
    if head.address is not None:
        told = ("read", "write", "null")
        yield "address.W", _from(stream, head.address.W, head.address.b, "address", told)


def _from(
    stream: list[str], W: object, b: object, columns: str, names: Sequence[str] | None = None
) -> Matrix:
    """A matrix that reads the stream, its bias below it; float64 holds every format exactly."""
    values = np.asarray(W, np.float64)
    read = stream if len(values) == len(stream) else [str(i) for i in range(len(values))]
    if b is not None:
        values, read = np.vstack([values, np.asarray(b, np.float64)[None]]), [*read, BIAS]
    told = list(map(str, range(values.shape[1]))) if names is None else names
    axis = "register" if read[: len(stream)] == stream else "coordinate of the projection"
    return Matrix(values, tuple(read), tuple(told), axis, columns)
