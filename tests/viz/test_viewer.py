"""What the viewer's page holds: the run's own values, its lemmas, and no markup from a file."""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tmsim
from tmsim import catalogue
from tmsim.cli import main
from tmsim.machines import TuringMachine, load
from tmsim.proofs.rules import Average, Linear, Rightmost, Softmax
from tmsim.simulation import Simulation
from tmsim.turing import TuringConstruction
from tmsim.viz.viewer import page
from tmsim.viz.viewer.data import data

EVIL = "<script>alert(1)</script>"
ROWS = {"tzamos_2026": 7, "looped_tape": 7, "perez_2021": 8}
"""Rows of the 2-state champion: a null row and one per step; passes; a seed row more."""


def at(column: Mapping[str, Any], index: int) -> Any:
    return column["values"][column["at"][index] if "at" in column else 0]


def register(parts: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return next(part for part in parts if part["name"] == name)


def unpacked(text: str) -> dict[str, Any]:
    [packed] = re.findall(r'^view\(.*, "([A-Za-z0-9+/=]*)", document\);$', text, re.MULTILINE)
    return json.loads(zlib.decompress(base64.b64decode(packed)))


@pytest.fixture(scope="module")
def run() -> Simulation:
    return tmsim.simulate("bb3")


@pytest.fixture(scope="module")
def shown(run: Simulation) -> dict[str, Any]:
    return data(run)


def test_the_registers_are_the_trace(run: Simulation, shown: dict[str, Any]) -> None:
    columns = run.trace.to_dict()
    last = shown["layers"][-1]["registers"]
    for name, told in (("next_state", "next_state"), ("read[0]", "read_1"), ("write[0]", "write_1"),
                       ("move[0]", "move_1")):  # fmt: skip
        values = [at(register(last, name), t) for t in range(run.steps)]
        assert values == columns[told]
    here = [at(register(shown["layers"][0]["registers"], "here[0]"), t) for t in range(run.steps)]
    assert here == [str(h) for h in columns["head_1"]]


def test_an_arc_leads_to_the_row_that_wrote_the_cell_last(shown: dict[str, Any]) -> None:
    [head] = shown["layers"][2]["heads"]
    places = [*shown["trace"]["head"][0]]
    places.append(places[-1] + shown["trace"]["move"][0][-1])
    last: dict[int, int] = {}
    for row, place in enumerate(places):
        assert at(head["rows"], row) == (last.get(place, 0),)
        last[place] = row + 1
    assert all(at(head["margin"], row) == "1" for row in range(1, len(places)))


def test_an_average_over_every_row_names_none_of_them(shown: dict[str, Any]) -> None:
    [head] = shown["layers"][0]["heads"]
    assert at(head["rows"], 21) is None and at(head["count"], 21) == 22
    assert at(head["rows"], 1) == (0, 1)


@pytest.mark.parametrize("name", ROWS)
def test_every_lemma_holds_in_the_numbers(name: str) -> None:
    shown = data(tmsim.simulate("bb2", construction=name))
    assert shown["rows"]["step"] == sorted(shown["rows"]["step"])
    assert len(shown["rows"]["step"]) == ROWS[name]
    for layer in shown["layers"]:
        if layer["ensures"] is not None:
            assert set(layer["ensures"]["values"]) <= {True, None}, layer["title"]
            assert True in layer["ensures"]["values"]
    assert set(shown["rows"]["step"]) == set(range(7))


def test_a_lemma_that_fails_is_told_with_its_value(
    run: Simulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    proof = type(catalogue.find("tzamos_2026"))
    right = proof.program

    def wrong(self: TuringConstruction, frame: Any) -> Any:
        program = right(self, frame)
        first = program.layers[0]
        lemma = lambda now: {"here[0]": now.heads[0] + (now.time == 5)}  # noqa: E731
        return replace(program, layers=[replace(first, ensures=lemma), *program.layers[1:]])

    monkeypatch.setattr(proof, "program", wrong)
    ensures = data(run)["layers"][0]["ensures"]
    here = run.trace.part(0, run.steps).head[0][5]
    assert at(ensures, 5) == f"here[0] is {here}, the lemma says {here + 1}"
    assert [at(ensures, row) for row in (4, 6)] == [True, True]


def test_two_tapes_have_two_heads_and_two_words() -> None:
    shown = data(tmsim.simulate("palindrome-2-tapes", "aba"))
    assert len(shown["start"]["heads"]) == len(shown["trace"]["head"]) == 2
    assert [len(word) for word in shown["start"]["words"]] == [3, 0]


def test_names_from_a_file_are_no_markup() -> None:
    machine = TuringMachine.one_tape(
        {(EVIL, "0"): ("Z", "1", "R")},
        start=EVIL, blank="0", halting=frozenset({"Z"}),
    )  # fmt: skip
    text = page(tmsim.simulate(machine))
    assert EVIL not in text and "alert(1)" not in text
    assert unpacked(text)["states"] == [EVIL, "Z"]


def test_a_name_in_the_title_is_escaped(run: Simulation) -> None:
    text = page(replace(run, source="</title><script>"))
    assert "</title><script>" not in text and "&lt;/title&gt;&lt;script&gt;" in text


def test_two_thousand_steps_are_less_than_two_megabytes(tmp_path: Path) -> None:
    path = tmp_path / "run.html"
    assert main(["view", "bb5", "--max-steps", "2000", "-o", str(path)]) == 0
    assert path.stat().st_size < 2_000_000
    assert unpacked(path.read_text("utf-8"))["steps"] == 2000


@pytest.mark.parametrize(
    ("rule", "scores", "rows", "margin"),
    [
        (Rightmost(), [3.0, 3.0, 1.0], (1,), "2"),
        (Rightmost(within=1 / 2), [2.75, 3.0, 2.0], (1,), "0.75"),  # type: ignore[arg-type]
        (Average(), [3.0, 3.0, 1.0], (0, 1), "2"),
        (Average(), [1.0, -np.inf, -np.inf], (0,), ""),
        (Softmax(), [0.0, 0.0, -50.0], (0, 1), ""),
        (Linear(), [1.0, 5.0, -np.inf], (0, 1), ""),
    ],
)
def test_where_a_head_looks(rule: Any, scores: list[float], rows: Any, margin: str) -> None:
    from tmsim.viz.viewer.heads import looks

    class Head:
        pass

    head = Head()
    head.rule = rule  # type: ignore[attr-defined]
    [look] = looks(head, np.array([scores]))  # type: ignore[arg-type]
    assert (look.rows, look.margin) == (rows, margin)


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["bb2", "--construction", "qiu_2024"], "runs a translation"),
        (["bb5", "--max-steps", "60000"], "ask for fewer steps"),
    ],
)
def test_a_run_that_cannot_be_shown_is_refused(
    argv: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "run.html"
    assert main(["view", *argv, "-o", str(path)]) == 2
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1 and not path.exists()


def test_a_folder_that_is_not_there_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "no" / "run.html"
    assert main(["view", "bb2", "-o", str(path)]) == 2
    assert str(path) in capsys.readouterr().err


def test_the_worked_example_is_the_zoo_s(run: Simulation) -> None:
    assert run.machine == load("bb3").machine
