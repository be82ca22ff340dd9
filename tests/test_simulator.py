"""The front door: bad input, growth, interruption, saving, captured activations."""

from __future__ import annotations

import numpy as np
import pytest

import tmsim
from tmsim import Outcome, bounds
from tmsim.machines import TuringMachine, run, trace_hash
from tmsim.simulation import Simulation


def test_the_busy_beaver_matches_the_reference_and_its_hash() -> None:
    simulation = tmsim.simulate("bb4")
    assert simulation.verdict() == "matches the reference: 107 steps, 13 ones"
    machine = tmsim.load("bb4").machine
    assert simulation.trace_hash == trace_hash(machine, simulation.trace.rows())
    reference = run(machine, keep=True)
    assert tuple(simulation.trace.rows()) == reference.trace
    assert simulation.final == reference.configuration


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"machine": "bb44"}, "bb4"),
        ({"construction": "wei"}, "wei_2021"),
        ({"engine": "fast"}, "auto, decode or verify"),
        ({"dtype": "float128"}, "float64, float32"),
        ({"rule": "loudest"}, "leftmost"),
        ({"memory": "drum"}, "scan, ring, table"),
        ({"max_steps": -1}, "0 or more"),
        ({"cells": 0}, "cells=0"),
        ({"tape": "01x"}, "cell 2: x is not in the alphabet"),
        ({"head": (0, 0)}, "expected 1 whole number"),
        ({"activations": ("blocks.9.resid_pre",)}, "blocks.2.resid_post"),
    ],
)
def test_bad_input_is_named_in_one_line(arguments: dict, message: str) -> None:
    with pytest.raises(ValueError, match=r".*") as caught:
        tmsim.simulate(**{"machine": "bb2", **arguments})
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_machine_of_another_model_is_refused() -> None:
    class Counter:
        pass

    with pytest.raises(ValueError, match="TuringMachine"):
        tmsim.simulate(Counter())  # type: ignore[arg-type]


@pytest.mark.parametrize("construction", ["looped_tape", "wei_2021"])
def test_bounds_grow_until_the_run_ends_inside_them(construction: str, monkeypatch) -> None:
    monkeypatch.setattr(bounds, "FIRST_STEPS", 1 << 3)
    monkeypatch.setattr(bounds, "LOOP_CELLS", 1 << 3)
    seen: list[int] = []
    simulation = tmsim.simulate(
        "right-mover",
        construction=construction,
        max_steps=20,
        watch=lambda chunk: seen.extend(range(chunk.first, chunk.first + len(chunk.trace))),
    )
    assert simulation.outcome is Outcome.out_of_steps
    assert simulation.matches_reference
    assert seen == list(range(1, 21)), "each step is shown once, in order"


def test_given_cells_do_not_grow() -> None:
    simulation = tmsim.simulate("right-mover", cells=20, max_steps=90)
    assert (simulation.outcome, simulation.steps) == (Outcome.out_of_cells, 21)


def test_an_interrupt_returns_the_part_that_was_made() -> None:
    def interrupt(chunk: object) -> None:
        raise KeyboardInterrupt

    simulation = tmsim.simulate("bb5", max_steps=10**6, watch=interrupt)
    assert simulation.outcome is None
    assert 0 < simulation.steps < 10**6
    assert simulation.matches_reference
    assert "interrupted" in repr(simulation)


def test_an_unchecked_run_says_so() -> None:
    simulation = tmsim.simulate("bb3", check=False)
    assert simulation.matches_reference is None
    assert simulation.verdict().startswith("not checked")


def test_a_saved_run_comes_back(tmp_path) -> None:
    path = tmp_path / "run.npz"
    made = tmsim.simulate("palindrome", engine="verify", activations=("blocks.0.resid_post",))
    made.save(path)
    back = Simulation.load(path)
    assert back.as_json() == made.as_json()
    assert back.final == made.final
    assert np.array_equal(
        back.activations["blocks.0.resid_post"], made.activations["blocks.0.resid_post"]
    )


def test_a_file_that_is_no_saved_run_is_refused(tmp_path) -> None:
    path = tmp_path / "run.npz"
    path.write_bytes(b"not a zip file")
    with pytest.raises(ValueError, match="not a saved simulation"):
        Simulation.load(path)


@pytest.mark.parametrize("construction", ["tzamos_2026", "looped_tape", "wei_2021"])
def test_every_activation_can_be_captured_by_name(construction: str) -> None:
    simulation = tmsim.simulate("bb2", construction=construction, activations=("all",))
    resid = simulation.activations["blocks.0.resid_post"]
    rows = simulation.steps + 1
    assert resid.shape[0] == rows, "one row (loop: one pass) per configuration"
    assert any(name.endswith(".pattern") for name in simulation.activations)


def test_several_tapes_and_symbols_longer_than_a_character() -> None:
    machine = TuringMachine(
        {("go", ("one", "blank")): ("go", ("one", "one"), ("R", "R"))}, "go", "blank"
    )
    simulation = tmsim.simulate(machine, [["one", "one"], []])
    assert simulation.outcome is Outcome.no_transition
    assert simulation.tape == [["one", "one"], ["one", "one"]]
    assert simulation.trace_hash is None


def test_a_wrong_run_is_told_where_it_goes_wrong() -> None:
    simulation = tmsim.simulate("bb4", rule="leftmost")
    assert simulation.matches_reference is False
    assert simulation.disagreement is not None
    assert simulation.disagreement.startswith("step ")


def test_outside_the_claim_every_row_is_kept() -> None:
    simulation = tmsim.simulate("sweeper", dtype="bfloat16", max_steps=400)
    assert simulation.matches_reference is False, "a table would hide that bfloat16 fails"
    with pytest.raises(ValueError, match="has no claim for bfloat16"):
        tmsim.simulate("bb2", dtype="bfloat16", memory="table")
