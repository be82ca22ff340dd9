"""What the experiments on text share: the induction head's weights, run on many prompts."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
from numpy.typing import NDArray

from tmsim.catalogue import find
from tmsim.elicit.base import next_token
from tmsim.elicit.experiments.result import Row
from tmsim.elicit.measure import Distances
from tmsim.elicit.prompts import Selection, text_prompt

BASE = "olsson_2022"


def weights(prompts: Any, V: int, m: int) -> NDArray[np.float32]:
    """The transformer's readout [trials, V] after prompts [trials, n] in the prompts' format.

    No context ever follows a context, so the readouts of the m contexts' symbols are 0.
    """
    return next_token(find(BASE), np.stack(prompts), V + m, order=1, answers=V)[:, :V]


def selected(
    key: Any, selection: Selection, data: Any, query: int, V: int, m: int
) -> list[NDArray[np.int64]]:
    """A prompt for each trial: what the selection shows of data = [(contexts, tokens), ...]."""
    prompts = []
    for (contexts, tokens), own in zip(data, jax.random.split(key, len(data)), strict=True):
        shown = selection.indices(contexts, query, own)
        prompts.append(text_prompt(contexts[shown], tokens[shown], query, V, m))
    return prompts


def row(found: Distances, expected: float, **varied: Any) -> Row:
    """One figure: what was varied, what was expected, and the mean distance with its interval."""
    interval = found.interval()
    told: Row = {**varied, "n": found.n, "trials": len(found.tv)}
    told |= {"target": found.target.name, "readout": found.readout.name, "expected": expected}
    return told | {"measured": found.mean, "interval": (interval.low, interval.high)}


def slope(x: Any, y: Any) -> float:
    """The slope of ln y against ln x, by least squares.

    >>> round(slope([1, 10, 100], [5, 50, 500]), 9)
    1.0
    """
    return float(np.polyfit(np.log(x), np.log(y), 1)[0])
