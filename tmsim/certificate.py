"""How safe a run's choices were: score gaps, ties and logit margins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any


@dataclass(frozen=True)
class Certificate:
    """Over all rows of a run, per head.

    gaps: the smallest lead of the chosen rows' lowest score over the best other row's. Where a
    last-write table stands in for the rows, over the null row's, the runner-up by the proof. None
    where a head never had another row to choose, or chooses softly.
    ties: how many rows chose among several rows of the greatest score.
    logit_margin: the smallest lead of a chosen token's factor over the next; None without tokens.
    """

    gaps: dict[str, float | None]
    ties: dict[str, int]
    logit_margin: float | None

    @classmethod
    def of(cls, heads: Sequence[str], gap: Any, ties: Any, logit: Any) -> Certificate:
        return cls(
            {name: _finite(g) for name, g in zip(heads, gap, strict=True)},
            {name: int(n) for name, n in zip(heads, ties, strict=True)},
            _finite(logit),
        )

    @property
    def smallest_gap(self) -> float | None:
        return min((gap for gap in self.gaps.values() if gap is not None), default=None)

    def __str__(self) -> str:
        gap, logit = self.smallest_gap, self.logit_margin
        shown = ["no scores compared" if gap is None else f"smallest score gap {gap:g}"]
        shown.append(f"{sum(self.ties.values())} ties")
        if logit is not None:
            shown.append(f"smallest logit margin {logit:g}")
        return ", ".join(shown)


def _finite(value: Any) -> float | None:
    return float(value) if isfinite(float(value)) else None
