"""Where a head looks: the map of its scores, and the rows that its rule chooses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tmsim.export.rebuilding import rebuilt
from tmsim.generating import unique
from tmsim.proofs.rules import Rule
from tmsim.simulation import Simulation
from tmsim.viz.attended import attended
from tmsim.viz.plots.activations import captured, pooled
from tmsim.viz.plots.axes import MARK, SCALAR, axes, whole_ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def attention(
    run: Simulation, head: str, *, at_pass: int = -1, pixels: int = 600, ax: Axes | None = None
) -> Axes:
    """Draw the scores of a head that the run captured: query rows downwards, key rows to the right.

    head: as in ``"blocks.2.attn.latest[0]"``; the run needs its activation ``….pattern``. A dot is
    a row that the head's rule chooses (every one of an average's), white a row that it does not
    see. Of more than `pixels` rows a pixel shows the greatest score of its block. Of a loop
    `at_pass` is drawn (default: the last).

    Raises ValueError naming the activation that the run did not capture, and where matplotlib is
    not installed.

    >>> import tmsim
    >>> name = "blocks.2.attn.latest[0]"
    >>> ax = attention(tmsim.simulate("bb3", activations=(f"{name}.pattern",)), name)
    >>> ax.get_title()
    'blocks.2.attn.latest[0], rightmost:1/2'
    """
    scores = captured(run, f"{head}.pattern", at_pass)
    rule = rule_of(run, head)
    chosen = attended(rule, scores)
    ax, count = axes(ax, 6, 5), scores.shape
    shown = np.ma.masked_invalid(pooled(scores, pixels))
    extent = (-0.5, count[1] - 0.5, count[0] - 0.5, -0.5)
    image = ax.imshow(shown, SCALAR, extent=extent, aspect="auto", interpolation="nearest")
    ax.figure.colorbar(image, ax=ax, label="score")
    if chosen is not None and chosen.any():
        query, row = np.nonzero(chosen)
        size = max(min(40, 2000 / max(count)), 2)
        dots = ax.scatter(row, query, s=size, color=MARK, edgecolors="white", linewidths=size / 40)
        ax.legend([dots], ["chosen"], loc="upper right", framealpha=1, fontsize="small")
    ax.set(xlabel="row attended to", ylabel="row", title=f"{head}, {rule}")
    ax.set(xlim=extent[:2], ylim=extent[2:])
    whole_ticks(ax.xaxis, ax.yaxis)
    return ax


def rule_of(run: Simulation, head: str) -> Rule:
    """The attention rule of the head called so."""
    t = rebuilt(run).weights
    rules = {
        f"{stack}.{i}.attn.{name}": found.rule
        for stack, blocks in (("blocks", t.blocks), ("encoder", t.encoder))
        for i, block in enumerate(blocks)
        for name, found in zip(unique([h.name for h in block.heads]), block.heads, strict=True)
    }
    if head not in rules:
        raise ValueError(f"head {head!r}: expected one of {', '.join(rules)}")
    return rules[head]
