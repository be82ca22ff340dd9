"""Where each construction's arithmetic ends, as it was measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tmsim import catalogue
from tmsim.measure import findings
from tmsim.viz.plots.axes import PALETTE, axes, key

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Measured = Mapping[str, Mapping[str, Mapping[str, Sequence[Any]]]]
"""construction -> number format -> path -> [first wrong step or None, steps tried]."""
DTYPES = {"float64": "s", "float32": "o", "bfloat16": "D", "float16": "^"}


def horizons(measured: Measured | None = None, *, ax: Axes | None = None) -> Axes:
    """Draw the first wrong step of each construction, number format and path.

    `measured` is by default what is kept beside the constructions (see ``tmsim measure``). A filled
    mark is the first wrong step on a path, a hollow one the steps tried on a path without any: the
    horizon lies beyond it, at an unknown distance. Stops that end a run where its precision ends
    were off.

    Raises ValueError where nothing was measured, for an unknown number format, and where matplotlib
    is not installed.

    >>> ax = horizons({"mine": {"float16": {"sweeper": [40, 500], "bb5": [None, 500]}}})
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['mine']
    """
    measured = stored() if measured is None else measured
    if not measured:
        raise ValueError("horizons: nothing was measured; expected at least one construction")
    for name, formats in measured.items():
        for dtype in formats:
            if dtype not in DTYPES:
                raise ValueError(f"{name}: format {dtype!r}; expected one of {', '.join(DTYPES)}")
    ax = axes(ax, 8, 1.2 + 0.6 * len(measured))
    colours = dict(zip(DTYPES, PALETTE, strict=False))
    for y, formats in enumerate(measured.values()):
        for lane, (dtype, mark) in enumerate(DTYPES.items()):
            paths = formats.get(dtype, {}).values()
            wrong = [first for first, _ in paths if first is not None]
            right = sorted({tried for first, tried in paths if first is None})
            at, style = y + (lane - 1.5) * 0.19, {"marker": mark, "s": 28, "clip_on": False}
            ax.scatter(wrong, [at] * len(wrong), color=colours[dtype], zorder=3, **style)
            ax.scatter(right, [at] * len(right), facecolors="none", edgecolors=colours[dtype],
                       zorder=3, **style)  # fmt: skip
        if y:
            ax.axhline(y - 0.5, color="#CCCCCC", linewidth=0.8)
    ax.set_yticks(range(len(measured)), list(measured))
    ax.set(xscale="log", ylim=(len(measured) - 0.5, -0.5), xlabel="step")
    ax.grid(axis="x", color="#EEEEEE")
    ax.set_axisbelow(True)
    found = {
        dtype: ax.scatter([], [], marker=mark, color=colours[dtype])
        for dtype, mark in DTYPES.items()
    }
    hollow = ax.scatter([], [], facecolors="none", edgecolors="#555555")
    filled = ax.scatter([], [], color="#555555")
    key(ax, found | {"first wrong step": filled, "none in so many": hollow})
    return ax


def stored() -> Measured:
    """What was measured of the catalogue's constructions and is kept beside them."""
    kept = {name: findings.stored(name) for name in catalogue.names()}
    return {name: found.horizons for name, found in kept.items() if found and found.horizons}
