"""Laws on decoded runs: the theorem, renaming, the outcomes, and the size formulas."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from tmsim.machines import TuringMachine, run
from tmsim.outcome import Outcome
from tmsim.proofs import Bounds, Construction, Frame, exact
from tmsim.testing.laws.case import (
    FRAMES,
    Case,
    Setting,
    broken,
    cases,
    claimed,
    compare,
    over,
    right,
)
from tmsim.testing.laws.engine import decoded
from tmsim.trace import Trace

NEAR = 1 << 12
"""A precision edge at a position up to this can be reached by a run in a test."""


def theorem(
    construction: Construction,
    *,
    frames: Iterable[Frame] = tuple(FRAMES.values()),
    under: Callable[[Construction, Frame], Iterable[Setting]] = claimed,
    examples: int | None = None,
) -> None:
    """Law 1: the decoded run is the reference run.

    In each frame, for each setting that `under` gives, machines are drawn with their words and
    heads; outcome, steps, every column and the last configuration must be the reference's. The
    first setting of the first frame gets `examples` machines, every other a quarter of them.
    Raises AssertionError naming setting, machine, input and step.

    >>> from tmsim import catalogue
    >>> theorem(catalogue.find("looped_tape"), frames=[FRAMES[1]], examples=4,
    ...         under=lambda c, frame: [Setting.default(c, frame)])
    """
    whole = settings().max_examples if examples is None else examples
    share = whole
    for frame in frames:
        for setting in under(construction, frame):
            over(cases(frame), share, lambda case, setting=setting: theorem_holds(setting, case))
            share = max(whole // 4, 1)


def theorem_holds(setting: Setting, case: Case) -> None:
    """Law 1 for one case."""
    trace, outcome = decoded(setting, case)
    compare("theorem", setting, case, right(setting, case), (trace, outcome))
    last = run(case.machine, case.tapes, case.heads, len(trace)).configuration
    if trace.last(case.start) != last:
        broken("theorem", setting, case, "the end", last, trace.last(case.start))


@dataclass(frozen=True)
class Renaming:
    """A case, and the order in which the renamed machine lists its states and symbols."""

    case: Case
    states: tuple[int, ...]
    symbols: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.case}, states in the order {self.states}, symbols {self.symbols}"

    __repr__ = __str__

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(str(self))

    @property
    def names(self) -> tuple[dict[Any, Any], dict[Any, Any]]:
        """The new name of each state and of each symbol: its place in reversed order."""
        m = self.case.machine
        states = {q: f"q{len(m.states) - i}" for i, q in enumerate(m.states)}
        return states, {a: f"s{len(m.symbols) - i}" for i, a in enumerate(m.symbols)}

    @property
    def renamed(self) -> Case:
        states, symbols = self.names
        m = self.case.machine.renamed(states, symbols)
        reordered = TuringMachine(
            m.transitions, m.start, m.blank, halting=m.halting, accepting=m.accepting,
            states=[m.states[i] for i in self.states],
            symbols=[m.symbols[i] for i in self.symbols], tapes=m.tapes,
        )  # fmt: skip
        words = tuple(tuple(symbols[a] for a in word) for word in self.case.tapes)
        return Case(reordered, words, self.case.heads)

    def back(self, trace: Trace) -> Trace:
        """A run of the renamed machine under the old names."""
        states, symbols = ({new: old for old, new in names.items()} for names in self.names)
        steps = [
            s._replace(
                state=states[s.state],
                next_state=states[s.next_state],
                read=tuple(symbols[a] for a in s.read),
                write=tuple(symbols[a] for a in s.write),
            )
            for s in trace.rows()
        ]
        return Trace.from_steps(self.case.machine, steps)


def renaming(
    construction: Construction, *, frame: Frame = FRAMES[1], examples: int | None = None
) -> None:
    """Law 7: renaming and reordering states and symbols renames the run, and does no more.

    Raises AssertionError naming machine, input, order and step.
    """
    setting = Setting.default(construction, frame)

    def places(case: Case) -> st.SearchStrategy[Renaming]:
        orders = (
            st.permutations(range(len(x))) for x in (case.machine.states, case.machine.symbols)
        )
        return st.builds(Renaming, st.just(case), *(order.map(tuple) for order in orders))

    over(cases(frame).flatmap(places), examples, lambda r: renaming_holds(setting, r))


def renaming_holds(setting: Setting, renaming: Renaming) -> None:
    """Law 7 for one case and one order."""
    trace, outcome = decoded(setting, renaming.renamed)
    found = renaming.back(trace), outcome
    compare("renaming", setting, renaming, decoded(setting, renaming.case), found)


def one_state(table: dict[Any, Any], **parts: Any) -> TuringMachine:
    """A machine of one working state A over 0 and 1."""
    return TuringMachine.one_tape(table, start="A", blank="0", symbols="01", **parts)


RIGHT = one_state({("A", "0"): ("A", "1", "R"), ("A", "1"): ("A", "1", "R")})
LEFT = one_state({("A", "0"): ("A", "1", "L"), ("A", "1"): ("A", "1", "L")})
STAY = one_state({("A", "0"): ("A", "1", "S"), ("A", "1"): ("A", "0", "S")})
MISSING = one_state({("A", "0"): ("A", "1", "R")})
STILL = one_state({("A", "0"): ("Z", "0", "R")}, halting=["Z", "A"])
HALTS = one_state({("A", "0"): ("Z", "1", "R"), ("A", "1"): ("A", "1", "L")})


def edge(construction: Construction, dtype: str) -> int | None:
    """The claim's last exact position in this format, where a test can reach it."""
    position = construction.claim.exact_to.get(dtype, {}).get("position")
    return position if position is not None and position <= NEAR else None


