"""A layer's matrix, with the registers that it reads or writes named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tmsim.emulation import Emulation
from tmsim.engine.transformer import Transformer
from tmsim.simulation import Simulation
from tmsim.viz.matrices import matrices, weights_of
from tmsim.viz.plots.axes import INK, SIGNED, axes, name_ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_NUMBERS = 400


def weights(
    source: Transformer | Simulation | Emulation, name: str, *, ax: Axes | None = None
) -> Axes:
    """Draw the matrix called `name`, as in ``"blocks.2.mlp.0.W_in"``: registers downwards.

    `source` is a transformer, or the run that one made. Coordinates without a weight are left out
    (their number is told); the last row is the bias, where there is one. In a small matrix every
    weight that is not 0 is written out.

    Raises ValueError naming a matrix that there is not, and where matplotlib is not installed.

    >>> import tmsim
    >>> ax = weights(tmsim.simulate("bb3"), "blocks.2.attn.latest[0].W_K")
    >>> [label.get_text() for label in ax.get_yticklabels()][:2]
    ['null', 'moved[0][0]']
    """
    found = matrices(weights_of(source))
    if name not in found:
        raise ValueError(f"matrix {name!r}: expected one of {', '.join(found)}")
    whole = found[name]
    if whole.column_axis == "register":
        whole = whole.T
    kept = whole.without_zero_rows()
    values = kept.values
    if not values.size:
        raise ValueError(f"matrix {name!r} holds no weight other than 0: nothing to draw")
    ax = axes(ax, 3.6 + 0.3 * min(values.shape[1], 30), 1.5 + 0.22 * min(len(values), 60))
    most = float(np.abs(values[np.isfinite(values)]).max(initial=0)) or 1.0
    image = ax.imshow(values, SIGNED, vmin=-most, vmax=most, aspect="auto", interpolation="nearest")
    ax.figure.colorbar(image, ax=ax, label="weight")
    if values.size <= MOST_NUMBERS:
        for i, j in np.argwhere(values):
            dark = abs(values[i, j]) > 0.6 * most
            ax.text(j, i, f"{values[i, j]:.3g}", ha="center", va="center",
                    color="white" if dark else INK, fontsize="x-small")  # fmt: skip
    name_ticks(ax.yaxis, kept.rows)
    name_ticks(ax.xaxis, kept.columns)
    if max(map(len, kept.columns)) > 3:
        ax.tick_params(axis="x", labelrotation=90)
    left_out = len(whole.rows) - len(kept.rows)
    told = f"\n({left_out} {kept.row_axis}s without a weight left out)" if left_out else ""
    ax.set(xlabel=f"{kept.column_axis}{told}", ylabel=kept.row_axis)
    ax.set_title(name, fontsize="medium")
    return ax
