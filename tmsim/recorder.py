"""What is kept of a run while it is made: its ends, its hash, its tapes, and no more."""

from __future__ import annotations

from collections.abc import Iterator

from tmsim.band import Band
from tmsim.excerpt import Excerpt
from tmsim.machines import Configuration, TuringMachine
from tmsim.machines.indexed import index_of
from tmsim.trace import Trace

KEEP = 1 << 20
"""So many first steps are kept unless another number is asked for: 29 MB of one tape."""
TAIL = 1 << 10
"""Of a longer run so many last steps are kept too."""
FIRST_MARK = 1000


class RunningHash:
    """The hash of a trace that comes in parts, and what it was after 1,000, 10,000, … steps.

    `crc` and `marks` are None and {} for a machine whose traces have no hash.

    >>> import tmsim
    >>> trace = tmsim.simulate("bb4").trace
    >>> running = RunningHash(trace.machine)
    >>> running.add(trace.part(0, 50)); running.add(trace.part(50, 107))
    >>> running.crc == trace.hash()
    True
    """

    def __init__(self, machine: TuringMachine) -> None:
        self.steps = 0
        self.crc: str | None = Trace.empty(machine).hash()
        self.marks: dict[int, str] = {}

    def add(self, part: Trace) -> None:
        """The next steps."""
        done = 0
        for at in [*_powers(self.steps, self.steps + len(part)), self.steps + len(part)]:
            count = at - self.steps
            self.crc = part.part(done, done + count).hash(int(self.crc or "0", 16))
            self.steps, done = at, done + count
            if self.crc is not None and at >= FIRST_MARK and str(at).strip("0") == "1":
                self.marks[at] = self.crc


def _powers(after: int, upto: int) -> Iterator[int]:
    """The powers of ten from 1,000 on in (after, upto]."""
    power = FIRST_MARK
    while power <= upto:
        if power > after:
            yield power
        power *= 10


class Recorder:
    """A run whose steps are handed over part by part.

    machine, start: whose run it is; keep: how many first steps to keep, 0 or more. In memory are
    these, the last `TAIL` steps, and the tapes; a part once added may be thrown away.

    >>> from tmsim.machines import initial, load, steps
    >>> machine = load("bb4").machine
    >>> recorder = Recorder(machine, initial(machine), keep=100)
    >>> recorder.add(Trace.from_steps(machine, steps(machine)))
    >>> recorder.excerpt
    <Excerpt of 107 steps: the first 100 and the last 7>
    >>> len(recorder.trace)
    107
    >>> recorder.configuration.state
    'Z'
    """

    def __init__(self, machine: TuringMachine, start: Configuration, keep: int = KEEP) -> None:
        index = index_of(machine.symbols)
        self.machine, self.start, self.keep = machine, start, keep
        self._hash = RunningHash(machine)
        self._first, self._tail = [Trace.empty(machine)], Trace.empty(machine)
        self._bands = tuple(
            Band({cell: index[a] for cell, a in tape.items()}, head, index[machine.blank])
            for tape, head in zip(start.tapes, start.heads, strict=True)
        )
        self.latest = Trace.empty(machine)
        """The part that was added last, unless it was empty."""

    @classmethod
    def after(cls, excerpt: Excerpt, start: Configuration, keep: int) -> Recorder:
        """The recorder, begun in `start`, that has come to this excerpt."""
        self = cls(excerpt.machine, start, keep)
        self._first, self._tail, self._bands = [excerpt.first], excerpt.tail, _own(excerpt.bands)
        self.latest = excerpt.tail if len(excerpt.tail) else excerpt.first
        self._hash.steps, self._hash.crc = excerpt.steps, excerpt.crc
        self._hash.marks = dict(excerpt.marks)
        return self

    def __len__(self) -> int:
        return self._hash.steps

    def add(self, part: Trace) -> None:
        """The next steps; there may be none."""
        if not len(part):
            return
        room = max(self.keep - len(self), 0)
        if room:
            self._first.append(part.part(0, room))
        beyond = part.part(max(room, len(part) - TAIL), len(part))
        if len(beyond):
            both = Trace.together([self._tail, beyond])
            self._tail = both.part(max(len(both) - TAIL, 0), len(both))
        for band, head, write, move in zip(
            self._bands, part.head, part.write, part.move, strict=True
        ):
            band.write(head, write)
            last = int(head[-1] + move[-1])
            band.reach(last, last)
        self._hash.add(part)
        self.latest = part

    @property
    def excerpt(self) -> Excerpt:
        """What is kept."""
        self._first = [Trace.together(self._first)]
        return Excerpt(
            self.machine, len(self), self._first[0], self._tail, _own(self._bands),
            self._hash.crc, dict(self._hash.marks),
        )  # fmt: skip

    @property
    def trace(self) -> Trace | Excerpt:
        """All steps where they are kept, else what is."""
        excerpt = self.excerpt
        whole = len(excerpt.first) + len(excerpt.tail) == len(self)
        return excerpt.part(0, len(self)) if whole else excerpt

    @property
    def configuration(self) -> Configuration:
        """The configuration after all steps so far."""
        return self.excerpt.last(self.start)


def _own(bands: tuple[Band, ...]) -> tuple[Band, ...]:
    """Copies, to write on."""
    return tuple(Band.holding(b.cells, b.left, b.low, b.high, b.blank) for b in bands)
