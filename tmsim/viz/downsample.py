"""A space-time diagram as an image of any size: exact means over whole blocks of the diagram.

The diagram of a run of T steps over W cells has (T + 1) · W points; at 10⁶ steps that is too many
to draw, or to hold. A pixel stands for a block of them, consecutive configurations times adjacent
cells, and shows their mean. Only changes of a cell count, so that the work is O(T) and the memory
that of the image, of one tape and of one chunk of steps.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tmsim.machines import Configuration
from tmsim.machines.indexed import index_of
from tmsim.trace import Trace

CHUNK = 1 << 18  # steps that are sorted by cell at once


class Blocks(NamedTuple):
    """The blocks of a diagram.

    mean [rows, columns, channels]: the mean of a value over each block.
    times [rows + 1]: row r holds the configurations times[r] … times[r + 1] - 1 (0 is the start).
    cells [columns + 1]: column c holds the cells cells[c] … cells[c + 1] - 1 (positions).
    low, high [rows]: the smallest and the greatest position of the head in the row.
    """

    mean: np.ndarray
    times: np.ndarray
    cells: np.ndarray
    low: np.ndarray
    high: np.ndarray


def blocks(
    trace: Trace, start: Configuration, values: np.ndarray, tape: int, rows: int, columns: int
) -> Blocks:
    """The means of `values` [symbols + 1, channels] over at most rows · columns blocks.

    The value of a symbol is that of its index; the last one stands for an index that a wrong run
    wrote and that names no symbol. Whole-numbered values are summed without rounding.

    >>> from tmsim.machines import initial, load, steps
    >>> machine = load("bb2").machine
    >>> trace = Trace.from_steps(machine, steps(machine))
    >>> ones = np.array([[0.0], [1.0], [0.0]])
    >>> found = blocks(trace, initial(machine), ones, tape=0, rows=7, columns=99)
    >>> found.mean[-1, :, 0].tolist(), found.cells.tolist()
    ([1.0, 1.0, 1.0, 1.0], [-2, -1, 0, 1, 2])
    >>> blocks(trace, initial(machine), ones, tape=0, rows=1, columns=1).mean.item() == 16 / 28
    True
    """
    head, last = trace.head[tape], _last_head(trace, start, tape)
    index, marked = index_of(trace.machine.symbols), start.tapes[tape]
    low = min([int(head.min(initial=last)), *marked])
    high = max([int(head.max(initial=last)), *marked])
    times, cells = _edges(len(trace) + 1, rows), _edges(high - low + 1, columns)
    now = np.full(high - low + 1, index[trace.machine.blank], np.int32)
    base = np.outer(np.diff(cells), values[now[0]])
    for cell, symbol in marked.items():
        now[cell - low] = index[symbol]
        base[_block(np.array(cell - low), cells)] += (
            values[index[symbol]] - values[index[start.blank]]
        )
    sums = _sums(trace, tape, values, now, low, (times, cells))
    sums += np.diff(times)[:, None, None] * base
    area = np.outer(np.diff(times), np.diff(cells))
    return Blocks(sums / area[..., None], times, cells + low, *_reach(head, last, times))


def _sums(
    trace: Trace, tape: int, values: np.ndarray, now: np.ndarray, low: int, edges: tuple
) -> np.ndarray:
    """What the changes of cells add to the sum of each block; `now` is the tape, and changes.

    A change at time t adds (new - old) for the rest of its row, and for every later row whole.
    """
    times, cells = edges
    rest = np.zeros((len(times) - 1, len(cells) - 1, values.shape[1]))
    later = np.zeros_like(rest)
    for first in range(0, len(trace), CHUNK):
        part = slice(first, min(first + CHUNK, len(trace)))
        cell, time, old, new = _changes(trace, tape, part, now, low, len(values) - 1)
        if not len(cell):
            continue
        row, column = _block(time, times), _block(cell, cells)
        top, bottom = row.min(), row.max() + 1
        shape = (bottom - top, rest.shape[1])
        flat, stays = (row - top) * shape[1] + column, times[row + 1] - time
        for k, value in enumerate(values.T):
            grown = value[new] - value[old]
            size = shape[0] * shape[1]
            rest[top:bottom, :, k] += np.bincount(flat, grown * stays, size).reshape(shape)
            later[top:bottom, :, k] += np.bincount(flat, grown, size).reshape(shape)
    before = np.cumsum(later, axis=0) - later
    return rest + np.diff(times)[:, None, None] * before


def _changes(
    trace: Trace, tape: int, part: slice, now: np.ndarray, low: int, unknown: int
) -> tuple[np.ndarray, ...]:
    """The changes in that part of the run: cell, time from which it is seen, old and new symbol.

    The old symbol is what was last written there, not what the trace says was read.
    """
    cell, new = trace.head[tape][part] - low, trace.write[tape][part]
    new = np.where((new >= 0) & (new < unknown), new, unknown)
    order = np.argsort(cell, kind="stable")
    cell, new, time = cell[order], new[order], order + part.start + 1
    other = cell[1:] != cell[:-1]
    first, last = np.append(True, other), np.append(other, True)
    old = np.where(first, now[cell], np.append(0, new[:-1]))
    now[cell[last]] = new[last]
    changed = old != new
    return cell[changed], time[changed], old[changed], new[changed]


def _edges(count: int, most: int) -> np.ndarray:
    """The ends of at most `most` blocks of 0 … count - 1, whose sizes differ by at most one."""
    parts = min(count, most)
    return np.arange(parts + 1) * count // parts


def _block(at: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """The block that holds each place."""
    parts, count = len(edges) - 1, int(edges[-1])
    return ((at + 1) * parts - 1) // count


def _reach(head: np.ndarray, last: int, times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The smallest and the greatest position of the head in each row, the last one included."""
    inner = times[:-1][times[:-1] < len(head)]
    found = []
    for extreme in (np.minimum, np.maximum):
        row = np.full(len(times) - 1, last)
        if len(inner):
            row[: len(inner)] = extreme.reduceat(head, inner)
        row[-1] = extreme(row[-1], last)
        found.append(row)
    return found[0], found[1]


def _last_head(trace: Trace, start: Configuration, tape: int) -> int:
    return int(trace.head[tape, -1] + trace.move[tape, -1]) if len(trace) else start.heads[tape]
