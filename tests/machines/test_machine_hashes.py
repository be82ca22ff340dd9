"""Fingerprints, against the published figures of long runs."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path

import pytest

from tmsim.machines import Move, Step, configuration_hash, load, run, steps, trace_hash
from tmsim.machines.hashes import config_hash

FACTS = json.loads((Path(__file__).parents[1] / "data" / "longruns.json").read_text())["machines"]
MARKS = [
    pytest.param(fact["text"], int(mark), there, id=f"{fact['name']} at {mark}")
    for fact in FACTS
    for mark, there in fact["trace"].items()
    if int(mark) <= 10**4
]


def test_there_are_checkpoints():
    assert len(FACTS) > 20 and len(MARKS) > 20


@pytest.mark.parametrize(("text", "mark", "there"), MARKS)
def test_the_trace_has_the_published_hash(text, mark, there):
    machine = load(text).machine
    assert trace_hash(machine, islice(steps(machine), mark)) == there["crc32"]
    end = run(machine, max_steps=mark).configuration
    assert (end.state, end.heads) == (there["state"], (there["head"],))


@pytest.mark.parametrize("fact", [f for f in FACTS if f["steps"] <= 10**6], ids=lambda f: f["name"])
def test_the_end_has_the_published_hash(fact):
    end = run(load(fact["text"]).machine, max_steps=fact["steps"])
    assert end.steps == fact["steps"]
    assert configuration_hash(end.configuration) == fact["config_hash"]


def test_each_tape_enters_the_hash():
    one = config_hash("A", [0], [0], ["1"])
    assert one != config_hash("A", [0, 0], [0, 0], ["1", ""])
    assert one != config_hash("A", [1], [0], ["1"])
    with pytest.raises(ValueError):
        config_hash("A", [0, 0], [0], ["1"])


def test_some_traces_do_not_fit_the_record():
    assert trace_hash(load("binary-addition-3-tapes").machine, []) is None
    bb2 = load("bb2").machine
    far = Step("A", ("0",), "A", ("0",), (Move.R,), (2**31,))
    with pytest.raises(ValueError, match="2147483648 does not fit"):
        trace_hash(bb2, [far])
    assert trace_hash(bb2, [far._replace(heads=(-(2**31),))]) is not None
