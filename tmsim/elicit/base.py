"""Base learners run on many prompts at once, by their assembled weights.

A learner is a construction of the catalogue: `next_token` reads the distribution of an induction
head (``olsson_2022``), `predict` the number that a learner of weights says (``oswald_2023``). What
the engine computes row by row is computed here for the rows that answer, over all examples at once:
equal numbers (in `predict`, up to the order of sums), and no work that grows with the square of the
prompt.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from tmsim.elicit.predicting import predict
from tmsim.engine.assemble import Weights, assemble, rows
from tmsim.engine.attention import scores
from tmsim.engine.run import EXACT
from tmsim.engine.transformer import AttentionHead, Transformer, accumulator, linear
from tmsim.machines.models.ngram import NGram
from tmsim.proofs import Average, Bounds, Construction, Frame, Leftmost, Past, Program, Vector
from tmsim.proofs.rules import Dot, Score

__all__ = ["NONE", "next_token", "predict"]

CHUNK_NUMBERS = 1 << 22
"""How many tokens of prompts are held at once."""
NONE = -1
"""In a prompt: no token. Only before the first one, so that prompts of one array may differ."""


class Induction(NamedTuple):
    """The weights of two layers, applied to every embedding: symbol 0 is the null row, v + 1 is v.

    query, key: [lags + 1, V + 1, d_head], what a symbol adds to the query (key) of the row that it
    stands on, and of the rows 1, 2, … after it; value [V + 1, d_value]; out [d_value, V], what a
    read value adds to the readout; own [V + 1, V], what the row has of it without.
    """

    query: Array
    key: Array
    value: Array
    out: Array
    own: Array


def next_token(
    construction: Construction,
    prompts: Any,
    V: int,
    *,
    order: int = 1,
    answers: int | None = None,
    dtype: str = "float32",
) -> np.ndarray:
    """The learner's next-token distribution [trials, V] after each prompt [trials, n] of tokens.

    Tokens are 0 … V - 1; the context asked about is the last `order` of them. A prompt may begin
    with any number of -1 in place of tokens: they are no part of it. A context that has not come
    before has the uniform distribution over the first `answers` tokens (default: all). The numbers
    are those that the engine computes in `dtype`, bit for bit: ratios of two counts, rounded twice.

    Raises ValueError for a construction that is no n-gram learner, a prompt that is empty, not of
    integers, has a token outside the vocabulary or is longer than its claim for the number format.

    >>> from tmsim.catalogue import find
    >>> next_token(find("olsson_2022"), [[0, 1, 0, 2, 0, 1, 0]], 4, answers=3)
    array([[0.        , 0.6666667 , 0.33333334, 0.        ]], dtype=float32)
    """
    if construction.model is not NGram:
        name = construction.model.__name__
        raise ValueError(f"{type(construction).__name__} simulates {name}; expected NGram")
    given = _checked(prompts, V)
    most = construction.claim.exact_to.get(dtype, {}).get("rows")
    if most is not None and given.shape[1] + 1 > most:
        raise ValueError(
            f"prompt of {given.shape[1]} tokens: expected at most {most - 1}, the claim in {dtype}"
        )
    machine = NGram(tuple(range(V)), order, answers=tuple(range(V if answers is None else answers)))
    with jax.enable_x64(True):
        head = _induction(construction, machine, dtype)
        length = 1 << given.shape[1].bit_length()
        together = max(1, CHUNK_NUMBERS // (length * head.key.shape[-1]))
        together = min(1 << (together.bit_length() - 1), 1 << (len(given) - 1).bit_length())
        found = []
        for start in range(0, len(given), together):
            symbols = np.zeros((together, length), np.int32)
            part = given[start : start + together] + 1
            symbols[: len(part), length - part.shape[1] :] = part
            found.append(np.asarray(_read(head, symbols, Dot()))[: len(part)])
    return np.concatenate(found)


def _checked(prompts: Any, V: int) -> np.ndarray:
    """The prompts [trials, n], or a ValueError that names what is wrong with them."""
    given = np.asarray(prompts)
    if given.ndim != 2 or not given.size or not np.issubdtype(given.dtype, np.integer):
        what = f"shape {given.shape} and type {given.dtype}"
        raise ValueError(f"prompts of {what}: expected integers [trials, n], both 1 or more")
    wrong = (given < NONE) | (given >= V)
    wrong[:, 1:] |= (given[:, 1:] == NONE) & (given[:, :-1] != NONE)
    wrong[:, -1] |= given[:, -1] == NONE
    if wrong.any():
        trial, place = (int(at[0]) for at in np.nonzero(wrong))
        told = f"prompt {trial}, place {place}: token {given[trial, place]}"
        raise ValueError(f"{told}; expected 0 … {V - 1}, or -1 before the first token")
    return given


@lru_cache(maxsize=16)
def _induction(construction: Construction, machine: NGram, dtype: str) -> Induction:
    """The construction's first two layers, assembled, and applied to every embedding."""
    V = len(machine.tokens)
    frame = Frame(2, V, max(machine.order, 1), Bounds(1, 1))
    whole = construction.program(frame)
    program = replace(whole, layers=whole.layers[:2], feedback=Vector(()), stops=(), emits=())
    leaves = construction.leaves(machine, frame)
    t = assemble(program, leaves, dtype)
    lags, head = _two_layers(t)
    named = [{"null": 1}, *({"token": v} for v in range(V))]
    E = jnp.asarray(rows(program, named, t.dtype))
    moved = [linear(linear(E, lag.W_V, lag.b_V), lag.W_O) for lag in lags]
    readout = _readout(construction, frame, program, leaves, dtype)
    query, key, value = (
        jnp.stack([linear(E, W, b), *(linear(x, W) for x in moved)])
        for W, b in ((head.W_Q, head.b_Q), (head.W_K, head.b_K), (head.W_V, head.b_V))
    )
    if any(np.any(x[0]) for x in moved) or np.any(value[1:]):
        raise ValueError("the base: the null row, or a row's past, is part of its values")
    own = linear(E, readout)
    return Induction(query, key, value[0], linear(head.W_O, readout), own)


