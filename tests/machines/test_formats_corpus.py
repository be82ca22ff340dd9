"""The rows of the formats besides bbchallenge: recognised, run as recorded, converted and back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tmsim.corpus import Case, End, prepare, read
from tmsim.machines import formats, run
from tmsim.machines.formats.conversion import convert

FILE = Path(__file__).parents[1] / "data" / "formats.jsonl"
ROWS = read(FILE)
TOLD = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]
STEPS = 20_000


def test_the_rows_are_there():
    names = {row.format for row in ROWS}
    assert len(ROWS) == 213 and names == set(formats.names()) - {"bbchallenge"}
    assert len({row.text for row in ROWS if row.format == "jflap"}) == 21
    assert all(told["license"] and told["source"] for told in TOLD)


@pytest.mark.parametrize("at", range(len(ROWS)), ids=lambda at: ROWS[at].name)
def test_the_run_is_the_recorded_one(at):
    row, told = ROWS[at], TOLD[at]
    assert formats.matching(row.text) == (row.format,)
    document = formats.parse(row.text).with_input([row.word], row.input_head)
    machine = document.machine
    assert (machine.start, machine.blank, machine.tapes) == (
        told["start"], told["blank"], told["tapes"],
    )  # fmt: skip
    end = run(machine, document.tapes, document.heads, min(row.max_steps, STEPS))
    if row.end.steps > STEPS:
        assert end.steps == STEPS
        return
    found = End.of(end.outcome, end.steps, end.configuration, row.input_head)
    assert row.end.differences(found) == ""
    if told["accepted"] is not None:
        assert (end.configuration.state in machine.accepting) == told["accepted"]


def test_the_corpus_runner_reads_them():
    cases = prepare(ROWS, 1000)
    ready = [case for case in cases if isinstance(case, Case)]
    assert len(ready) == sum(row.end.steps <= 1000 for row in ROWS) > 200


@pytest.mark.parametrize("target", formats.names())
def test_what_is_converted_runs_the_same(target):
    """Of each machine one row, by the steps and the head of its run; some formats say fewer."""
    said = 0
    for row in {row.text: row for row in ROWS}.values():
        given = formats.parse(row.text, row.format).with_input([row.word], row.input_head)
        try:
            done = convert(given, target)
        except ValueError as error:
            assert "\n" not in str(error)
            continue
        said += 1
        machine = formats.parse(done.text, target).machine
        words = [[done.symbols[a] for a in word] for word in given.tapes]
        start = formats.parse(done.text, target).with_input(words, given.heads)
        first = run(given.machine, given.tapes, given.heads, 300)
        then = run(start.machine, start.tapes, start.heads, 300)
        assert (then.steps, then.configuration.heads) == (first.steps, first.configuration.heads)
        assert then.configuration.state == done.states[first.configuration.state]
        assert machine.tapes == given.machine.tapes
    said_of_54 = {"bbchallenge": 27, "turingmachine.io": 32, "morphett": 44}
    assert said == said_of_54.get(target, 54)
