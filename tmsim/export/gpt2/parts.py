"""A transformer's attention and MLP parts as plain matrices, in the order in which they act.

All matrices are numpy float64; d is the proof's width. A part reads columns [d, n] with constants
[n] and writes rows [m, d]. Part 2l is block l's attention, 2l + 1 its MLP.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from tmsim.engine.transformer import MLP, AttentionHead, Transformer
from tmsim.proofs.program import Activation
from tmsim.proofs.rules import Average, Dot, Past


@dataclass(frozen=True)
class Form:
    """Affine forms of the stream: columns W [d, n] and constants b [n]."""

    W: np.ndarray
    b: np.ndarray

    def pick(self, columns: np.ndarray) -> Form:
        return Form(self.W[:, columns], self.b[columns])


@dataclass(frozen=True)
class HeadPart:
    """Score ⟨query, key⟩; the value goes to the stream through out [n, d]."""

    name: str
    query: Form
    key: Form
    value: Form
    out: np.ndarray


@dataclass(frozen=True)
class NeuronsPart:
    """relu(reads) goes to the stream through out [n, d]."""

    reads: Form
    out: np.ndarray


Part = tuple[HeadPart, ...] | NeuronsPart


def parts(t: Transformer) -> list[Part]:
    """The transformer's parts, attention and MLP by turns.

    A clipped neuron min(max(x, 0), 1) becomes relu(x) - relu(x - 1). Raises ValueError naming the
    first thing of which GPT-2 has no counterpart.
    """
    if t.feedback != "token" or t.rewrites is not None:
        how = t.feedback if t.rewrites is None else t.rewrites.__name__
        raise ValueError(f"GPT-2 is fed its own tokens; this construction's feedback is {how}")
    if t.encoder:
        raise ValueError(f"GPT-2 has no encoder; this construction has one of {len(t.encoder)}")
    found: list[Part] = []
    for block in t.blocks:
        if block.norm is not None:
            raise ValueError(f"layer {block.title!r}: its norm is part of the proof; expected none")
        found.append(tuple(_head(head) for head in block.heads))
        found.append(_neurons(block.mlps, t.d_model, block.title))
    return found


def reads(part: Part) -> np.ndarray:
    """All columns that the part reads, [d, n]."""
    if isinstance(part, NeuronsPart):
        return part.reads.W
    return np.hstack([f.W for h in part for f in (h.query, h.key, h.value)] or [np.zeros((0, 0))])


def writes(part: Part) -> np.ndarray:
    """All rows that the part writes, [m, d]."""
    if isinstance(part, NeuronsPart):
        return part.out
    return np.vstack([head.out for head in part] or [np.zeros((0, 0))])


@dataclass(frozen=True)
class Moved:
    """Old coordinate old[i] goes to the new one new[i], of `width`; what meets there is added."""

    old: np.ndarray
    new: np.ndarray
    width: int

    def rows(self, array: np.ndarray) -> np.ndarray:
        """[d, n] -> [width, n]."""
        out = np.zeros((self.width, array.shape[1]))
        np.add.at(out, self.new, array[self.old])
        return out

    def columns(self, array: np.ndarray) -> np.ndarray:
        """[n, d] -> [n, width]."""
        return self.rows(array.T).T


def changed(part: Part, reading: Moved, writing: Moved) -> Part:
    """The part in other coordinates, of which it reads and writes those said."""

    def moved(form: Form) -> Form:
        return Form(reading.rows(form.W), form.b)

    if isinstance(part, NeuronsPart):
        return NeuronsPart(moved(part.reads), writing.columns(part.out))
    return tuple(
        replace(
            head, query=moved(head.query), key=moved(head.key), value=moved(head.value),
            out=writing.columns(head.out),
        )
        for head in part
    )  # fmt: skip


def used(part: Part, live: np.ndarray) -> Part:
    """The part without writes to coordinates that nothing reads, and without what then is idle."""

    def kept(out: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        out = out * live
        return out, np.flatnonzero(out.any(1))

    if isinstance(part, NeuronsPart):
        out, rows = kept(part.out)
        return NeuronsPart(part.reads.pick(rows), out[rows])
    heads = []
    for head in part:
        out, rows = kept(head.out)
        if len(rows):
            heads.append(replace(head, value=head.value.pick(rows), out=out[rows]))
    return tuple(heads)


def _head(head: AttentionHead) -> HeadPart:
    if head.score != Dot() or head.visible != Past():
        raise ValueError(
            f"head {head.name}: {head.score} over {head.visible}; GPT-2 has dot products over the"
            " rows so far"
        )
    if head.rule != Average():
        raise ValueError(
            f"head {head.name}: GPT-2's softmax stands for averages over ties, not {head.rule}"
        )
    query, key, value = (
        Form(np.asarray(W, np.float64), np.asarray(b, np.float64))
        for W, b in ((head.W_Q, head.b_Q), (head.W_K, head.b_K), (head.W_V, head.b_V))
    )
    query, key = narrowed(*narrowed(key, query)[::-1])
    return HeadPart(head.name, query, key, value, np.asarray(head.W_O, np.float64))


def narrowed(a: Form, b: Form) -> tuple[Form, Form]:
    """The same sum Σ aᵢ bᵢ with equal aᵢ taken together: a · (b₁ + b₂ + …).

    >>> ones = Form(np.zeros((1, 3)), np.ones(3))
    >>> b = Form(np.array([[1.0, 2.0, 3.0]]), np.zeros(3))
    >>> narrowed(ones, b)[1].W
    array([[6.]])
    """
    columns: dict[bytes, list[int]] = {}
    for j in range(a.W.shape[1]):
        columns.setdefault((np.r_[a.W[:, j], a.b[j]] + 0.0).tobytes(), []).append(j)
    groups = list(columns.values())
    first = a.pick(np.array([g[0] for g in groups], int))
    W = np.stack([b.W[:, g].sum(1) for g in groups], 1) if groups else b.W[:, :0]
    return first, Form(W, np.array([b.b[g].sum() for g in groups]))


def _neurons(mlps: tuple[MLP, ...], width: int, title: str) -> NeuronsPart:
    W, b, out = [np.zeros((width, 0))], [np.zeros(0)], [np.zeros((0, width))]
    for mlp in mlps:
        for reads, constants, writes in _relus(mlp, title):
            W.append(reads)
            b.append(constants)
            out.append(writes)
    return NeuronsPart(Form(np.hstack(W), np.hstack(b)), np.vstack(out))


def _relus(mlp: MLP, title: str) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    if mlp.W_gate is not None or mlp.activation not in (Activation.relu, Activation.clipped):
        what = "gated" if mlp.W_gate is not None else mlp.activation.name
        raise ValueError(f"layer {title!r}: {what} neurons; expected relu or clipped ones")
    W, b, out = (np.asarray(x, np.float64) for x in (mlp.W_in, mlp.b_in, mlp.W_out))
    yield W, b, out
    if mlp.activation is Activation.clipped:
        yield W, b - 1, -out
