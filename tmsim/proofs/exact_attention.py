"""Attention in exact arithmetic: from scores to the rows chosen, their weights and the gap."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from operator import mul
from typing import NamedTuple

from tmsim.proofs.exact_numbers import (
    Ball,
    Real,
    exponential,
    logarithm,
    quotient,
    reciprocal,
    tidy,
)
from tmsim.proofs.rules import (
    Average,
    ClippedDot,
    Dot,
    Leftmost,
    Linear,
    NegAbsDot,
    Past,
    Rightmost,
    Rule,
    Score,
    Softmax,
    Sum,
    TopTwo,
    Unique,
    Visibility,
)


class UnexpectedTie(ArithmeticError):
    """A head with the rule Unique has two rows of the greatest score."""


class Attended(NamedTuple):
    """What one head did on one row: the rows it read (counted from 0) and their weights.

    `gap` is the lowest chosen score minus the best score not chosen: by how much a hard choice
    holds. None where the rule does not choose, or chose all that it sees.
    """

    rows: tuple[int, ...]
    weights: tuple[Real, ...]
    gap: Real | None


def visible_rows(visible: Visibility, i: int, rows: int) -> range:
    """The rows, of `rows` in all, that row i sees."""
    if not isinstance(visible, Past):
        return range(rows)
    end = i if visible.strict else i + 1
    return range(0 if visible.window is None else max(0, end - visible.window), end)


def scores(score: Score, query: Sequence[Real], keys: Sequence[Sequence[Real]]) -> list[Real]:
    """The score of each key."""
    dots = [sum(map(mul, query, key)) for key in keys]
    match score:
        case Dot():
            found = dots
        case NegAbsDot():
            found = [-abs(dot) for dot in dots]
        case ClippedDot(at=at):
            found = [min(dot, at) for dot in dots]
        case _:
            raise ValueError(f"score {score}: expected Dot, NegAbsDot or ClippedDot")
    return found if score.decimals is None else [round(s, score.decimals) for s in found]


def chosen(rule: Rule, found: Sequence[Real]) -> list[int]:
    """The rows that a hard rule chooses by these scores, of which there is at least one.

    Raises UnexpectedTie when Unique meets two rows of the greatest score.

    >>> chosen(Average(), [0, 2, 1, 2])
    [1, 3]
    """
    best = max(found)
    match rule:
        case Unique():
            ties = [j for j, s in enumerate(found) if s == best]
            if len(ties) > 1:
                raise UnexpectedTie(f"rows {ties[0]} and {ties[1]} both score {best}")
            return ties
        case Leftmost():
            return [next(j for j, s in enumerate(found) if s == best)]
        case Rightmost(within=within):
            enough = best - within
            return [next(j for j in range(len(found) - 1, -1, -1) if found[j] >= enough)]
        case Average():
            return [j for j, s in enumerate(found) if s == best]
        case TopTwo(within=within):
            first = next(j for j, s in enumerate(found) if s == best)
            others = [j for j in range(len(found)) if j != first]
            if not others:
                return [first]
            second = max(others, key=found.__getitem__)  # the earlier of equals
            return sorted((first, second)) if best - found[second] <= within else [first]
        case _:
            raise ValueError(f"rule {rule} does not choose rows")


def weights(rule: Rule, found: Sequence[Real]) -> list[Real]:
    """The weights that a rule which takes all rows gives them."""
    match rule:
        case Softmax(inverse_temperature=sharpness, log_growth=growth):
            known = not any(isinstance(s, Ball) for s in found)
            if known and all(s == found[0] for s in found):  # equal scores need no exponential
                return [quotient(1, len(found))] * len(found)
            if growth:
                sharpness = sharpness + growth * logarithm(len(found))
            powers = [exponential(sharpness * (s - found[0])) for s in found]
            share = reciprocal(sum(powers))
            return [power * share for power in powers]
        case Linear():
            return list(found)
        case Sum():
            return [1] * len(found)
        case _:
            raise ValueError(f"rule {rule} weighs no rows")


def attend(
    rule: Rule, found: Sequence[Real], values: Sequence[Sequence[Real]], start: int
) -> tuple[list[Real], Attended]:
    """What the rule reads from `values` by these scores; row `start` is the first of them."""
    if isinstance(rule, (Softmax, Linear, Sum)):
        shares = weights(rule, found)
        columns = zip(*values, strict=True)
        read = [tidy(sum(map(mul, shares, column))) for column in columns]
        return read, Attended(tuple(range(start, start + len(found))), tuple(shares), None)
    rows = chosen(rule, found)
    if len(rows) == 1:
        return list(values[rows[0]]), Attended((start + rows[0],), (1,), _gap(found, rows))
    columns = zip(*(values[j] for j in rows), strict=True)
    read = [quotient(sum(column), len(rows)) for column in columns]
    shares = (Fraction(1, len(rows)),) * len(rows)
    return read, Attended(tuple(start + j for j in rows), shares, _gap(found, rows))


def _gap(found: Sequence[Real], rows: Sequence[int]) -> Real | None:
    taken = set(rows)
    others = [s for j, s in enumerate(found) if j not in taken]
    return min(found[j] for j in rows) - max(others) if others else None
