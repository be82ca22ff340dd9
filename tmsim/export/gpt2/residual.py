"""Where each register is in a narrow residual stream, whose coordinates are used again.

A proof gives every register coordinates of its own; their number grows with the square of the
number of digits. Three identities, exact for any values, make the stream narrow: what is never read
is not written; coordinates that their last reader only adds up are added up as they are written; a
coordinate that has been read for the last time is cleared by the MLP (x - relu(x) + relu(-x) = 0)
and given to another.

Time runs over the parts (2l block l's attention, 2l + 1 its MLP), from START, the embedding, to the
unembedding, which is the number of parts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tmsim.export.gpt2.parts import Moved, Part, changed, reads, used, writes

START = -1


@dataclass(frozen=True)
class Lifetimes:
    """When each coordinate is first written and last read; born > read for one that never is."""

    born: np.ndarray
    read: np.ndarray


def lifetimes(parts: Sequence[Part], given: np.ndarray, wanted: np.ndarray) -> Lifetimes:
    """`given` [n, d] are the embedding's rows, `wanted` [d, m] the unembedding's columns."""
    end, width = len(parts), given.shape[1]
    born, read = np.full(width, end + 1), np.full(width, START - 1)
    born[given.any(0)] = START
    for time, part in enumerate(parts):
        if len(rows := writes(part)):
            born[rows.any(0) & (born > time)] = time
        if (columns := reads(part)).size:
            read[columns.any(1)] = time
    read[wanted.any(1)] = end
    return Lifetimes(born, read)


def needed(parts: Sequence[Part], given: np.ndarray, wanted: np.ndarray) -> list[Part]:
    """The parts without what nothing needs: the last part's writes first, back to the first."""
    live, kept = np.asarray(wanted.any(1)), []
    for part in reversed(parts):
        part = used(part, live)
        if (columns := reads(part)).size:
            live = live | columns.any(1)
        kept.append(part)
    return kept[::-1]


def summed(
    parts: Sequence[Part], given: np.ndarray, wanted: np.ndarray
) -> tuple[list[Part], np.ndarray, np.ndarray]:
    """The same with a coordinate, behind the others, for each sum that ends its members' lives.

    A group are coordinates of the same coefficients in every column that one part reads, and which
    no later part reads. What is written to a member is written to its sum, too.
    """
    width, life = given.shape[1], lifetimes(parts, given, wanted)
    groups = {time: _groups(part, life.read == time) for time, part in enumerate(parts)}
    every = [group for time in groups for group in groups[time]]
    whole, coordinates = width + len(every), np.arange(width)
    old = np.concatenate([coordinates, *every]).astype(int)
    sums = [np.full(len(group), width + i) for i, group in enumerate(every)]
    writing = Moved(old, np.concatenate([coordinates, *sums]).astype(int), whole)
    made, number = [], width
    for time, part in enumerate(parts):
        instead = coordinates.copy()
        for group in groups[time]:
            instead[group] = -1
            instead[group[0]] = number
            number += 1
        read = np.flatnonzero(instead >= 0)
        made.append(changed(part, Moved(read, instead[read], whole), writing))
    return made, writing.columns(given), np.pad(wanted, ((0, len(every)), (0, 0)))


def _groups(part: Part, last: np.ndarray) -> list[list[int]]:
    """Of the coordinates which `last` [d] says, those that the part only adds up."""
    columns, found = reads(part), {}
    for c in np.flatnonzero(last) if columns.size else ():
        found.setdefault((columns[c] + 0.0).tobytes(), []).append(int(c))
    return [group for group in found.values() if len(group) > 1]


@dataclass(frozen=True)
class Slots:
    """Coordinate c is in slot[c] (-1: nowhere) from born[c] on, until `cleared[c]` clears it.

    cleared[c] is the number of the MLP's part, and -1 for a coordinate that is never cleared.
    """

    slot: np.ndarray
    born: np.ndarray
    cleared: np.ndarray
    width: int

    def held(self, time: int) -> dict[int, int]:
        """coordinate -> slot, of those that hold their value once part `time` has acted."""
        over = (self.cleared >= 0) & (self.cleared <= time)
        here = (self.slot >= 0) & (self.born <= time) & ~over
        return {int(c): int(self.slot[c]) for c in np.flatnonzero(here)}

    @property
    def moved(self) -> Moved:
        """From coordinates to slots."""
        live = np.flatnonzero(self.slot >= 0)
        return Moved(live, self.slot[live], self.width)


def slots(life: Lifetimes, first: int = 0) -> Slots:
    """The least number of slots, from `first` on, in the order in which coordinates are born.

    A slot is free from the first MLP on that acts no earlier than the last reader.
    """
    free_at = life.read + (life.read % 2 == 0)
    slot, cleared = np.full(len(life.born), -1), np.full(len(life.born), -1)
    owner: list[int] = []
    order = [c for c in np.argsort(life.born, kind="stable") if life.read[c] > life.born[c]]
    for c in order:
        old = (i for i, before in enumerate(owner) if free_at[before] <= life.born[c])
        i = next(old, len(owner))
        if i == len(owner):
            owner.append(c)
        else:
            cleared[owner[i]] = free_at[owner[i]]
            owner[i] = c
        slot[c] = first + i
    return Slots(slot, life.born, cleared, first + len(owner))
