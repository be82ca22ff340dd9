"""Drafts of a run: the records that the reference machine's steps stand for."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tmsim.bounds import first_bounds
from tmsim.choices import Assembled
from tmsim.engine.blocks import Decoded
from tmsim.engine.drafted import decode, draftable
from tmsim.engine.interrupts import Interrupts
from tmsim.engine.transformer import Transformer
from tmsim.generating import ready
from tmsim.recorder import Recorder
from tmsim.reference import Reference
from tmsim.task import Task
from tmsim.trace import Trace


class ReferenceDraft:
    """Proposes the reference machine's next steps from where the run's own tokens have led."""

    def __init__(self, task: Task, t: Transformer) -> None:
        self.task, self.t = task, t
        self._made = Recorder(task.machine, task.start, keep=0)
        self._reference: Reference | None = Reference(task.machine, task.start)
        self._proposed = Trace.empty(task.machine)

    def __call__(self, own: np.ndarray, most: int) -> np.ndarray:
        """See :class:`tmsim.engine.drafted.Draft`."""
        if len(own):
            self._follow(own)
        none = Trace.empty(self.task.machine)
        self._proposed = none if self._reference is None else self._reference.take(most)
        return np.stack(list(self._columns(self._proposed)), 1).astype(np.int32)

    def _follow(self, own: np.ndarray) -> None:
        made = self.task.trace(own, self.t, self._made.latest)
        self._made.add(made)
        if len(own) == len(self._proposed) + 1 and self._reference is not None:
            # The last row is the transformer's own, as the machine may well have it.
            due = Trace.together([self._proposed, self._reference.take(1)])
            if len(due) == len(own) and made.differs(due) is None:
                return
        legal = (own >= 0).all()
        configuration = self._made.configuration if legal and self._reference else None
        self._reference = configuration and Reference(self.task.machine, configuration)

    def _columns(self, part: Trace) -> Iterator[np.ndarray]:
        """In the order of the records: see `TuringConstruction.decode`."""
        k = self.task.machine.tapes
        named = {"next_state": part.next_state}
        for tape in range(k):
            named[f"read[{tape}]"], named[f"write[{tape}]"] = part.read[tape], part.write[tape]
            named[f"move[{tape}]"] = part.move[tape] + 1
        return (named[span.name] for span in self.t.emits)


def drafts(task: Task) -> bool:
    """Can the run be drafted? Inside the claim, where what stands in for attention may."""
    if task.memory != "auto" or not task.claimed:
        return False
    bounds = first_bounds(1, task.reach, task.cells, loop=False, keeps_rows=False)
    weights, memories, *_ = ready(task, task.within(bounds), 1)
    return draftable(weights, memories)


def drafted(task: Task, made: Assembled, steps: int) -> Iterator[Decoded]:
    """As :func:`tmsim.generating.generated`, with the reference machine's steps as the draft."""
    weights, memories, given, encoder, most = ready(task, made, steps)
    draft = ReferenceDraft(task, weights)
    with Interrupts() as interrupts:
        for block in decode(weights, memories, given, encoder, most, draft):
            yield block
            interrupts.check()
