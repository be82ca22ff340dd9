"""What a run remembers: for every moment, who wrote the cells now under the heads, and when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tmsim.machines.step import State, Step, Symbol, Symbols
from tmsim.machines.validation import show


@dataclass(frozen=True)
class Moment:
    """A run at time t, after t steps. Tuples have one entry per tape.

    `read` are the symbols under the heads, `initial` those the run started with in these cells,
    and `last_write` the times of the latest steps that wrote these cells (None: not yet written).
    `step` is the one taken from here (None at the end), `previous` the one that led here.
    """

    time: int
    state: State
    heads: tuple[int, ...]
    read: Symbols
    step: Step | None
    previous: Step | None
    last_write: tuple[int | None, ...]
    initial: Symbols


def history(
    steps: Iterable[Step],
    *,
    tapes: Sequence[Sequence[Symbol]] = (),
    blank: Symbol,
    state: State,
    heads: int | Sequence[int],
) -> list[Moment]:
    """The moments t = 0, ..., T of a run with T steps, from the steps and how the run began.

    `heads` has one position per tape (an int stands for one tape); symbol j of word i starts in
    cell j of tape i. The machine is not needed: a step tells what was written and where. Raises
    ValueError if a step does not follow from the ones before it.

    >>> from tmsim.machines import Move
    >>> ahead = Step("A", ("0",), "A", ("1",), (Move.R,), (0,))
    >>> back = Step("A", ("0",), "B", ("1",), (Move.L,), (1,))
    >>> [m.last_write for m in history([ahead, back], blank="0", state="A", heads=0)]
    [(None,), (None,), (0,)]
    """
    at = (heads,) if isinstance(heads, int) else tuple(heads)
    if len(tapes) > len(at):
        raise ValueError(f"{len(tapes)} words for {len(at)} head(s)")
    words = [*tapes, *[()] * (len(at) - len(tapes))]
    first = [dict(enumerate(word)) for word in words]
    written: list[dict[int, tuple[int, Symbol]]] = [{} for _ in at]
    moments: list[Moment] = []

    def moment(step: Step | None, previous: Step | None) -> Moment:
        begun = tuple(tape.get(head, blank) for tape, head in zip(first, at, strict=True))
        latest = [tape.get(head) for tape, head in zip(written, at, strict=True)]
        read = tuple(w[1] if w else a for w, a in zip(latest, begun, strict=True))
        times = tuple(w[0] if w else None for w in latest)
        return Moment(len(moments), state, at, read, step, previous, times, begun)

    previous = None
    for step in steps:
        now = moment(step, previous)
        _agree(now, step)
        moments.append(now)
        for tape, head, symbol in zip(written, at, step.write, strict=True):
            tape[head] = (now.time, symbol)
        at = tuple(head + move for head, move in zip(at, step.moves, strict=True))
        state, previous = step.next_state, step
    moments.append(moment(None, previous))
    return moments


def _agree(now: Moment, step: Step) -> None:
    """Raise a ValueError unless `step` can be taken from here."""
    for what, here, told in (
        ("state", now.state, step.state),
        ("heads", now.heads, step.heads),
        ("read", now.read, step.read),
    ):
        if here != told:
            raise ValueError(
                f"step {now.time}: {what} is {show(told)}, the steps before it lead to {show(here)}"
            )
