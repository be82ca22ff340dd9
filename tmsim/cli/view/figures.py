"""An experiment's figure, drawn."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tmsim.cli.view.plot import pyplot

if TYPE_CHECKING:
    from tmsim.elicit.experiments import Figure


def draw(figure: Figure, title: str, path: Path) -> None:
    """Write the figure to `path`, whose ending is the format's: points with their intervals, and
    lines where a curve is a formula."""
    plot = pyplot()
    drawn, axes = plot.subplots(figsize=(7, 4.5), layout="constrained")
    for curve in figure.curves:
        if curve.line:
            axes.plot(curve.x, curve.y, "--", label=curve.label)
            continue
        ends = None
        if curve.low is not None and curve.high is not None:
            below = [max(0.0, y - low) for y, low in zip(curve.y, curve.low, strict=True)]
            above = [max(0.0, high - y) for y, high in zip(curve.y, curve.high, strict=True)]
            ends = [below, above]
        axes.errorbar(curve.x, curve.y, ends, fmt="o", capsize=3, label=curve.label)
    axes.set(xlabel=figure.x_label, ylabel=figure.y_label, title=title)
    axes.set_xscale("log" if figure.log_x else "linear")
    axes.set_yscale("log" if figure.log_y else "linear")
    axes.legend(fontsize="small")
    drawn.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)
    plot.close(drawn)
