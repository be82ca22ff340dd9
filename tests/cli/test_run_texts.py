"""`tmsim run` on texts that declare no alphabet: the input may bring symbols of its own."""

from __future__ import annotations

import json

import pytest

from tmsim import simulate
from tmsim.cli import main
from tmsim.machines import load

WALK = "0 * * r 0\n0 _ _ * halt  ; $INITIAL_TAPE: ab\n"
BACK = "0 1 1 l 0\n0 x y l halt\n; $TAPE: one-way"


def ran(capsys, *arguments):
    code = main(["run", *arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(
    ("given", "steps", "tape"),
    [
        ([], 3, "ab"),
        (["cd[e"], 5, "cd[e"),
        (["[]"], 3, "[]"),
        (["[1]"], 4, "[1]"),
        (['["p", "q"]'], 3, "pq"),
        (["pq *rs"], 3, "pq_rs"),
        (["pqr", "--head", "2"], 2, "pqr"),
    ],
)
def test_an_input_with_symbols_of_its_own(capsys, tmp_path, given, steps, tape):
    path = tmp_path / "walk.txt"
    path.write_text(WALK)
    code, told = ran(capsys, str(path), *given)
    assert code == 0 and told["matches_reference"]
    assert (told["steps"], "".join(told["tape"])) == (steps, tape)


def test_the_library_takes_such_an_input_too():
    run = simulate(load(WALK), "xyz")
    assert (run.steps, run.verdict()) == (4, "matches the reference: 4 steps, 3 non-blank cells")


def test_a_one_way_tape(capsys):
    code, told = ran(capsys, BACK, "1", "--max-steps", "5")
    assert (code, told["steps"], told["outcome"]) == (3, 5, "out_of_steps")
    code, told = ran(capsys, BACK, "x1", "--head", "1")
    assert (code, told["steps"], "".join(told["tape"])) == (0, 2, "⊢y1")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (['["pq"]'], "tape 1, cell 0: 'pq' is not a symbol; expected one character"),
        (["a*b*"], "* stands in cell 1 and 3 of the input; expected it once"),
        (["a*b", "--head", "0"], "* stands in cell 1 of the input, and heads is (0); expected"),
        (['[["p"], ["q"]]'], "2 words for a machine with 1 tape(s)"),
    ],
)
def test_a_wrong_input_is_told_in_one_line(capsys, given, message):
    assert main(["run", WALK, *given]) == 2
    assert message in capsys.readouterr().err
