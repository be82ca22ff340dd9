"""Curves of bounds with what was measured: the figure of an elicitation experiment."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import cycle
from typing import TYPE_CHECKING, Any

import numpy as np

from tmsim.export.needs import needed
from tmsim.viz.plots.axes import PALETTE, axes, key

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from tmsim.elicit.experiments import Figure

MARKS, DASHES = "osD^vP*X", ("--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)))


def bounds(figure: Figure | Mapping[str, Any], *, ax: Axes | None = None) -> Axes:
    """Draw formulas as lines and what was measured as points with their intervals.

    `figure` is an experiment's (``result.figure``), or the same as JSON: an entry ``"figure"`` of
    the record that ``tmsim experiment --page`` keeps. A line and points of one name, but for what
    stands behind a comma in it, have one colour.

    Raises ValueError for a figure without curves, and where matplotlib is not installed.

    >>> points = {"label": "measured", "x": [2, 4], "y": [90, 130], "line": False}
    >>> line = {"label": "V/ε²", "x": [2, 4], "y": [200, 400], "line": True}
    >>> ax = bounds({"x_label": "V", "y_label": "examples", "curves": [points, line],
    ...              "log_x": True, "log_y": True})
    >>> ax.get_xscale(), [text.get_text() for text in ax.get_legend().get_texts()]
    ('log', ['measured', 'V/ε²'])
    """
    told = dict(figure) if isinstance(figure, Mapping) else vars(figure)
    curves = [c if isinstance(c, Mapping) else vars(c) for c in told["curves"]]
    if not curves:
        raise ValueError("bounds: a figure without curves; expected one or more")
    ax = axes(ax, 8.5)
    families = list(dict.fromkeys(_family(c["label"]) for c in curves))
    colours = dict(zip(families, cycle(PALETTE)))
    marks = dict(zip(families, cycle(MARKS)))
    dashes = dict(zip(families, cycle(DASHES)))
    shown = {}
    for curve in curves:
        family, x, y = _family(curve["label"]), curve["x"], np.asarray(curve["y"], float)
        style: dict[str, Any] = {"color": colours[family]}
        if curve["line"]:
            [shown[curve["label"]]] = ax.plot(x, y, linestyle=dashes[family], **style)
            continue
        ends = None
        if curve.get("low") is not None and curve.get("high") is not None:
            low, high = np.asarray(curve["low"], float), np.asarray(curve["high"], float)
            # An estimate may lie outside its interval, as a median next to bootstrapped ends does.
            ends = np.maximum([y - low, high - y], 0)
        shown[curve["label"]] = ax.errorbar(
            x, y, ends, fmt=marks[family], capsize=3, markersize=5, **style
        )
    ax.set(xlabel=told["x_label"], ylabel=told["y_label"])
    for axis, logarithmic in ((ax.xaxis, told.get("log_x")), (ax.yaxis, told.get("log_y"))):
        if logarithmic:
            _logarithmic(axis)
    key(ax, shown)
    return ax


def _logarithmic(axis: Any) -> None:
    """A scale of powers of ten; where it spans few of them, 2 and 5 times these have numbers too.

    (matplotlib would number 2, 3, 4, 6 of a short axis, one over the other.)
    """
    ticker = needed("matplotlib.ticker", "viz")
    getattr(axis.axes, f"set_{axis.axis_name}scale")("log")
    low, high = axis.get_view_interval()
    if high < 300 * low:
        axis.set_major_locator(ticker.LogLocator(10, subs=(1, 2, 5)))
        axis.set_major_formatter(ticker.FuncFormatter(lambda x, _: f"{x:,.10g}"))
    axis.set_minor_formatter(ticker.NullFormatter())


def _family(label: str) -> str:
    return label.partition(",")[0]
