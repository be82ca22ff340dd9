"""Blocks as ONNX nodes: positions, attention under every rule, neurons, norms."""

from __future__ import annotations

from functools import singledispatch
from typing import Any

import numpy as np

from tmsim.engine.transformer import MLP, AttentionHead, Block, Norm, Transformer
from tmsim.export.onnx_nodes import Graph, Value
from tmsim.proofs.positions import Binary, Index, OneHot, Position, Powers
from tmsim.proofs.program import Activation
from tmsim.proofs.rules import (
    Average,
    ClippedDot,
    Leftmost,
    Linear,
    NegAbsDot,
    Past,
    Prefix,
    Rightmost,
    Rule,
    Score,
    Softmax,
    Sum,
    TopTwo,
    Unique,
)


@singledispatch
def told(position: Position, g: Graph, i: Value) -> Value:
    """What rows i [n] (int64) are told: [n, size]."""
    raise ValueError(f"onnx: there are no nodes for the position {position}")


@told.register
def _(position: Index, g: Graph, i: Value) -> Value:
    return g.column(g.float(i + np.array(position.start, np.int64)))


@told.register
def _(position: Powers, g: Graph, i: Value) -> Value:
    base = g.column(g.float(i + np.array(position.start, np.int64)))
    powers = []
    for exponent in position.exponents:
        whole = base * 0.0 + 1.0
        for _ in range(abs(exponent)):
            whole = whole * base
        powers.append(whole if exponent >= 0 else g.node("Div", 1.0, whole))
    return g.node("Concat", *powers, axis=1)


@told.register
def _(position: Binary, g: Graph, i: Value) -> Value:
    place = 2 ** np.arange(position.size, dtype=np.int64)[None]
    # Mod takes the divisor's sign, so the digits of a negative number are its two's complement.
    rest = g.node("Mod", g.column(i + np.array(position.offset, np.int64)), 2 * place)
    digits = g.float(rest / place)
    return digits * 2.0 - 1.0 if position.signed else digits


@told.register
def _(position: OneHot, g: Graph, i: Value) -> Value:
    size = np.array(position.size, np.int64)
    place = np.arange(position.size, dtype=np.int64)[None]
    return g.float(g.column(g.node("Mod", i, size)).same(place))


def placed(g: Graph, t: Transformer, x: Value) -> Value:
    """x [n, d_model] with the positions of rows 0 … n - 1 written into it."""
    i, keep = g.arange(g.rows(x)), np.ones(t.d_model, g.dtype)
    added = []
    for position, span in t.positions:
        keep[span.start : span.stop] = 0
        into = np.eye(t.d_model, dtype=g.dtype)[span.start : span.stop]
        added.append(told(position, g, i) @ into)
    if not added:
        return x
    x = x * keep
    for part in added:
        x = x + part
    return x


def linear(x: Value, W: Any, b: Any = None) -> Value:
    out = x @ np.asarray(W)
    return out if b is None else out + np.asarray(b)


def scores(g: Graph, score: Score, q: Value, keys: Value) -> Value:
    """[n, m] from q [n, d_head] and keys [m, d_head]."""
    product = q @ keys.T
    if isinstance(score, NegAbsDot):
        product = g.node("Neg", g.node("Abs", product))
    elif isinstance(score, ClippedDot):
        product = g.node("Min", product, float(score.at))
    if score.decimals is None:
        return product
    scale = 10.0**score.decimals
    return g.node("Round", product * scale) / scale


@singledispatch
def attended(rule: Rule, g: Graph, s: Value, visible: Value, values: Value) -> Value:
    """The attended values [n, d_value] for scores s [n, m] where visible [n, m] is true."""
    raise ValueError(f"onnx: there are no nodes for the rule {rule}")


def masked(g: Graph, s: Value, visible: Value) -> tuple[Value, Value]:
    """Scores with -∞ where nothing is seen, and the greatest of each row."""
    m = g.where(visible, s, -np.inf)
    return m, g.reduce("Max", m, 1, keep=True)


def _row(g: Graph, values: Value, row: Value, visible: Value) -> Value:
    return g.where(g.count(visible, 1, keep=True) > 0.0, g.node("Gather", values, row), 0.0)


@attended.register(Unique)
@attended.register(Leftmost)
def _(rule: Rule, g: Graph, s: Value, visible: Value, values: Value) -> Value:
    return _row(g, values, g.best(masked(g, s, visible)[0], 1), visible)


@attended.register
def _(rule: Rightmost, g: Graph, s: Value, visible: Value, values: Value) -> Value:
    m, best = masked(g, s, visible)
    near = (m >= best - float(rule.within)) & visible
    return _row(g, values, g.best(g.float(near), 1, last=True), visible)


