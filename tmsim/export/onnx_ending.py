"""What follows from the final stream, as ONNX nodes: the token, the row fed back, the outcome."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tmsim.engine.transformer import OUTCOMES, RUNNING, Span, Transformer
from tmsim.export.onnx_layers import linear
from tmsim.export.onnx_nodes import Graph, Value
from tmsim.outcome import Outcome


class Ending(NamedTuple):
    """token [emits] int64; next [1, d_model], in a loop all rows; outcome [] int64."""

    token: Value
    next: Value
    outcome: Value


def ending(g: Graph, t: Transformer, x: Value, ties: list[Value]) -> Ending:
    """From the final stream x [n, d_model] of all rows; a decoder's last row decides."""
    whole = t.feedback == "loop"
    rows = x if whole else g.row(g.last(x))
    code = stopped(g, t, rows)
    for tied in ties:
        # A loop reports a tie in any row, a decoder in the row that it runs.
        here = g.reduce("Max", g.float(tied), 0) if whole else g.float(g.last(tied))
        code = _else(g, code, here > 0.5, Outcome.unexpected_tie)
    if whole:
        assert t.W_active is not None and t.b_active is not None
        form = linear(rows, np.asarray(t.W_active)[:, None], np.asarray(t.b_active))
        active = g.node("Squeeze", form, np.array([1], np.int64)) > 0.5
        one = g.count(active, 0).same(1.0)
        recorded = g.node("Gather", rows, g.best(g.float(active), 0), axis=0)
        following, legible = next_vector(g, t, rows)
        legible = legible & one
    else:
        recorded = g.last(rows)
        feed = next_token if t.feedback == "token" else next_vector
        following, legible = feed(g, t, rows)
    code = _else(g, code, ~legible, Outcome.illegible)
    token = [g.row(_integer(g, span, recorded)) for span in t.emits]
    return Ending(g.node("Concat", *token, axis=0), following, code)


def _else(g: Graph, code: Value, fires: Value, outcome: Outcome) -> Value:
    """The code, or the outcome's if the run goes on and it fires."""
    running = code.same(np.array(RUNNING, np.int64))
    return g.where(running & fires, np.array(OUTCOMES.index(outcome), np.int64), code)


def stopped(g: Graph, t: Transformer, rows: Value) -> Value:
    """The first stop that fires on any of the rows [n, d_model]."""
    code = g.node("Identity", np.array(RUNNING, np.int64))
    form = linear(rows, t.W_stop, t.b_stop) if t.stops else None
    for j, (outcome, kind, limit) in reversed(list(enumerate(t.stops))):
        assert form is not None
        v = g.columns(form, j, j + 1)
        v = g.node("Abs", v) if kind == "beyond" else v
        fires = g.node("ReduceMax", g.float(v > limit), keepdims=0) > 0.5
        code = g.where(fires, np.array(OUTCOMES.index(outcome), np.int64), code)
    return code


def _integer(g: Graph, span: Span, row: Value) -> Value:
    """The register of the final row [d_model] as an integer."""
    value = g.columns(row, span.start, span.stop)
    if span.kind == "one_hot":
        there = g.node("ReduceMax", value, keepdims=0) > 0.5
        return g.where(there, g.best(value, 0), np.array(-1, np.int64))
    if span.kind in ("bits", "code"):
        place = 2 ** np.arange(span.stop - span.start, dtype=np.int64)
        return g.node("ReduceSum", g.whole(value > 0.5) * place, keepdims=0)
    return g.whole(g.node("ReduceSum", g.node("Round", value), keepdims=0))


def next_token(g: Graph, t: Transformer, rows: Value) -> tuple[Value, Value]:
    """The greatest token's embedding [1, d_model], and whether each factor stands out by 1/2."""
    row, legible = None, None
    for W_E, W_U in zip(t.W_E, t.W_U, strict=True):
        logits = linear(rows, W_U)
        best = g.best(logits, 1)
        here = g.column(best).same(np.arange(W_E.shape[0], dtype=np.int64)[None])
        greatest = g.node("ReduceMax", logits, keepdims=0)
        others = g.node("ReduceMax", g.where(here, -np.inf, logits), keepdims=0)
        clear = greatest - others >= 0.5
        legible = clear if legible is None else legible & clear
        embedded = g.node("Gather", np.asarray(W_E), best, axis=0)
        row = embedded if row is None else row + embedded
    assert row is not None and legible is not None
    return row, legible


def next_vector(g: Graph, t: Transformer, rows: Value) -> tuple[Value, Value]:
    """The carried registers in their new places [n, d_model], and whether all are legible."""
    row, good = rows * 0.0, None
    for source, target in t.carry:
        value = g.columns(rows, source.start, source.stop)
        fine = _legible(g, source, value)
        good = fine if good is None else good & fine
        into = np.eye(t.d_model, dtype=g.dtype)[target.start : target.stop]
        row = row + value @ into
    if good is None:
        good = g.node("Identity", np.array(True))
    return row, good


def _legible(g: Graph, span: Span, value: Value) -> Value:
    """Does the register hold one of its values exactly, in every row of value [n, size]?"""
    if span.kind in ("one_hot", "bits", "flag"):
        digits = value.same(0.0) | value.same(1.0)
    elif span.kind == "code":
        digits = value.same(-1.0) | value.same(1.0)
    else:
        digits = (value - value).same(0.0)
    if span.kind == "one_hot":
        digits = digits & (g.reduce("Sum", value, 1, keep=True) <= 1.0)
    return g.node("ReduceMin", g.float(digits), keepdims=0) > 0.5
