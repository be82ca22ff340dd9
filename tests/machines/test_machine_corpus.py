"""The corpus: every figure of every row, and every text that must be refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tmsim.machines import config_hash, formats, run

DATA = Path(__file__).parents[1] / "data"
OUTCOMES = {"halt_state": "halted", "no_rule": "no_transition", "cutoff": "out_of_steps"}


def rows(name: str) -> list[dict]:
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


CORPUS, REJECTS = rows("corpus.jsonl"), rows("rejects.jsonl")
SHORT = [row for row in CORPUS if row["steps"] <= 10**4]


def test_the_corpus_is_there():
    assert len(CORPUS) == 269 and len(SHORT) == 186 and len(REJECTS) == 21


@pytest.mark.parametrize("row", SHORT, ids=lambda row: row["name"])
def test_the_run_has_the_figures_of_the_row(row):
    document = formats.parse(row["text"], row["format"])
    machine = document.machine
    assert (machine.start, machine.blank, machine.tapes) == (
        row["start"], row["blank"], row["tapes"],
    )  # fmt: skip
    # The corpus counts cells from where the head starts, we from where the input starts.
    origin = row["input_head"]
    end = run(machine, [row["input"]], origin, row["steps"] if not row["halted"] else None)
    last = end.configuration
    left, word = last.trimmed()
    left, text, head = left - origin if word else 0, "".join(map(str, word)), last.heads[0] - origin
    assert end.outcome == OUTCOMES[row["halt_reason"]]
    assert (end.steps, last.state, text, left, head, len(last.tapes[0])) == (
        row["steps"], row["final_state"], row["final_tape"], row["final_tape_left"],
        row["final_head"], row["sigma"],
    )  # fmt: skip
    assert config_hash(last.state, [head], [left], [text]) == row["config_hash"]
    if row["accepted"] is not None:
        assert (last.state in machine.accepting) == row["accepted"]


@pytest.mark.parametrize("row", CORPUS, ids=lambda row: row["name"])
def test_the_text_is_recognised_and_written_back(row):
    assert formats.matching(row["text"]) == (row["format"],)
    document = formats.parse(row["text"])
    assert formats.parse(formats.write(document, row["format"]), row["format"]) == document


@pytest.mark.parametrize("row", REJECTS, ids=lambda row: row["name"])
def test_the_text_is_refused_in_one_line(row):
    with pytest.raises(ValueError) as error:
        formats.parse(row["text"], row["format"])
    assert str(error.value).startswith(row["format"]) and "\n" not in str(error.value)
