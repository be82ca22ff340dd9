"""Law 7: the names of states and symbols, and their order, mean nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from tmsim.machines import TuringMachine
from tmsim.proofs import Construction, Frame
from tmsim.testing.laws.case import Case, Setting, compare
from tmsim.testing.laws.draw import FRAMES, budget, examples_of, over
from tmsim.testing.laws.engine import decoded
from tmsim.trace import Trace


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

    Only Turing machines have names. Raises AssertionError naming machine, input, order and step.
    """
    if not issubclass(construction.model, TuringMachine):
        return
    setting = Setting.default(construction, frame)

    def places(case: Case) -> st.SearchStrategy[Renaming]:
        orders = (
            st.permutations(range(len(x))) for x in (case.machine.states, case.machine.symbols)
        )
        return st.builds(Renaming, st.just(case), *(order.map(tuple) for order in orders))

    over(
        examples_of(construction, frame).flatmap(places),
        budget(construction, frame, examples),
        lambda r: renaming_holds(setting, r),
    )


def renaming_holds(setting: Setting, renaming: Renaming) -> None:
    """Law 7 for one case and one order."""
    trace, outcome = decoded(setting, renaming.renamed)
    found = renaming.back(trace), outcome
    compare("renaming", setting, renaming, decoded(setting, renaming.case), found)
