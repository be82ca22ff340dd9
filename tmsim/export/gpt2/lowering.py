"""The weights of GPT-2 (transformers' GPT2LMHeadModel) that compute what a proof's does.

Layer norm is the identity. EPSILON = 2⁴⁰ swallows the variance (below 2¹⁵, where √(var + ε) rounds
to 2²⁰), the norm's weight of 2²⁰ takes the factor back, and coordinate BALANCE holds minus the sum
of all others, so that the mean is 0. Softmax is hard: a query is multiplied by SHARPNESS · √d_head,
and e⁻¹²⁸ is 0 in float32; rows of equal score share the weight evenly, which the proof's neurons
round.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from tmsim.engine.transformer import Transformer
from tmsim.export.gpt2.parts import Form, HeadPart, NeuronsPart, Part, changed, parts
from tmsim.export.gpt2.residual import START, Slots, lifetimes, needed, slots, summed

EPSILON, UNIT = 2.0**40, 2.0**20
SHARPNESS = 128
D_HEAD = 64
"""A power of 4: GPT-2 divides scores by √d_head, which is then exact."""
BALANCE = 0


@dataclass(frozen=True)
class Lowered:
    """GPT-2's tensors by name, its sizes, and where the proof's coordinates are."""

    tensors: Mapping[str, np.ndarray]
    n_embd: int
    n_head: int
    n_inner: int
    n_layer: int
    slots: Slots


def lowered(t: Transformer, tokens: np.ndarray, places: np.ndarray, logits: np.ndarray) -> Lowered:
    """The weights for a vocabulary of V tokens and n positions.

    tokens [V, d] are the embeddings and places [n, d] the positions that the proof's own stream
    starts from, logits [d, V] the columns that score each token. Raises ValueError for a
    transformer of which GPT-2 has no counterpart, and for a weight that is no float32.
    """
    given = np.vstack([tokens, places])
    acts = needed(parts(t), given, logits)
    acts, given, logits = summed(acts, given, logits)
    acts = needed(acts, given, logits)
    placed = slots(lifetimes(acts, given, logits), first=BALANCE + 1)
    moved = placed.moved
    acts = [changed(part, moved, moved) for part in acts]
    acts = [_cleared(part, time, placed) for time, part in enumerate(acts)]
    heads = [part for part in acts if not isinstance(part, NeuronsPart)]
    cut = [[piece for head in part for piece in _fitting(head)] for part in heads]
    mlps = [part for part in acts if isinstance(part, NeuronsPart)]
    n_head = max(-(-placed.width // D_HEAD), *map(len, cut))
    n_embd, n_inner = n_head * D_HEAD, max(len(mlp.out) for mlp in mlps)
    named = {
        "transformer.wte.weight": _balanced(moved.columns(given[: len(tokens)]), n_embd),
        "transformer.wpe.weight": _balanced(moved.columns(given[len(tokens) :]), n_embd),
        "lm_head.weight": _wide(moved.rows(logits).T, n_embd),
    }
    named |= _norm("transformer.ln_f", n_embd)
    for number, (some, mlp) in enumerate(zip(cut, mlps, strict=True)):
        block = f"transformer.h.{number}"
        named |= _norm(f"{block}.ln_1", n_embd) | _norm(f"{block}.ln_2", n_embd)
        named |= _attention(f"{block}.attn", some, n_embd)
        named |= _mlp(f"{block}.mlp", mlp, n_embd, n_inner)
    tensors = {name: _float32(name, array) for name, array in named.items()}
    return Lowered(tensors, n_embd, n_head, n_inner, len(mlps), placed)


def _cleared(part: Part, time: int, placed: Slots) -> Part:
    """The MLP with two more neurons for each slot that it clears: -relu(x) and +relu(-x)."""
    if not isinstance(part, NeuronsPart):
        return part
    which = placed.slot[placed.cleared == time]
    x = np.zeros((placed.width, len(which)))
    x[which, np.arange(len(which))] = 1
    W = np.hstack([part.reads.W, x, -x])
    b = np.concatenate([part.reads.b, np.zeros(2 * len(which))])
    return NeuronsPart(Form(W, b), np.vstack([part.out, -x.T, x.T]))


def _fitting(head: HeadPart) -> Sequence[HeadPart]:
    """The head, or several of the same scores where its value is wider than GPT-2's heads are."""
    if head.query.W.shape[1] > D_HEAD:
        raise ValueError(
            f"head {head.name}: queries of {head.query.W.shape[1]} numbers; expected at most"
            f" {D_HEAD}"
        )
    columns = np.arange(len(head.out))
    pieces = [columns[i : i + D_HEAD] for i in range(0, len(columns), D_HEAD)]
    return [
        HeadPart(head.name, head.query, head.key, head.value.pick(piece), head.out[piece])
        for piece in pieces
    ]


