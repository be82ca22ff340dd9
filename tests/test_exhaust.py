"""Every machine of a class: the counts are the reference's own, and are kept when a run is cut."""

from __future__ import annotations

import json
from pathlib import Path

import jax
import numpy as np
import pytest

from tests.laws.planted import WrongMoves
from tmsim import exhaust as module
from tmsim.batch import prepared
from tmsim.catalogue import find
from tmsim.cli import main
from tmsim.exhaust import Changed, exhaust
from tmsim.machines import load, run
from tmsim.machines.enumerated import Enumerated
from tmsim.proofs import Bounds

COVERED = {
    "tzamos_2026": 1, "perez_2021": 1, "wei_2021": 1, "looped_tape": 81, "merrill_2024": 81,
    "pencil_2025": 162, "brosamle_2026": 2593, "brosamle_2026_summarised": 2593,
}  # fmt: skip
"""Which share of the 20,736 machines a test runs; `tmsim exhaust 2 2` runs all of them."""


def test_each_number_is_another_machine() -> None:
    kind = Enumerated(1, 2)
    every = {kind.text(n) for n in range(kind.count)}
    assert len(every) == kind.count == 64
    for n in range(0, kind.count, 7):
        assert load(kind.text(n)).machine.transitions == kind.machine(n).transitions


@pytest.mark.parametrize("number", [-1, 64])
def test_a_number_that_no_machine_has_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match=f"^machine {number}; expected 0 to 63$"):
        Enumerated(1, 2).machine(number)


@pytest.mark.parametrize("sizes", [(0, 2), (2, 0), (26, 2), (2, 11)])
def test_a_class_that_there_is_not_is_refused(sizes: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="; expected 1 to "):
        Enumerated(*sizes)


@pytest.mark.parametrize("name", ["tzamos_2026", "wei_2021"])
def test_the_numbers_put_together_are_those_assembled(name: str) -> None:
    kind, proof, bounds = Enumerated(2, 2), find(name), Bounds(20, 22)
    numbers = np.array([0, 1, 11, 4711, 20735, 12345])
    with jax.enable_x64(True):
        made = Changed(kind, proof, bounds, "float64").prepared(numbers)
        machines = [kind.machine(int(n)) for n in numbers]
        own = prepared(proof, machines, [()] * len(machines), bounds, "float64")
    ours, theirs = jax.tree.leaves(made.each), jax.tree.leaves(own.each)
    for mine, other in zip(ours, theirs, strict=True):
        assert mine.dtype == other.dtype and np.array_equal(mine, other)


@pytest.mark.parametrize("name", COVERED)
def test_the_machines_of_two_states_and_two_symbols(name: str) -> None:
    share = COVERED[name]
    counts = exhaust(2, 2, construction=name, share=share)
    assert counts.done == len(range(0, 20736, share)) and counts.wrong == 0
    assert sum(counts.outcomes.values()) == counts.done
    assert sum(counts.steps.values()) == counts.outcomes["halted"]
    if share == 1:
        # S(2) = 6 and Σ(2) = 4; T. Rado, On Non-Computable Functions, 1962.
        assert (max(counts.steps), max(counts.ones)) == (6, 4)
        most = run(Enumerated(2, 2).machine(counts.champions[0] or 0), max_steps=100)
        assert most.steps == 6


def test_the_counts_are_the_reference_s_own() -> None:
    counts = exhaust(2, 2, share=97, max_steps=50)
    ends = [run(Enumerated(2, 2).machine(n), max_steps=50) for n in range(0, 20736, 97)]
    for outcome, count in counts.outcomes.items():
        assert sum(end.outcome == outcome for end in ends) == count
    halted = [end for end in ends if end.outcome == "halted"]
    for steps, count in counts.steps.items():
        assert sum(end.steps == steps for end in halted) == count
    for ones, count in counts.ones.items():
        assert sum(len(end.configuration.tapes[0]) == ones for end in halted) == count
    assert counts.made == sum(end.steps for end in ends)


def test_a_wrong_proof_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "find", lambda name: WrongMoves())
    counts = exhaust(1, 2, max_steps=5)
    assert counts.wrong and counts.first_wrong is not None


def test_a_run_that_was_cut_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = exhaust(2, 2, share=40, max_steps=30)
    monkeypatch.setattr(module, "AT_ONCE", 100)

    def stop(counts: module.Counts) -> None:
        if counts.done >= 300:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        exhaust(2, 2, share=40, max_steps=30, folder=tmp_path, watch=stop)
    seen: list[int] = []
    counts = exhaust(
        2, 2, share=40, max_steps=30, folder=tmp_path, watch=lambda c: seen.append(c.done)
    )
    assert seen[0] == 400
    for name in ("done", "outcomes", "steps", "ones", "champions", "wrong", "made"):
        assert getattr(counts, name) == getattr(whole, name), name
    again = exhaust(2, 2, share=40, max_steps=30, folder=tmp_path, watch=lambda c: seen.append(-1))
    assert again == counts and -1 not in seen


def test_counts_of_another_run_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    exhaust(1, 2, max_steps=5, folder=tmp_path)
    assert main(["exhaust", "1", "2", "--max-steps", "6", "--checkpoint", str(tmp_path)]) == 2
    error = capsys.readouterr().err
    assert "of another run: max_steps is 5, expected 6" in error and error.count("\n") == 1


def test_the_command_tells_the_champions(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["exhaust", "1", "2"]) == 0
    told = capsys.readouterr().out
    assert "64 machines: 32 out_of_steps, 32 halted" in told
    assert "every run is the reference's" in told
    assert main(["exhaust", "1", "2", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["outcomes"] == {"halted": 32, "out_of_steps": 32} and found["wrong"] == 0
