"""Each experiment meets its rule, can fail, and is told as it was measured."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tmsim.cli import main
from tmsim.elicit.experiments import Curve, Figure, Result, c2, c3, find, names, t7
from tmsim.elicit.experiments import _linear as linear
from tmsim.elicit.experiments import _text as text
from tmsim.elicit.experiments.page import page
from tmsim.elicit.experiments.record import Run, load, record

PAGE = Path(__file__).parents[2] / "docs/pages/elicitation.md"


@pytest.mark.parametrize("name", names())
def test_it_meets_its_rule(name: str) -> None:
    result = find(name).run(quick=True)
    assert result.id == name
    assert result.title == find(name).TITLE
    assert result.passed, [(row["expected"], row["measured"]) for row in result.rows]
    assert json.loads(json.dumps(result.to_json()))["rows"]


def test_a_learner_that_guesses_is_not_met(monkeypatch: pytest.MonkeyPatch) -> None:
    def guess(data, layers, rate):
        del layers, rate
        return np.random.default_rng(0).standard_normal((len(data), data[0].x.shape[1]))

    monkeypatch.setattr(linear, "learned", guess)
    for experiment in (c2, c3):
        found = experiment.run(quick=True)
        assert (found.passed, found.verdict) == (False, "not met")


def test_a_base_that_does_not_read_its_prompt_is_not_met(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "weights", lambda prompts, V, m: np.full((len(prompts), V), 1 / V))
    monkeypatch.setattr(t7, "SIZES", (32, 64, 128, 256))
    assert t7.run(quick=True).verdict == "not met"


def a_result(**changed) -> Result:
    row = {"n": np.int64(3), "expected": 0.25, "measured": np.float64(0.5), "interval": (0.4, 0.6)}
    told = {
        "id": "x9", "title": "A title", "question": "Is it so?", "target": "it", "readout": "plain",
        "rows": [row, {**row, "n": 4, "expected": None}], "rule": "near", "verdict": "refuted",
        "passed": True, "notes": ("No: 0.5.",),
        "figure": Figure("n", "error", [Curve("one", [1, 2], [3, 4], low=[2, 3], high=[4, 5])]),
    }  # fmt: skip
    return Result(**(told | changed))


def test_the_page_tells_what_the_record_has() -> None:
    kept = record([Run(a_result(), 1.5)], quick=True, seed=7)
    told = page(kept, {"x9": "plots/x9.svg"})
    assert told == page(json.loads(json.dumps(kept)), {"x9": "plots/x9.svg"})
    for line in (
        "| [X9](#x9) | Is it so? | refuted | yes |",
        "| n | expected | measured | interval |",
        "| 3 | 0.25 | 0.5 | 0.4 … 0.6 |",
        "| 4 |  | 0.5 | 0.4 … 0.6 |",
        "![A title](plots/x9.svg)",
        "No: 0.5.",
    ):
        assert line in told.splitlines()
    assert f"Measured on {kept['date']}" in told and "seed 7, few trials" in told


def test_the_page_that_is_kept_is_its_record() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(load(PAGE.with_suffix(".json")))


BAD = {
    "no rows": ({"rows": []}, "no rows"),
    "nothing expected": ({"rows": [{"measured": 1.0}]}, "a row lacks expected"),
    "NaN": ({"rows": [{"expected": 1.0, "measured": np.nan}]}, "measured is NaN"),
    "an unknown verdict": ({"verdict": "fine"}, "verdict 'fine'; expected one of 'holds'"),
    "passed and not met": ({"verdict": "not met"}, "passed is True"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_result_that_cannot_be(name: str) -> None:
    changed, told = BAD[name]
    with pytest.raises(ValueError, match=told):
        a_result(**changed)


def test_a_curve_has_a_point_for_each_x() -> None:
    with pytest.raises(ValueError, match="curve 'one': 1 values of y, expected 2"):
        Curve("one", [1, 2], [3])


def test_a_rule_that_is_not_met_is_a_disagreement(monkeypatch: pytest.MonkeyPatch) -> None:
    failed = a_result(id="c2", verdict="not met", passed=False)
    monkeypatch.setattr(c2, "run", lambda *, quick, seed: failed)
    assert main(["experiment", "c2", "--json"]) == 1


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["c9"], "there is no experiment 'c9'; there is "),
        (["c2", "--page", "told.txt"], "--page told.txt: expected a file whose name ends in .md"),
        (["c2", "--seed", "-1"], "expected a whole number from 0"),
        ([], "NAME"),
    ],
)
def test_bad_arguments_are_one_line(
    argv: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["experiment", *argv]) == 2
    shown = capsys.readouterr()
    assert told in shown.err and shown.err.count("\n") == 1 and not shown.out
