"""Where each head looks in the rows of a pass."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from tmsim.engine.transformer import AttentionHead
from tmsim.proofs.rules import Rightmost, Softmax
from tmsim.viz.attended import attended
from tmsim.viz.viewer.columns import shortest

MOST = 8
"""Of more rows that a head averages, the latest are named."""
FAINT = 1e-3
"""Rows of a smaller softmax weight are not named."""


class Look(NamedTuple):
    """What one row sees: `rows` (None: every visible one), of how many chosen, the best score, and
    by how much it beats the best row that was not chosen ("" where there is none)."""

    rows: tuple[int, ...] | None
    count: int
    score: str
    margin: str


def looks(head: AttentionHead, scores: np.ndarray) -> list[Look]:
    """A look for each query: scores [queries, rows], -inf where a row is not seen.

    The margin is that of a run's certificate: rows within a rule's slack count as chosen.
    """
    rule, seen = head.rule, np.isfinite(scores)
    chosen = attended(rule, scores)
    near = chosen
    if isinstance(rule, Rightmost):
        near = seen & (scores >= _best(scores)[:, None] - scores.dtype.type(float(rule.within)))
    if chosen is None:
        chosen = _weights(rule, scores) > FAINT if isinstance(rule, Softmax) else seen
    best = _best(scores)
    if near is None:
        margins: list[str] = [""] * len(scores)
    else:
        lowest = np.where(near, scores, np.inf).min(1, initial=np.inf)
        other = np.where(near, -np.inf, scores).max(1, initial=-np.inf)
        gap = np.where(np.isfinite(other), lowest - np.where(np.isfinite(other), other, 0), np.nan)
        margins = ["" if np.isnan(g) else shortest(g) for g in gap.astype(scores.dtype)]
    return [
        _look(c, s, b, m) for c, s, b, m in zip(chosen, seen, best, margins, strict=True)
    ]  # fmt: skip


def _look(chosen: np.ndarray, seen: np.ndarray, best: Any, margin: str) -> Look:
    rows = np.flatnonzero(chosen)
    score = shortest(best) if np.isfinite(best) else ""
    if len(rows) > MOST and len(rows) == seen.sum():
        return Look(None, len(rows), score, margin)
    return Look(tuple(rows[-MOST:].tolist()), len(rows), score, margin)


def _best(scores: np.ndarray) -> np.ndarray:
    return scores.max(1, initial=-np.inf)


def _weights(rule: Softmax, scores: np.ndarray) -> np.ndarray:
    seen = np.isfinite(scores)
    count = np.maximum(seen.sum(1, keepdims=True), 1)
    sharpness = float(rule.inverse_temperature) + float(rule.log_growth) * np.log(count)
    best = np.where(seen.any(1), _best(scores), 0)[:, None]
    unscaled = np.where(seen, np.exp(np.where(seen, scores - best, 0) * sharpness), 0)
    return unscaled / np.maximum(unscaled.sum(1, keepdims=True), np.finfo(float).tiny)
