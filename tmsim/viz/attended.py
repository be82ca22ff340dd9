"""Which rows a hard rule chooses, read off the scores that were captured."""

from __future__ import annotations

import numpy as np

from tmsim.proofs.rules import Average, Leftmost, Rightmost, Rule, TopTwo, Unique


def attended(rule: Rule, scores: np.ndarray) -> np.ndarray | None:
    """scores [queries, rows], -inf where a row is not seen -> bool [queries, rows].

    None for the rules that take a part of every row: softmax, linear and sum.

    >>> attended(Rightmost(), np.array([[3.0, -np.inf, -np.inf], [2.0, 5.0, 5.0]])).astype(int)
    array([[1, 0, 0],
           [0, 0, 1]])
    """
    place, best = np.arange(scores.shape[1]), scores.max(1, keepdims=True, initial=-np.inf)
    seen = np.isfinite(best)
    match rule:
        case Unique() | Leftmost():
            return (place == scores.argmax(1)[:, None]) & seen
        case Rightmost(within=within):
            near = scores >= best - float(within)
            last = near.shape[1] - 1 - near[:, ::-1].argmax(1)
            return (place == last[:, None]) & seen
        case Average():
            return (scores == best) & seen
        case TopTwo(within=within):
            first = (place == scores.argmax(1)[:, None]) & seen
            rest = np.where(first, -np.inf, scores)
            second = (place == rest.argmax(1)[:, None]) & (rest >= best - float(within))
            return first | (second & np.isfinite(rest))
    return None
