"""The space-time picture of a run: a line for each step shown, cells in fixed columns.

A line is the configuration before its step, the head's cell in brackets, and the token that the
transformer emitted: the state entered, the symbol written, the move. With k tapes a step has k
lines. Cells that neither the word nor the head has reached yet are left empty.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np

from tmsim.band import Band
from tmsim.cli.view.window import Window
from tmsim.machines import Configuration, TuringMachine, steps_from
from tmsim.machines.indexed import index_of
from tmsim.trace import Trace

SHORT = 120  # a run of so many steps is shown whole;
FIRST, LAST = 20, 3  # of a longer one these rows at its ends, and between them fewer and fewer
AHEAD = 1000  # the steps of the reference from which the columns are laid out
MOVES = {-1: "L", 0: "S", 1: "R"}

Line = list[tuple[str, str]]  # pieces of text, each with its style


class Picture:
    """Draws a run whose trace comes in parts.

    `limit` is the largest step number, `columns` how wide a line may be, and with `every` no step
    is left out. `start` is the configuration after step `done`.
    """

    def __init__(
        self, machine: TuringMachine, start: Configuration, limit: int, columns: int, every: bool,
        done: int = 0,
    ) -> None:  # fmt: skip
        index = index_of(machine.symbols)
        self.symbols = [visible(a) for a in machine.symbols]
        self.states = [short(visible(q)) for q in machine.states]
        self.cell, name = max(map(len, self.symbols)), max(map(len, self.states))
        ahead = list(islice(steps_from(machine, start), min(limit - done, AHEAD + 1)))
        self.whole = limit if every else SHORT if len(ahead) <= SHORT else FIRST
        number = max(4, len(str(limit if len(ahead) > AHEAD else done + len(ahead))))
        self.place = f"{{:>{number}}}  {{:<{max(5, name)}}}  {{:>6}}  "
        around = len(self.place.format("", "", "")) + 4 + name + self.cell + 4
        most = max((columns - around) // (self.cell + 1), 1)
        self.bands, self.windows = [], []
        for t, (tape, head) in enumerate(zip(start.tapes, start.heads, strict=True)):
            marked = {cell: index[a] for cell, a in tape.items()}
            self.bands.append(Band(marked, head, index[machine.blank]))
            seen = [head, *marked, *(step.heads[t] + step.moves[t] for step in ahead)]
            self.windows.append(Window.around(min(seen), max(seen), most, len(ahead) > AHEAD))
        self.state, self.heads = machine.states.index(start.state), start.heads
        # Steps taken into the bands, the number of the last one drawn, steps given but not taken.
        self.done, self.drawn, self.held = done, 0, Trace.empty(machine)
        self.sparse = False

    def header(self) -> Line:
        """The names of the columns."""
        width = max(window.width for window in self.windows) * (self.cell + 1) + 3
        names = self.place.format("step", "state", "head")
        return [(f"{names}  {'tape':<{width - 2}} token", "bold")]

    def more(self, part: Trace) -> Iterator[Line]:
        """The lines of the next steps; the last steps given are kept back until more follow."""
        self.held = Trace.together([self.held, part])
        count = max(len(self.held) - LAST, 0)
        steps = self.done + 1 + np.arange(count)
        powers = 10 ** np.arange(19, dtype=np.int64)
        below = powers[np.searchsorted(powers, steps, side="right") - 1]
        due = (steps <= self.whole) | (steps % below == 0)
        yield from self._drawn(np.flatnonzero(due).tolist(), count)

    def end(self, label: str) -> Iterator[Line]:
        """The last steps, and the configuration after them."""
        self.sparse = False
        yield from self._drawn(range(len(self.held)), len(self.held))
        yield from self._configuration(label, ["" for _ in self.bands])

    def now(self) -> list[Line]:
        """The configuration after the steps taken so far, the number of its step before it.

        What is drawn later does not depend on whether this was asked for.
        """
        windows = self.windows
        self.windows = [Window(window.low, window.width) for window in windows]
        lines = list(self._configuration(str(self.done + 1), ["" for _ in self.bands]))
        self.windows = windows
        return lines

    def _drawn(self, due: Sequence[int], count: int) -> Iterator[Line]:
        """Take `count` of the steps held, drawing those that are due."""
        at = 0
        for i in due:
            number = self.done + i + 1
            gap = number > self.drawn + 1
            if gap and not self.sparse:
                yield [("⋮".rjust(4), "dim")]
            self._take(at, i)
            yield from self._configuration(str(number), self._token(i))
            self._take(i, i + 1)
            at, self.drawn, self.sparse = i + 1, number, gap
        self._take(at, count)
        self.held, self.done = self.held.part(count, len(self.held)), self.done + count

    def _take(self, start: int, stop: int) -> None:
        """The held steps start … stop - 1 happen."""
        if stop > start:
            t = self.held.part(start, stop)
            for band, head, write in zip(self.bands, t.head, t.write, strict=True):
                band.write(head, write)
            self.state = int(t.next_state[-1])
            self.heads = tuple((t.head[:, -1] + t.move[:, -1]).tolist())
            for band, head in zip(self.bands, self.heads, strict=True):
                band.reach(head, head)

    def _token(self, i: int) -> list[str]:
        """Per tape, what the transformer said at step i; the state entered stands on the first."""
        t = self.held
        width = max(map(len, self.states))
        said = [
            f"{self._named(self.symbols, write):<{self.cell}} {MOVES.get(move, '?')}"
            for write, move in zip(t.write[:, i].tolist(), t.move[:, i].tolist(), strict=True)
        ]
        states = [self._named(self.states, int(t.next_state[i])), *[""] * (len(said) - 1)]
        return [f"{q:<{width}} {text}" for q, text in zip(states, said, strict=True)]

    def _configuration(self, label: str, tokens: Sequence[str]) -> Iterator[Line]:
        """A line per tape: label, state, head, the tape around it, and what was emitted."""
        state = self._named(self.states, self.state)
        for t, (head, token) in enumerate(zip(self.heads, tokens, strict=True)):
            place = self.place.format(*((label, state) if t == 0 else ("", "")), head)
            tape = self._tape(self.bands[t], self.windows[t], head)
            pad = (max(w.width for w in self.windows) - self.windows[t].width) * (self.cell + 1)
            yield [(place, ""), *tape, (" " * (pad + 1), ""), (token, "cyan")]

    def _tape(self, band: Band, window: Window, head: int) -> Line:
        """The window's cells, the head's in brackets; … where marked cells lie beyond it."""
        low = window.follow(head)
        high = low + window.width - 1
        texts = []
        for cell in range(low, high + 1):
            symbol = band[cell]
            text = "" if symbol is None else self._named(self.symbols, symbol)
            texts.append(text.ljust(self.cell))
        at = head - low
        before = "".join(f" {text}" for text in texts[:at])
        after = "".join(f"{text} " for text in texts[at + 1 :])
        left, right = ("…" if more else " " for more in band.marked_outside(low, high))
        return [
            (f"{left}{before}", ""),
            (f"[{texts[at]}]", "bold reverse"),
            (f"{after}{right}", ""),
        ]

    def _named(self, names: Sequence[str], index: int) -> str:
        """The name of an index; ? for what a wrong run may emit that is none."""
        return names[index] if 0 <= index < len(names) else "?"


def visible(value: Any) -> str:
    """A state or symbol as text that can be seen."""
    text = str(value)
    return (
        text if text.strip() and text.isprintable() else {" ": "␣", "": "∅"}.get(text, repr(text))
    )


def short(text: str, most: int = 16) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