def staged(construction: Construction, frame: Frame) -> Iterator[tuple[Setting, Case, Outcome]]:
    """For each way a run can end, cases that must end so."""
    setting, cells = Setting.default(construction, frame), frame.bounds.cells
    yield setting, Case(STILL), Outcome.halted
    yield setting, Case(HALTS), Outcome.halted
    yield setting, Case(MISSING, (("0", "0", "1"),)), Outcome.no_transition
    yield setting, Case(STAY), Outcome.out_of_steps
    for machine, sign in ((RIGHT, 1), (LEFT, -1)):
        yield setting, Case(machine, heads=(sign * (cells - 3),)), Outcome.out_of_cells
        # The last cell is still a cell: a machine that stays on it goes on.
        yield setting, Case(STAY, heads=(sign * cells,)), Outcome.out_of_steps
    for dtype in construction.claim.dtypes:
        position = edge(construction, dtype)
        if position is not None:
            wide = replace(frame, bounds=Bounds(frame.bounds.steps, position + 16))
            far = Setting(construction, wide, None, dtype)
            for machine, sign in ((RIGHT, 1), (LEFT, -1)):
                start = (sign * (position - 3),)
                yield far, Case(machine, heads=start), Outcome.out_of_precision


def outcomes(construction: Construction, *, frame: Frame = FRAMES[1]) -> None:
    """Law 9: every run ends with the outcome that is due, at the step at which it is due.

    A start state that halts: no steps. A missing transition, a run without end, heads that leave
    the cells on either side, and positions past the number format. Raises AssertionError.
    """
    for setting, case, due in staged(construction, frame):
        expected = right(setting, case)
        if expected[1] is not due:
            broken("outcomes", setting, case, "the reference", due, expected[1])
        compare("outcomes", setting, case, expected, decoded(setting, case))


SIZED = tuple(
    Frame(states, symbols, tapes, Bounds(steps, cells))
    for (states, symbols, tapes), (steps, cells) in product(
        [(2, 2, 1), (8, 4, 1), (3, 5, 1), (4, 2, 2), (2, 3, 3)], [(1, 1), (32, 13), (1000, 100)]
    )
)


def size(construction: Construction, *, frames: Iterable[Frame] = SIZED) -> None:
    """Law 6: depth, heads and widths are the theorem's formulas, and a step is one record.

    Raises AssertionError naming the frame and the quantity.
    """
    name = type(construction).__name__
    for frame in frames:
        counted, claimed = construction.program(frame).sizes(), construction.claim.size(frame)
        for quantity in sorted({*counted, *claimed}):
            want, got = claimed.get(quantity), counted.get(quantity)
            if want != got:
                broken("size", name, f"{frame}", quantity, want, got)
    setting = Setting.default(construction, FRAMES[1])
    case = Case(RIGHT)
    trace, _ = right(setting, case)
    program = setting.program().bind(construction.leaves(case.machine, setting.frame))
    prompt = construction.prompt(case.machine, case.tapes, case.heads, setting.frame)
    decoding = exact.decode(program, prompt.rows, setting.frame.bounds.steps, prompt.encoder)
    made = {len(column) for column in decoding.emitted.values()}
    if made != {len(trace)}:
        broken("size", name, case, "records", len(trace), sorted(made))
