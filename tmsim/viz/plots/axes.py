"""What the plots share: axes to draw on, colours that the colour-blind tell apart, labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tmsim.export.needs import needed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK, MARK = "#222222", "#D55E00"
PALETTE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442")
"""M. Okabe and K. Ito, Color Universal Design, 2008; black is kept for lines."""
SCALAR, SIGNED = "cividis", "PuOr"
MOST_LABELS = 60


def axes(ax: Axes | None, width: float = 7, height: float = 4.5) -> Axes:
    """The axes given, or those of a new figure of that size in inches.

    Raises ValueError where matplotlib is not installed.
    """
    if ax is not None:
        return ax
    return needed("matplotlib.pyplot", "viz").subplots(
        figsize=(width, height), layout="constrained"
    )[1]


def colours(count: int) -> list[Any]:
    """So many colours: the palette, or where it is too short even steps of cividis.

    >>> colours(2)
    ['#0072B2', '#E69F00']
    """
    if count <= len(PALETTE):
        return list(PALETTE[:count])
    scale = needed("matplotlib", "viz").colormaps[SCALAR]
    return [scale(0.1 + 0.9 * i / (count - 1)) for i in range(count)]


def key(ax: Axes, shown: Mapping[str, Any], title: str | None = None) -> None:
    """A legend beside the axes: a name for each artist."""
    ax.legend(
        list(shown.values()), list(shown), title=title, loc="upper left", bbox_to_anchor=(1.01, 1),
        borderaxespad=0, frameon=False, fontsize="small", ncols=-(-len(shown) // 24),
    )  # fmt: skip


def whole_ticks(*several: Any) -> None:
    """Ticks of these axes at whole numbers only, which are written out."""
    for axis in several:
        axis.get_major_locator().set_params(integer=True)
        axis.set_major_formatter("{x:,.0f}")


def name_ticks(axis: Any, names: Sequence[str]) -> None:
    """A name at each place 0, 1, …; of more than 60 names only every second, third, …"""
    apart = -(-len(names) // MOST_LABELS)
    axis.set_ticks(range(0, len(names), apart), names[::apart], fontsize="x-small")
    axis.set_tick_params(length=0)