def _attention(name: str, heads: Sequence[HeadPart], n_embd: int) -> dict[str, np.ndarray]:
    """c_attn [n_embd, 3 n_embd]: queries, keys and values, D_HEAD columns a head; c_proj."""
    W, b = np.zeros((3, n_embd, n_embd)), np.zeros((3, n_embd))
    out = np.zeros((n_embd, n_embd))
    scale = SHARPNESS * sqrt(D_HEAD)
    for number, head in enumerate(heads):
        first = number * D_HEAD
        query = Form(head.query.W * scale, head.query.b * scale)
        for i, form in enumerate((query, head.key, head.value)):
            columns = slice(first, first + form.W.shape[1])
            W[i, : len(form.W), columns] = form.W
            b[i, columns] = form.b
        out[first : first + len(head.out)] = _balanced(head.out, n_embd)
    return {
        f"{name}.c_attn.weight": np.hstack([*W]),
        f"{name}.c_attn.bias": np.concatenate([*b]),
        f"{name}.c_proj.weight": out,
        f"{name}.c_proj.bias": np.zeros(n_embd),
    }


def _mlp(name: str, mlp: NeuronsPart, n_embd: int, n_inner: int) -> dict[str, np.ndarray]:
    W, b, out = np.zeros((n_embd, n_inner)), np.zeros(n_inner), np.zeros((n_inner, n_embd))
    width, count = mlp.reads.W.shape
    W[:width, :count], b[:count] = mlp.reads.W, mlp.reads.b
    out[:count] = _balanced(mlp.out, n_embd)
    return {
        f"{name}.c_fc.weight": W,
        f"{name}.c_fc.bias": b,
        f"{name}.c_proj.weight": out,
        f"{name}.c_proj.bias": np.zeros(n_embd),
    }


def _norm(name: str, n_embd: int) -> dict[str, np.ndarray]:
    return {f"{name}.weight": np.full(n_embd, UNIT), f"{name}.bias": np.zeros(n_embd)}


def _wide(rows: np.ndarray, n_embd: int) -> np.ndarray:
    """Rows [n, width] with zeros behind, [n, n_embd]."""
    return np.pad(rows, ((0, 0), (0, n_embd - rows.shape[1])))


def _balanced(rows: np.ndarray, n_embd: int) -> np.ndarray:
    """What is added to the stream, its sum made 0 by the balance."""
    wide = _wide(rows, n_embd)
    wide[:, BALANCE] = -wide.sum(1)
    return wide


def _float32(name: str, array: np.ndarray) -> np.ndarray:
    narrow = array.astype(np.float32)
    if not np.array_equal(narrow, array):
        worst = array[narrow != array][0]
        raise ValueError(f"{name}: {worst!r} is no float32")
    return np.ascontiguousarray(narrow)


def register_map(lowered: Lowered, names: Sequence[str]) -> list[dict[str, int]]:
    """Per time from the embedding on, name of coordinate -> slot, of the proof's own coordinates.

    `names` [d] are the coordinates' names; entry 0 holds after the embedding, 2l + 1 after block
    l's attention, 2l + 2 after its MLP.
    """
    return [
        {names[c]: slot for c, slot in lowered.slots.held(time).items() if c < len(names)}
        for time in range(START, 2 * lowered.n_layer)
    ]
