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
    drawn, axes = plot.subplots(figsize=(8.5, 4.5), layout="constrained")
    from tmsim.viz import bounds

    bounds(figure, ax=axes).set_title(title)
    drawn.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)
    plot.close(drawn)
