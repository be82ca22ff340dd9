"""The residual stream as named registers, over the rows of a run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tmsim.export.rebuilding import rebuilt
from tmsim.simulation import Simulation
from tmsim.viz.matrices import coordinates
from tmsim.viz.plots.activations import captured
from tmsim.viz.plots.axes import INK, SIGNED, axes, name_ticks, whole_ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def registers(
    run: Simulation,
    at: str,
    names: Sequence[str] | None = None,
    *,
    at_pass: int = -1,
    ax: Axes | None = None,
) -> Axes:
    """Draw the registers `names` (default: all that are not zero) at a moment of the forward pass.

    at: an activation that the run captured, as in ``"blocks.2.resid_post"``. Rows of the context go
    to the right, coordinates downwards. Each register has a scale of its own, from minus its
    greatest magnitude to plus that; where it is not 1, it stands at the right.

    Of a loop `at_pass` is drawn (default: the last). Raises ValueError naming a register that the
    stream lacks, an activation that was not captured, and where matplotlib is not installed.

    >>> import tmsim
    >>> run = tmsim.simulate("bb3", activations=("blocks.2.resid_post",))
    >>> ax = registers(run, "blocks.2.resid_post", ["state", "next_state", "here[0]"])
    >>> [label.get_text() for label in ax.get_yticklabels()][-1]
    'here[0]'
    """
    values = captured(run, at, at_pass)
    spans = {span.name: span for span in rebuilt(run).weights.registers}
    for name in names or ():
        if name not in spans:
            raise ValueError(f"register {name!r}: expected one of {', '.join(spans)}")
    if names is None:
        names = [name for name, s in spans.items() if values[:, s.start : s.stop].any()]
    drawn = [spans[name] for name in names]
    parts = [values[:, s.start : s.stop].T for s in drawn]
    scales = [float(np.abs(part).max(initial=0)) for part in parts]
    scaled = [p / (scale or 1) for p, scale in zip(parts, scales, strict=True)]
    ax = axes(ax, 8, 1 + 0.16 * sum(map(len, parts)))
    image = ax.imshow(np.vstack(scaled), SIGNED, vmin=-1, vmax=1, aspect="auto",
                      interpolation="nearest")  # fmt: skip
    name_ticks(ax.yaxis, coordinates(drawn))
    ends = np.cumsum([len(part) for part in parts])
    for end, part, scale in zip(ends, parts, scales, strict=True):
        ax.axhline(end - 0.5, color=INK, linewidth=0.6)
        if scale not in (0, 1):
            middle = end - 0.5 - len(part) / 2
            ax.text(1.01, middle, f"±{scale:.4g}", transform=ax.get_yaxis_transform(),
                    va="center", fontsize="x-small")  # fmt: skip
    bar = ax.figure.colorbar(image, ax=ax, ticks=[-1, 0, 1], pad=0.08, aspect=30)
    bar.set_label("over the register's greatest magnitude")
    ax.set(xlabel="row", title=at)
    whole_ticks(ax.xaxis)
    return ax
