"""`tmsim bounds`: the table, the verdicts, the JSON, and what is refused."""

from __future__ import annotations

import json
import sys

import pytest

from tmsim.elicit.bounds import simulated

TEXT = ("bounds", "text", "--vocab", "16", "--eps", "0.1", "--delta", "0.05")
LINEAR = ("bounds", "linear", "--dim", "5", "--eps", "0.2", "--delta", "0.1")


def test_the_sizes_of_text_are_printed_with_the_verdicts(tmsim) -> None:
    result = tmsim(*TEXT)
    assert result.status == 0
    for words in ("4,794", "705", "in the abstract", "measured", "… ", "loose by a factor"):
        assert words in result.out
    assert "false for every constant" in " ".join(result.out.split())
    assert max(map(len, result.out.split("\n\n", 2)[2].splitlines())) <= 80


def test_json_holds_rows_and_verdicts(tmsim) -> None:
    told = json.loads(tmsim(*TEXT, "--json", "--seed", "3").out)
    rows = {row["name"]: row for row in told["bounds"]}
    assert round(rows["abstract, text"]["n"]) == 4793
    low, high = rows["counting"]["interval"]
    assert low <= rows["counting"]["n"] <= high
    assert rows["minimax"]["n"] <= low and high <= rows["Bretagnolle–Huber–Carol"]["n"]
    assert {verdict["verdict"] for verdict in told["verdicts"]} >= {"false for every constant"}
    assert told["seed"] == 3 and told == json.loads(tmsim(*TEXT, "--json", "--seed", "3").out)
    assert told["bounds"] != json.loads(tmsim(*TEXT, "--json", "--seed", "4").out)["bounds"]


def test_half_spaces_are_measured_with_both_learners(tmsim) -> None:
    told = json.loads(tmsim(*LINEAR, "--json").out)
    measured = {row["name"]: row["n"] for row in told["bounds"] if row["kind"] == "measured"}
    assert 0 < measured["max-margin"] < measured["hebb"]


@pytest.mark.parametrize("argv", [TEXT, LINEAR])
def test_without_simulation_nothing_is_measured(tmsim, argv) -> None:
    result = tmsim(*argv, "--no-simulate")
    assert result.status == 0 and "\nmeasured" not in result.out


def test_what_is_too_large_to_simulate_is_told_and_not_cut(tmsim) -> None:
    result = tmsim("bounds", "text", "--vocab", "8192", "--contexts", "9", *TEXT[4:])
    assert result.status == 0
    assert "300 trials of 9 × 8192 counts; expected at most" in result.out


def test_texts_of_several_tokens_and_too_many_of_them(tmsim) -> None:
    assert "V^l" in tmsim(*TEXT, "--length", "2", "--no-simulate").out
    assert "16^9 texts are more than" in tmsim(*TEXT, "--length", "9", "--no-simulate").out


@pytest.mark.parametrize("argv", [TEXT, LINEAR])
def test_a_figure_needs_matplotlib_and_says_so_first(tmsim, argv, tmp_path, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setattr(simulated, "needed", None)
    result = tmsim(*argv, "--plot", str(tmp_path / "figure.svg"))
    assert (result.status, result.out) == (2, "")
    assert "matplotlib" in result.err and "tmsim[viz]" in result.err


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (("bounds",), "TASK"),
        (("bounds", "images"), "'images' text linear"),
        (("bounds", "text", "--eps", "0.1", "--delta", "0.1"), "--vocab"),
        ((*TEXT, "--eps", "1.5"), "--eps '1.5' between"),
        ((*TEXT, "--eps", "nan"), "--eps 'nan' between"),
        ((*TEXT, "--delta", "zero"), "--delta 'zero' between"),
        ((*TEXT, "--vocab", "1"), "--vocab '1' 2"),
        ((*TEXT, "--contexts", "0"), "--contexts '0' 1"),
        ((*TEXT, "--source", "english"), "'english' uniform zipf"),
        ((*LINEAR, "--dim", "0"), "--dim '0' 1"),
        ((*LINEAR, "--trials", "0"), "--trials '0' 1"),
    ],
)
def test_bad_input_is_one_line(tmsim, argv, words) -> None:
    result = tmsim(*argv)
    assert (result.status, result.out) == (2, "")
    assert result.err.startswith("tmsim: ") and result.err.count("\n") == 1
    assert [word for word in words.split() if word not in result.err] == []
