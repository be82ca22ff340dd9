"""The sparse reading: each weight by the blocks that the proof's text gives it.

The text says which registers a form reads and writes, whatever the machine. Products over the rest
are zeros that a single row need not add up. The weights are the same arrays; any that are put in
their place later (damaged, trained) are plain arrays again and are read dense.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from tmsim.engine.assemble import assemble
from tmsim.engine.drivers import Memories
from tmsim.engine.linear import Spans, Sparse
from tmsim.engine.memory import RunningSum, Table
from tmsim.engine.transformer import AttentionHead, Block, Transformer
from tmsim.proofs import Program

MATRICES = ("W_in", "W_gate", "W_out")


class _One(dict):
    """A leaf's numbers, all of them 1."""

    def get(self, key: Any, default: Any = None) -> int:
        return 1


class _Ones(dict):
    """Leaves that are all 1: what a machine may fill in counts as not zero."""

    def __missing__(self, name: str) -> _One:
        return _One()


def lowered(t: Transformer, program: Program, memories: Memories) -> Transformer:
    """`t` read sparsely where no head keeps all its rows: there the products are the cost.

    Attention over kept rows costs more than they do, and dense is what it is to be held to.
    """
    folded = all(isinstance(m, Table | RunningSum) for kinds in memories for m in kinds)
    return sparse(t, program) if folded and t.feedback != "loop" else t


def sparse(t: Transformer, program: Program) -> Transformer:
    """`t`, assembled from `program`, read sparsely.

    Raises ValueError where a weight of `t` is not zero although the text says so.
    """
    text = assemble(program, _Ones(), str(t.dtype))
    blocks = tuple(
        _block(f"blocks.{i}", a, b)
        for i, (a, b) in enumerate(zip(t.blocks, text.blocks, strict=True))
    )
    W_U = tuple(_matrix("W_U", a, b) for a, b in zip(t.W_U, text.W_U, strict=True))
    W_stop = _matrix("W_stop", t.W_stop, text.W_stop)
    return replace(t, blocks=blocks, W_U=W_U, W_stop=W_stop)


def _block(place: str, own: Block, text: Block) -> Block:
    heads = tuple(_head(place, a, b) for a, b in zip(own.heads, text.heads, strict=True))
    mlps = tuple(_named(place, a, b, MATRICES) for a, b in zip(own.mlps, text.mlps, strict=True))
    return replace(own, heads=heads, mlps=mlps)


def _head(place: str, own: AttentionHead, text: AttentionHead) -> AttentionHead:
    read = _named(f"{place} {own.name}", own, text, ("W_Q", "W_K", "W_V", "W_O"))
    if own.address is None:
        return read
    return replace(read, address=_named(f"{place} {own.name}", own.address, text.address, ("W",)))


def _named(place: str, own: Any, text: Any, names: Sequence[str]) -> Any:
    """`own` with the matrices of these names read sparsely, those that it has."""
    there = [name for name in names if getattr(own, name) is not None]
    read = {n: _matrix(f"{place} {n}", getattr(own, n), getattr(text, n)) for n in there}
    return replace(own, **read)


def _matrix(place: str, own: Any, text: Any) -> Sparse:
    mask, numbers = np.asarray(text) != 0, np.asarray(own)
    wrong = np.argwhere(~mask & (numbers != 0))
    if len(wrong):
        row, column = wrong[0].tolist()
        told = f"{place}[{row}, {column}] is {numbers[row, column]}"
        raise ValueError(f"{told}; expected 0, as the proof's text says")
    return Sparse(own, _spans(mask.any(1)), _spans(mask.any(0)))


def _spans(used: np.ndarray) -> Spans:
    """The runs of True as (start, stop)."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], used, [False]]).astype(int)))
    return tuple((int(a), int(b)) for a, b in edges.reshape(-1, 2))