def _readout(
    construction: Construction, frame: Frame, program: Program, leaves: Any, dtype: str
) -> Array:
    """The forms that read the distribution from a final stream, [d_model, V]."""
    return Weights(leaves, dtype).affine(program.stream, construction.chances(frame))[0]  # type: ignore[attr-defined]


def _two_layers(t: Transformer) -> tuple[tuple[AttentionHead, ...], AttentionHead]:
    """The previous-token heads, lag 1, 2, …, and the induction head, or a ValueError.

    What is computed here is the engine's run for this shape only, so the shape is checked.
    """
    first, second = t.blocks
    told = [span for _, span in t.positions]
    lags = [(h.rule, h.visible, h.uniform) for h in first.heads]
    right = [(Leftmost(), Past(True, j), True) for j in range(1, len(lags) + 1)]
    [head] = second.heads
    forms = [h.W_V for h in first.heads] + [head.W_Q, head.W_K, head.W_V]
    blind = not any(np.any(W[s.start : s.stop]) for W in forms for s in told)
    simple = not (first.mlps or second.mlps or first.norm or second.norm)
    average = (head.rule, head.score, head.visible) == (Average(), Dot(), Past())
    if not (lags == right and average and blind and simple):
        raise ValueError("the base: expected previous-token heads, then one average-hard head")
    return first.heads, head


def _last(parts: Array, symbols: Array) -> Array:
    """The sum of what the last symbols add to the last row."""
    return sum(part[symbols[-1 - lag]] for lag, part in enumerate(parts))  # type: ignore[return-value]


def _one(head: Induction, symbols: Array, score: Score) -> Array:
    """The readout [V] of the last row; symbols [rows ≥ 2], zeros up to the null row."""
    keys = head.key[0][symbols]
    for lag, part in enumerate(head.key[1:], 1):
        # A row whose past is shorter reads the null row, which adds nothing.
        keys = keys.at[lag:].add(part[symbols[:-lag]])
    padded = jnp.concatenate([jnp.zeros(len(head.query), symbols.dtype), symbols])
    s = scores(score, _last(head.query, padded), keys)
    visible = (symbols > 0) | (jnp.arange(len(symbols)) == (symbols == 0).sum() - 1)
    masked = jnp.where(visible, s, -jnp.inf)
    chosen = masked == masked.max()
    # Rows of one symbol have one value: the sum over rows is a sum over symbols, counted.
    wide = accumulator(head.value.dtype)
    count = jnp.zeros(len(head.value), wide).at[symbols].add(chosen.astype(wide))
    total = jnp.matmul(count, head.value.astype(wide), precision=jax.lax.Precision.HIGHEST)
    mean = (total / chosen.sum().astype(wide)).astype(head.value.dtype)
    return linear(mean[None], head.out)[0] + head.own[symbols[-1]]


@jax.jit(static_argnames="score", compiler_options=EXACT)
def _read(head: Induction, symbols: Array, score: Score) -> Array:
    return jax.vmap(lambda row: _one(head, row, score))(symbols)
