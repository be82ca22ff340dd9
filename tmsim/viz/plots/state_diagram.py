"""A machine's states on a circle, its transitions as arrows between them."""

from __future__ import annotations

from collections.abc import Mapping
from math import cos, pi, sin
from typing import TYPE_CHECKING, Any

from tmsim.export.needs import needed
from tmsim.machines import TuringMachine
from tmsim.machines.indexed import index_of
from tmsim.viz.layout import Arc, Box, Point, arcs, around, placed
from tmsim.viz.plots.axes import INK, PALETTE, axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NODE = 0.17  # radius of a state; the circle that they stand on has radius 1
WIDE, HIGH = 1.75, 1.6  # what is seen: ± so much
POINTS = 8.5  # size of a label's letters
ARROW: dict[str, Any] = {"arrowstyle": "-|>", "mutation_scale": 13, "linewidth": 1.1}
BOX: dict[str, Any] = {"boxstyle": "round,pad=0.1", "facecolor": "white", "edgecolor": "none"}


def state_diagram(machine: TuringMachine, *, ax: Axes | None = None) -> Axes:
    """Draw a machine: `0 → 1 R` stands for "reads 0, writes 1, moves right".

    Transitions between the same two states are one arrow, and those that write and move alike one
    line of its label. An arrow without a source shows the start, a double circle a halting state.
    With k tapes a label has k symbols read, k written and k moves. Up to 8 states are ordered so
    that arrows are short; of more, a diagram is crowded.

    Raises ValueError where matplotlib is not installed.

    >>> import tmsim
    >>> ax = state_diagram(tmsim.load("bb2").machine)
    >>> sorted(text.get_text() for text in ax.texts)
    ['0 → 1 L', '0 → 1 R\\n1 → 1 L', '1 → 1 R', 'A', 'B', 'Z']
    """
    ax = axes(ax, 6.5, 6)
    ax.set(xlim=(-WIDE, WIDE), ylim=(-HIGH, HIGH), aspect="equal")
    ax.set_axis_off()
    index, told = index_of(machine.states), labels(machine)
    pairs = [(index[source], index[target]) for source, target in told]
    order = around(len(machine.states), pairs)
    seat = index_of(order)
    angles = [pi - 2 * pi * i / len(order) for i in range(len(order))]
    places = [(cos(a), sin(a)) if len(order) > 1 else (0.0, 0.0) for a in angles]
    seats = [(seat[a], seat[b]) for a, b in pairs]
    lines = dict(zip(seats, told.values(), strict=True))
    nodes = [Box(x, y, NODE, NODE) for x, y in places]
    loops = [(angles[a], places[a], lines[a, b]) for a, b in seats if a == b]
    for angle, place, text in loops:
        nodes.append(_loop(ax, place, angle, text))
    joined = dict(arcs(places, seats))
    for arc in joined.values():
        _patch(ax, arc.cut(NODE))
    sizes = [_size(ax, lines[pair]) for pair in joined]
    for pair, at in zip(joined, placed(sizes, list(joined.values()), nodes), strict=True):
        _label(ax, at, lines[pair])
    for state, place in zip(order, places, strict=True):
        _node(ax, place, machine.states[state], machine)
    first = seat[index[machine.start]]
    _start(ax, places[first], angles[first] + 0.9)
    return ax


def labels(machine: TuringMachine) -> Mapping[tuple[Any, Any], list[str]]:
    """The lines of each arrow: what is read, what is written, where the heads move.

    >>> import tmsim
    >>> labels(tmsim.load("bb2").machine)["A", "B"]
    ['0 → 1 R', '1 → 1 L']
    """
    alike: dict[tuple[Any, Any], dict[tuple, list[str]]] = {}
    for (state, read), (then, write, moves) in machine.transitions.items():
        if state not in machine.halting:
            lines = alike.setdefault((state, then), {})
            lines.setdefault((write, moves), []).append(_word(read))
    return {
        pair: [
            f"{', '.join(reads)} → {_word(write)} {_word(m.name for m in moves)}"
            for (write, moves), reads in lines.items()
        ]
        for pair, lines in alike.items()
    }


def _word(symbols: Any) -> str:
    """The symbols side by side, with spaces where one is longer than a letter."""
    told = [str(a) for a in symbols]
    return ("" if all(len(a) == 1 for a in told) else " ").join(told)


def _node(ax: Axes, at: tuple[float, float], state: Any, machine: TuringMachine) -> None:
    circle = needed("matplotlib.patches", "viz").Circle
    halts = state in machine.halting
    ax.add_patch(circle(at, NODE, facecolor="#F2F2F2" if halts else "white", edgecolor=INK,
                        linewidth=1.4, zorder=3))  # fmt: skip
    if halts:
        ax.add_patch(circle(at, NODE * 0.8, facecolor="none", edgecolor=INK, zorder=4))
    text = str(state)
    size = 12 if len(text) <= 2 else 9 if len(text) <= 5 else 7
    ax.text(*at, text, ha="center", va="center", fontsize=size, zorder=5, parse_math=False)


def _patch(ax: Axes, arc: Arc, color: str = INK) -> None:
    patch = needed("matplotlib.patches", "viz").FancyArrowPatch
    bent = f"arc3,rad={arc.bend}"
    ax.add_patch(patch(arc.start, arc.end, connectionstyle=bent, color=color, shrinkA=0, shrinkB=0,
                       zorder=1, **ARROW))  # fmt: skip


def _start(ax: Axes, at: Point, angle: float) -> None:
    far, near = 2.4 * NODE, NODE
    ends = [(at[0] + r * cos(angle), at[1] + r * sin(angle)) for r in (far, near)]
    _patch(ax, Arc(ends[0], ends[1], 0), PALETTE[0])


def _loop(ax: Axes, at: Point, angle: float, lines: list[str]) -> Box:
    """A loop on the outer side of the circle of states, its label beyond it; returns their box."""
    ends = [
        (at[0] + NODE * cos(side), at[1] + NODE * sin(side))
        for side in (angle - 0.55, angle + 0.55)
    ]
    _patch(ax, Arc(ends[0], ends[1], 2.2))
    w, h = _size(ax, lines)
    away = 2.1 * NODE
    x = at[0] + (away + w) * cos(angle)
    y = at[1] + (away + h) * sin(angle)
    _label(ax, (x, y), lines)
    return Box(x, y, w, h)


def _size(ax: Axes, lines: list[str]) -> tuple[float, float]:
    """Half the width and height of a label in the units of the axes, from its letters."""
    box = ax.get_window_extent()
    pixels = min(box.width / (2 * WIDE), box.height / (2 * HIGH))
    unit = POINTS * ax.figure.dpi / 72 / pixels
    return 0.31 * unit * max(map(len, lines)), 0.62 * unit * len(lines)


def _label(ax: Axes, at: Point, lines: list[str]) -> None:
    ax.text(*at, "\n".join(lines), ha="center", va="center", fontsize=POINTS, bbox=BOX, zorder=2,
            linespacing=1.1, parse_math=False)  # fmt: skip
