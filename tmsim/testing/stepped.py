"""A construction's run as something to step, to set back and to go on from, held to the reference.

`stepping(construction)` is a Hypothesis state machine: it draws a machine and its input, and then
any order of steps, snapshots and returns to them. After each, what was emitted must be the
reference's run so far, and what is run again must be what was run before.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from tmsim.engine import run as engine
from tmsim.engine.blocks import Saved, restored, saved
from tmsim.engine.transformer import OUTCOMES, RUNNING
from tmsim.generating import named
from tmsim.outcome import Outcome
from tmsim.proofs import Construction, Frame
from tmsim.testing.laws.broken import broken
from tmsim.testing.laws.case import Case, Setting, compare, right
from tmsim.testing.laws.draw import examples_of, frames_of
from tmsim.testing.laws.engine import assembled, planned, prompted, read
from tmsim.told import told

MOST_AT_ONCE = 32


class Stepped:
    """One run, row by row.

    Of a construction that rewrites its context a row may be the last of one: it raises ValueError.

    >>> from tmsim import catalogue
    >>> from tmsim.machines import load
    >>> from tmsim.testing.laws.draw import FRAMES
    >>> setting = Setting.default(catalogue.find("tzamos_2026"), FRAMES[1])
    >>> run = Stepped(setting, Case(load("bb2").machine))
    >>> run.step(2); start = run.snapshot(); run.step(9); run.outcome
    <Outcome.halted: 'halted'>
    >>> run.rewind(start); run.step(1); run.check(); len(run.records), run.outcome
    (3, None)
    """

    def __init__(self, setting: Setting, case: Case) -> None:
        self.setting, self.case = setting, case
        with jax.enable_x64(True):
            self.weights = t = assembled(setting, case)
            if t.rewrites is not None:
                name = type(setting.construction).__name__
                raise ValueError(f"stepping: {name} rewrites its context, and is not stepped")
            given, encoder = prompted(setting, case)
            self.memories = planned(setting, t, given)
            self.state, self.encoded = engine.begin(t, self.memories, given, encoder)
        self.expected = right(setting, case)
        self.latest = np.zeros((0, t.recorded), np.int32)
        """The records of the rows made by whichever path led farthest."""

    @property
    def made(self) -> int:
        """How many rows were made."""
        return int(self.state.generated)

    @property
    def records(self) -> np.ndarray:
        """What the rows so far have emitted, [made, recorded]."""
        return self.latest[: self.made]

    @property
    def outcome(self) -> Outcome | None:
        """How the run ended; None while it goes on."""
        code = int(self.state.outcome)
        return None if code == RUNNING else OUTCOMES[code]

    def step(self, rows: int) -> None:
        """Make so many rows (at most 32), fewer where the run ends.

        Raises AssertionError where a row was made before and is another now.
        """
        t, limit = self.weights, self.setting.construction.rows(self.setting.frame)
        made = self.made
        with jax.enable_x64(True):
            self.state, records = engine.run_block(
                t, self.memories, self.encoded, jnp.int32(limit), self.state, jnp.int32(rows),
                rows=MOST_AT_ONCE, batched=False,
            )  # fmt: skip
            again = np.asarray(records)[: self.made - made]
        before = self.latest[made : self.made]
        other = np.flatnonzero((before != again[: len(before)]).any(1))
        if len(other):
            at = int(other[0])
            row = f"row {made + at + 1}, run again"
            broken("stepping", self.setting, self.case, row, before[at], again[at])
        if self.made > len(self.latest):
            self.latest = np.concatenate([self.latest[:made], again])

    def snapshot(self) -> Saved:
        """The run as it stands, to go back to."""
        return saved(self.state)

    def rewind(self, to: Saved) -> None:
        """Go back (or on) to a snapshot of this run."""
        with jax.enable_x64(True):
            self.state = restored(self.state, to)

    def check(self) -> None:
        """Raise AssertionError where the run so far is not the reference's."""
        t, (wanted, _) = self.weights, self.expected
        outcome = self.outcome
        if outcome is not None:
            found = read(self.setting, self.case, t, self.records, outcome)
            compare("stepping", self.setting, self.case, self.expected, found)
            return
        emitted = named(self.records, t)
        trace = told(self.setting.construction, self.case.machine, self.case.heads, emitted)
        until = wanted.part(0, len(trace))
        if len(trace) > len(wanted) or trace.differs(until) is not None:
            running = Outcome.out_of_steps
            compare("stepping", self.setting, self.case, (until, running), (trace, running))


def stepping(
    construction: Construction, *, frame: Frame | None = None
) -> type[RuleBasedStateMachine]:
    """The state machine of a construction's runs; its `TestCase` is a unittest for pytest.

    frame: what the machines are drawn for (default: that of the laws). Raises ValueError, when it
    runs, for a construction that rewrites its context.

    >>> from hypothesis import settings
    >>> from hypothesis.stateful import run_state_machine_as_test
    >>> from tmsim import catalogue
    >>> run_state_machine_as_test(stepping(catalogue.find("tzamos_2026")),
    ...     settings=settings(max_examples=2, stateful_step_count=5, deadline=None))
    """
    within = frames_of(construction)[0] if frame is None else frame
    setting = Setting.default(construction, within)

    class Stepping(RuleBasedStateMachine):
        snapshots: Any = Bundle("snapshots")

        @initialize(case=examples_of(construction, within))
        def begin(self, case: Case) -> None:
            self.run = Stepped(setting, case)

        @rule(rows=st.integers(1, MOST_AT_ONCE))
        def step(self, rows: int) -> None:
            if self.run.outcome is None:
                self.run.step(rows)

        @rule(target=snapshots)
        def snapshot(self) -> Saved:
            return self.run.snapshot()

        @rule(to=snapshots)
        def rewind(self, to: Saved) -> None:
            self.run.rewind(to)

        @invariant()
        def the_run_so_far_is_the_reference_s(self) -> None:
            if hasattr(self, "run"):
                self.run.check()

    Stepping.__name__ = f"Stepping{type(construction).__name__}"
    return Stepping
