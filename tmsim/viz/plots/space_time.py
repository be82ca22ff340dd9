"""The space-time diagram of a run: cells from left to right, time downwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tmsim.export.needs import needed
from tmsim.machines import Configuration, initial
from tmsim.simulation import Simulation
from tmsim.trace import Trace
from tmsim.viz.downsample import Blocks, blocks
from tmsim.viz.plots.axes import MARK, axes, colours, key, whole_ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BLANK, UNKNOWN = "#F2F2F2", "#000000"
SPANS = 50
"""Of a run too long for a line, the head's reach is drawn over so many parts: sweeps to and fro,
each longer than a row, would fill the diagram."""


def space_time(
    run: Simulation | Trace,
    start: Configuration | None = None,
    *,
    tape: int = 0,
    head: bool = True,
    pixels: tuple[int, int] = (600, 600),
    ax: Axes | None = None,
) -> Axes:
    """Draw tape number `tape` (from 0) over all configurations of a run, the start included.

    A run of any length is drawn in at most `pixels` (rows, columns). Each stands for a block of
    consecutive configurations and adjacent cells, and has the exact mean of their symbols' colours:
    between white and blue it tells the fraction of marked cells. The line is the head; where rows
    stand for several configurations, two lines are its smallest and its greatest position in each
    of 50 parts of the run.

    A :class:`Simulation` knows where it began; a :class:`Trace` begins in `start`, by default with
    blank tapes. Raises ValueError for a tape that the machine lacks, for sizes below 1, for a run
    that did not keep all of its steps, and where matplotlib is not installed.

    >>> import tmsim
    >>> ax = space_time(tmsim.simulate("bb4"))
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('cell', 'step')
    """
    trace = run.trace.part(0, run.steps) if isinstance(run, Simulation) else run
    machine = trace.machine
    if not 0 <= tape < machine.tapes:
        raise ValueError(f"space_time: tape {tape}; expected 0 … {machine.tapes - 1}")
    if min(pixels) < 1:
        raise ValueError(f"space_time: pixels {pixels}; expected two numbers of 1 or more")
    if isinstance(run, Simulation):
        start = initial(machine, run.tapes, run.heads)
    elif start is None:
        start = initial(machine, (), [int(x) for x in trace.head[:, 0]] if len(trace) else None)
    to_rgb = needed("matplotlib.colors", "viz").to_rgb
    marked = [a for a in machine.symbols if a != machine.blank]
    shown = dict(zip(marked, colours(len(marked)), strict=True)) | {machine.blank: BLANK}
    values = np.array([to_rgb(shown[a]) for a in machine.symbols] + [to_rgb(UNKNOWN)])
    found = blocks(trace, start, values, tape, *pixels)
    ax = axes(ax)
    left, right = found.cells[0] - 0.5, found.cells[-1] - 0.5
    bottom, top = found.times[-1] - 0.5, found.times[0] - 0.5
    ax.imshow(_enlarged(found.mean), extent=(left, right, bottom, top), aspect="auto")
    lines = _heads(ax, found) if head else {}
    ax.set(xlabel="cell", ylabel="step", xlim=(left, right), ylim=(bottom, top))
    whole_ticks(ax.xaxis, ax.yaxis)
    patch = needed("matplotlib.patches", "viz").Patch
    symbols = {str(a): patch(facecolor=shown[a], edgecolor="#999999") for a in machine.symbols}
    if ((trace.write[tape] < 0) | (trace.write[tape] >= len(machine.symbols))).any():
        symbols["no symbol"] = patch(facecolor=UNKNOWN)
    key(ax, symbols | lines)
    return ax


def _enlarged(image: np.ndarray, least: int = 600) -> np.ndarray:
    """Each pixel repeated, so that what matplotlib smooths is finer than the screen.

    Rounding may leave a mean of colours just outside [0, 1].
    """
    for axis in (0, 1):
        image = np.repeat(image, -(-least // image.shape[axis]), axis)
    return np.clip(image, 0, 1)


def _heads(ax: Axes, found: Blocks) -> dict[str, Any]:
    """The head's line, or the two between which it stayed; of many rows in turn several as one."""
    style: dict[str, Any] = {"color": MARK, "linewidth": 1.2}
    if (found.low == found.high).all():
        middle = (found.times[:-1] + found.times[1:] - 1) / 2
        return {"head": ax.plot(found.low, middle, **style)[0]}
    count = len(found.low)
    first = np.arange(min(count, SPANS)) * count // min(count, SPANS)
    ends = np.append(found.times[first], found.times[-1]) - 0.5
    low, high = np.minimum.reduceat(found.low, first), np.maximum.reduceat(found.high, first)
    for extreme in (low, high):
        [line] = ax.plot(np.repeat(extreme, 2), np.repeat(ends, 2)[1:-1], **style)
    return {"head, at most\nand at least": line}
