"""Runs that are stepped, set back and gone on from; and planted errors that this finds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.laws.planted import WideSlack
from tmsim import catalogue
from tmsim.machines import load
from tmsim.testing import stepping
from tmsim.testing.laws import FRAMES, LawBroken
from tmsim.testing.laws.case import Case, Setting
from tmsim.testing.stepped import Stepped

FEW = settings(
    max_examples=25, stateful_step_count=12, deadline=None, derandomize=True, database=None,
    phases=(Phase.generate, Phase.shrink), print_blob=False, report_multiple_bugs=False,
)  # fmt: skip


def stepped(name: str = "bb3", proof: Any = None) -> Stepped:
    construction = catalogue.find("tzamos_2026") if proof is None else proof
    return Stepped(Setting.default(construction, FRAMES[1]), Case(load(name).machine))


@pytest.mark.parametrize("name", ["tzamos_2026", "looped_tape"])
def test_any_order_of_steps_and_returns_is_the_reference_s_run(name: str) -> None:
    run_state_machine_as_test(stepping(catalogue.find(name)), settings=FEW)


def test_a_wrong_proof_is_found_and_the_way_to_it_is_short(
    capsys: pytest.CaptureFixture[str],
) -> None:
    more = settings(FEW, max_examples=300)
    with pytest.raises(LawBroken) as told:
        run_state_machine_as_test(stepping(WideSlack()), settings=more)
    notes = "\n".join(getattr(told.value, "__notes__", []))
    assert 1 <= notes.count("state.step(") <= 3 and "state.rewind" not in notes
    assert "WideSlack" in str(told.value) and "machine " in str(told.value)


def test_a_run_that_is_cut_and_gone_on_from_is_the_same() -> None:
    run = stepped()
    starts = []
    while run.outcome is None:
        starts.append(run.snapshot())
        run.step(1)
    assert run.made == 21 and len(run.records) == 21
    whole = run.records.copy()
    for start in reversed(starts):
        run.rewind(start)
        assert run.outcome is None
        run.check()
        run.step(32)
        run.check()
        assert np.array_equal(run.records, whole)


def test_a_return_to_another_run_is_noticed() -> None:
    run, other = stepped("bb3"), stepped("bb4")
    run.step(9)
    run.check()
    other.step(5)
    run.rewind(other.snapshot())
    with pytest.raises(LawBroken, match=r"row \d, run again"):
        run.step(4)


def test_a_row_that_differs_when_run_again_is_told() -> None:
    run = stepped()
    start = run.snapshot()
    run.step(9)
    run.latest[4] += 1
    run.rewind(start)
    with pytest.raises(LawBroken, match="row 5, run again"):
        run.step(9)


def test_what_rewrites_its_context_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^stepping: Pencil2025 rewrites its context"):
        stepped(proof=catalogue.find("pencil_2025"))
