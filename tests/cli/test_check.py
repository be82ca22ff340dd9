"""`tmsim check`: counts, disagreements, rows apart, and the status."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tmsim import corpus as tmsim_corpus
from tmsim.corpus import simulators

CORPUS = Path(__file__).parents[1] / "data" / "corpus.jsonl"
ROWS = [json.loads(line) for line in CORPUS.read_text(encoding="utf-8").splitlines()]
SHORT = [row for row in ROWS if row["steps"] <= 60 and len(row["text"]) < 40][:24]

ALIKE = [row for row in ROWS if row["steps"] <= 40 and row["text"].count("_") == 2][:8]
"""Three states, two or three symbols."""


@pytest.fixture
def corpus(tmp_path):
    """Writes rows to a file and returns its path."""

    def write(rows: list[dict[str, Any]]) -> str:
        path = tmp_path / "corpus.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        return str(path)

    return write


KINDS = ("tzamos_2026", "looped_tape", "perez_2021", "li_2025")
"""Tokens, a loop, an encoder and vectors, a translation; the laws hold all of them to runs."""


@pytest.mark.parametrize("name", KINDS)
def test_a_construction_agrees(tmsim, corpus, name):
    """Rows that fit one frame, so that the construction is compiled once."""
    result = tmsim("check", corpus(ALIKE), "--construction", name)
    assert (result.status, result.err) == (0, "")
    first, report = result.out.splitlines()
    count = len(ALIKE)
    assert first.endswith(f"corpus.jsonl: {count} rows")
    assert report.startswith(f"{name}: {count} agree, 0 disagree; ")


def test_all_are_those_that_run_turing_machines(tmsim, corpus):
    result = tmsim("check", corpus(ALIKE), "--construction", "all", "--max-steps", "0")
    _, *reports = result.out.splitlines()
    assert [line.partition(": 0 agree")[0] for line in reports] == list(simulators())


PLANTED = [
    ("steps", 1),
    ("final_state", "Q"),
    ("final_tape", "7"),
    ("final_tape_left", 3),
    ("final_head", 99),
    ("config_hash", "0" * 16),
    ("halt_reason", "cutoff"),
]


@pytest.mark.parametrize(("field", "value"), PLANTED, ids=[field for field, _ in PLANTED])
def test_a_planted_error_is_found(tmsim, corpus, field, value):
    wrong = [*SHORT[:3], SHORT[3] | {field: value}]
    result = tmsim("check", corpus(wrong), "--json")
    told = json.loads(result.out)
    [report] = told["constructions"]
    assert (result.status, report["agree"], report["disagree"]) == (1, 3, 1)
    [found] = report["disagreements"]
    assert found["name"] == SHORT[3]["name"] and "expected" in found["difference"]


def test_rows_apart_are_counted_and_listed_with_their_reason(tmsim, corpus):
    rows = [SHORT[0], SHORT[0] | {"format": "runes"}, ROWS[-1] | {"steps": 10**7, "name": "long"}]
    path = corpus(rows)
    quiet, loud = tmsim("check", path), tmsim("check", path, "--verbose")
    assert quiet.status == loud.status == 0
    assert "1 agree, 0 disagree, 1 no parser, 1 outside bounds" in quiet.out
    assert "apart:" not in quiet.out
    assert f"apart: {SHORT[0]['name']}: no parser for runes" in loud.out
    assert "apart: long: 10,000,000 steps > limit 10,000" in loud.out
    told = json.loads(tmsim("check", path, "--verbose", "--json").out)
    assert told["constructions"][0]["apart"] == {"no parser": 1, "outside bounds": 1}
    assert [row["kind"] for row in told["constructions"][0]["rows_apart"]] == [
        "no parser", "outside bounds",
    ]  # fmt: skip


def test_nothing_run_is_no_success(tmsim, corpus):
    assert tmsim("check", corpus([])).status == 3
    assert tmsim("check", corpus(SHORT), "--max-steps", "0").status == 3


BAD = [
    ("{", "line 1: not JSON"),
    ("[]", "line 1: [] object"),
    ("\n\n{}", "line 3: no field 'tapes'"),
    (json.dumps(SHORT[0] | {"steps": "6"}), "line 1, steps: '6' whole number"),
    (json.dumps(SHORT[0] | {"steps": True}), "line 1, steps: True whole number"),
    (json.dumps(SHORT[0] | {"max_steps": -1}), "line 1, max_steps: -1"),
    (json.dumps(SHORT[0] | {"halt_reason": "bored"}), "halt_reason: 'bored' cutoff"),
    (json.dumps(SHORT[0] | {"input": "x"}), "line 1 tape 1, cell 0: x"),
    (json.dumps(SHORT[0] | {"text": "1RB"}), "line 1 bbchallenge"),
    (json.dumps(SHORT[0] | {"tapes": 2}), "final_tape: list"),
    (json.dumps(SHORT[0] | {"tapes": 0}), "tapes: 0"),
]


@pytest.mark.parametrize(("text", "words"), BAD, ids=[words for _, words in BAD])
def test_a_malformed_row_is_named(tmsim, tmp_path, text, words):
    path = tmp_path / "bad.jsonl"
    path.write_text(text, encoding="utf-8")
    result = tmsim("check", str(path))
    assert (result.status, result.out) == (2, "")
    assert result.err.startswith(f"tmsim: {path}, line ") and result.err.count("\n") == 1
    assert [word for word in words.split() if word not in result.err] == []


def test_an_interrupt_keeps_what_was_done(tmsim, corpus, monkeypatch):
    from tmsim.corpus.bench import Bench

    done = Bench.run

    def pressed(self: Bench, cases):
        runs = done(self, cases)
        yield next(runs)
        raise KeyboardInterrupt

    monkeypatch.setattr(Bench, "run", pressed)
    monkeypatch.setattr(tmsim_corpus, "simulators", lambda: ("tzamos_2026", "wei_2021"))
    result = tmsim("check", corpus(SHORT), "--construction", "all", "--json")
    [report] = json.loads(result.out)["constructions"]
    assert (result.status, report["agree"], report["interrupted"]) == (130, 1, True)