@attended.register
def _(rule: Average, g: Graph, s: Value, visible: Value, values: Value) -> Value:
    m, best = masked(g, s, visible)
    return _mean(g, m.same(best) & visible, values)


def _mean(g: Graph, chosen: Value, values: Value) -> Value:
    count = g.node("Max", g.count(chosen, 1, keep=True), 1.0)
    return (g.float(chosen) @ values) / count


@attended.register
def _(rule: TopTwo, g: Graph, s: Value, visible: Value, values: Value) -> Value:
    m, best = masked(g, s, visible)
    j = g.row(g.arange(g.rows(values)))
    first = j.same(g.column(g.best(m, 1)))
    rest = g.where(first, -np.inf, m)
    second = j.same(g.column(g.best(rest, 1))) & (rest >= best - float(rule.within))
    return _mean(g, (first | second) & visible, values)


@attended.register
def _(rule: Softmax, g: Graph, s: Value, visible: Value, values: Value) -> Value:
    seen = g.count(visible, 1, keep=True)
    count = g.node("Max", seen, 1.0)
    sharpness = g.node("Log", count) * float(rule.log_growth) + float(rule.inverse_temperature)
    m, best = masked(g, s, visible)
    best = g.where(seen > 0.0, best, 0.0)
    weights = g.where(visible, g.node("Exp", (m - best) * sharpness), 0.0)
    total = g.reduce("Sum", weights, 1, keep=True)
    return (weights @ values) / g.node("Max", total, float(np.finfo(g.dtype).tiny))


@attended.register
def _(rule: Linear, g: Graph, s: Value, visible: Value, values: Value) -> Value:
    return g.where(visible, s, 0.0) @ values


@attended.register
def _(rule: Sum, g: Graph, s: Value, visible: Value, values: Value) -> Value:
    return g.float(visible) @ values


def seen(g: Graph, head: AttentionHead, i: Value, j: Value) -> Value:
    """Which of the rows j [1, m] the head sees from the rows i [n, 1]."""
    if not isinstance(head.visible, Past):
        return (i - j).same(i - j)
    latest = i - np.array(int(head.visible.strict), np.int64)
    past = j <= latest
    if head.visible.window is None:
        return past
    return past & (j > latest - np.array(head.visible.window, np.int64))


def attention(g: Graph, head: AttentionHead, x: Value, told: Value, ties: list[Value]) -> Value:
    """What the head adds for rows x [n, d_in], keys and values from the rows `told` [m, …]."""
    i, j = g.column(g.arange(g.rows(x))), g.row(g.arange(g.rows(told)))
    visible, values = seen(g, head, i, j), linear(told, head.W_V, head.b_V)
    if head.uniform:
        s = g.float(i - j) * 0.0
    else:
        keys = linear(told, head.W_K, head.b_K)
        s = scores(g, head.score, linear(x, head.W_Q, head.b_Q), keys)
    if isinstance(head.rule, Unique):
        m, best = masked(g, s, visible)
        ties.append(g.count(m.same(best) & visible, 1) > 1.0)
    return linear(attended(head.rule, g, s, visible, values), head.W_O)


def normalised(g: Graph, norm: Norm | None, x: Value) -> Value:
    """What a block reads of the stream x [n, d_model]."""
    if norm is None:
        return x
    v = x if norm.W is None else linear(x, norm.W, norm.b)
    v = v - g.reduce("Mean", v, 1, keep=True)
    total = g.reduce("Sum" if norm.unit else "Mean", v * v, 1, keep=True)
    spread = g.node("Sqrt", total + norm.eps)
    some = spread > 0.0
    return g.where(some, v / g.where(some, spread, 1.0), 0.0)


def mlp_out(g: Graph, mlp: MLP, x: Value) -> Value:
    """What the MLP adds to the stream."""
    pre = linear(x, mlp.W_in, mlp.b_in)
    if mlp.activation is Activation.relu:
        post = g.node("Relu", pre)
    elif mlp.activation is Activation.clipped:
        post = g.node("Clip", pre, 0.0, 1.0)
    elif mlp.activation is Activation.heaviside:
        post = g.float(pre > 0.0)
    else:
        post = g.node("Sigmoid", pre)
    if mlp.W_gate is not None:
        post = post * linear(x, mlp.W_gate, mlp.b_gate)
    return linear(post, mlp.W_out)


def block_pass(g: Graph, block: Block, x: Value, encoded: Value, ties: list[Value]) -> Value:
    """All rows [n, d_model] through one block; `ties` gathers where a Unique head met one."""
    read, mid = normalised(g, block.norm, x), x
    for head in block.heads:
        cross = isinstance(head.visible, Prefix)
        mid = mid + attention(g, head, read, encoded if cross else read, ties)
    read, out = normalised(g, block.norm, mid), mid
    for mlp in block.mlps:
        out = out + mlp_out(g, mlp, read)
    return out
