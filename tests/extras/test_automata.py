"""automata-lib itself: its objects to machines and back, and its runs beside ours."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest
from automata.base.exceptions import RejectionException
from automata.tm.dtm import DTM
from automata.tm.mntm import MNTM
from hypothesis import assume, given, settings

from tmsim.machines import TuringMachine, formats, run
from tmsim.outcome import Outcome
from tmsim.testing import tapes, turing_machines

FILE = Path(__file__).parents[1] / "data" / "formats.jsonl"
ROWS = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]
TEXTS = sorted({row["text"] for row in ROWS if row["format"] == "automata-lib"})


def accepts(machine: DTM | MNTM, word: str) -> bool:
    """What the library says of a run that ends."""
    try:
        machine.read_input(word)
    except RejectionException:
        return False
    return True


@pytest.mark.parametrize("text", TEXTS)
def test_the_librarys_own_machines(text):
    parts = ast.literal_eval(text)
    made = MNTM(**parts) if "n_tapes" in parts else DTM(**parts)
    assert TuringMachine.from_automata_lib(made) == formats.parse(text, "automata-lib").machine


@settings(deadline=None, max_examples=60)
@given(turing_machines(max_tapes=2).flatmap(lambda m: tapes(m).map(lambda words: (m, words))))
def test_there_and_back_and_the_same_verdict(drawn):
    machine, words = drawn
    assume(machine.start in {q for q, _ in machine.transitions} - machine.halting)
    made = machine.to_automata_lib()
    assert isinstance(made, MNTM if machine.tapes > 1 else DTM)
    found = TuringMachine.from_automata_lib(made)
    assert dict(found.transitions) == dict(machine.transitions)
    end = run(machine, words[:1], None, 100)
    if end.outcome is not Outcome.out_of_steps:
        said = accepts(made, "".join(map(str, words[0])) if words else "")
        assert said == (end.outcome is Outcome.halted)
