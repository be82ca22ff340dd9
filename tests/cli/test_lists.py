"""`tmsim list` and `tmsim explain`."""

from __future__ import annotations

import json

import pytest

from tmsim import catalogue
from tmsim.machines import TuringMachine, formats, load, zoo
from tmsim.modelled import runs_turing_machines
from tmsim.proofs import Bounds


def test_list_names_everything(tmsim):
    result = tmsim("list")
    assert (result.status, result.err) == (0, "")
    words = result.out.replace(",", " ").split()
    for name in (*zoo.names(), *catalogue.names(), *formats.names(), "rightmost:1/2", "bfloat16"):
        assert name in words
    assert max(map(len, result.out.splitlines())) <= 80


def test_list_json_tells_the_claims(tmsim):
    told = json.loads(tmsim("list", "--json").out)
    assert [m["name"] for m in told["machines"]] == list(zoo.names())
    by_name = {c["name"]: c for c in told["constructions"]}
    assert tuple(by_name) == catalogue.names() and told["formats"] == list(formats.names())
    claim = catalogue.find("tzamos_2026").claim
    assert by_name["tzamos_2026"]["dtypes"] == list(claim.dtypes)
    assert by_name["tzamos_2026"]["exact_to"]["float32"] == claim.exact_to["float32"]
    [bb4] = [m for m in told["machines"] if m["name"] == "bb4"]
    assert (bb4["states"], bb4["steps"], bb4["outcome"]) == (5, 107, "halted")


@pytest.mark.parametrize("name", catalogue.names())
def test_explain_without_and_with_a_machine(tmsim, name):
    construction, general = catalogue.find(name), tmsim("explain", name)
    for part in (construction.claim.statement.split()[0], "layer 1:", "register"):
        assert part in general.out
    bound = tmsim("explain", name, "bb2")
    if not runs_turing_machines(construction):
        assert (bound.status, bound.out) == (2, "") and "translation" in bound.err
        return
    assert general.status == bound.status == 0
    machine = load("bb2").machine
    told_apart = issubclass(TuringMachine, construction.model) and bool(
        construction.leaves(machine, construction.frame(machine, Bounds(8, 8)))
    )
    # Where the machine stands in the prompt, as in sharma_2025, no weight tells it.
    assert ("δ." in general.out) == told_apart or not issubclass(TuringMachine, construction.model)
    if told_apart:
        assert "δ.next_state[" in general.out and "δ.next_state[" not in bound.out


def test_explain_sizes_the_machine(tmsim):
    assert "for 8 states, 2 symbols, 1 tape(s)" in tmsim("explain", "looped_tape", "bb4").out
    assert "2 tape(s)" in tmsim("explain", "wei_2021", "palindrome-2-tapes").out


def test_explain_latex_is_latex_only(tmsim):
    out = tmsim("explain", "tzamos_2026", "bb2", "--latex").out
    assert out.startswith("$$\n\\begin{aligned}") and out.endswith("\\end{aligned}\n$$\n")


def test_the_version_and_the_help(tmsim):
    assert tmsim("--version").out.startswith("tmsim ")
    for command in ("run", "list", "explain", "check"):
        assert command in tmsim("--help").out
        result = tmsim(command, "--help")
        assert result.status == 0 and result.out.startswith(f"usage: tmsim {command}")
