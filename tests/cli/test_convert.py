"""`tmsim convert`: a text in another format, and one line about what that format cannot keep."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from tmsim.machines import formats, load

REJECTS = Path(__file__).parents[1] / "data" / "rejects.jsonl"
ROWS = [json.loads(line) for line in REJECTS.read_text(encoding="utf-8").splitlines()]


def test_a_machine_of_the_zoo_in_every_format(tmsim):
    for name in formats.names():
        result = tmsim("convert", "bb4", "--to", name)
        assert result.status == 0 and result.err.count("\n") <= 1
        assert len(formats.parse(result.out, name).machine.transitions) == 8


def test_text_and_file_and_standard_input_give_the_same(tmsim, tmp_path, monkeypatch):
    (tmp_path / "machine.txt").write_text("1RB1LB_1LA1RZ\n")
    file = tmsim("convert", str(tmp_path / "machine.txt"), "--to", "explicit")
    text = tmsim("convert", "1RB1LB_1LA1RZ", "--to", "explicit", "--from", "bbchallenge")
    monkeypatch.setattr(sys, "stdin", io.StringIO("1RB1LB_1LA1RZ"))
    typed = tmsim("convert", "-", "--to", "explicit", "--format", "bbchallenge")
    assert file == text == typed and (file.status, file.err) == (0, "")
    assert formats.parse(file.out).machine == load("bb2").machine


def test_there_and_back_through_files(tmsim, tmp_path):
    there, back = str(tmp_path / "a.jff"), str(tmp_path / "b.txt")
    told = tmsim("convert", "bb3", "--to", "jflap", "-o", there)
    assert (told.status, told.out) == (0, "") and "symbol 0 is called □" in told.err
    assert tmsim("convert", there, "--to", "bbchallenge", "-o", back).status == 0
    assert Path(back).read_text(encoding="utf-8").strip() == formats.write(
        load("bb3").machine, "bbchallenge"
    )


def test_the_input_is_kept_where_there_are_words_for_it(tmsim):
    kept = tmsim("convert", "binary-increment", "--to", "morphett")
    assert "$INITIAL_TAPE" in kept.out and "input" not in kept.err
    lost = tmsim("convert", "binary-increment", "--to", "turingmachinesimulator")
    assert lost.status == 0 and "the input 1011" in lost.err and lost.err.count("\n") == 1


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["bb2"], "--to"),
        (["bb2", "--to", "nope"], "'nope' jflap"),
        (["bb44", "--to", "jflap"], "bb44 zoo"),
        (["palindrome-2-tapes", "--to", "bbchallenge"], "one tape 2 tapes"),
        (["palindrome", "--to", "turingmachine.io"], "moves L and R stay"),
        (["bb2", "--to", "jflap", "-o", "no/such/folder/x.jff"], "no/such/folder/x.jff"),
    ],
)
def test_what_cannot_be_said_is_refused(tmsim, argv, words):
    refused(tmsim("convert", *argv), words)


def refused(result, words: str) -> None:
    assert (result.status, result.out) == (2, "")
    assert result.err.startswith("tmsim: ") and result.err.count("\n") == 1
    assert [word for word in words.split() if word not in result.err] == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
def test_every_text_to_refuse_is_refused(tmsim, row):
    refused(tmsim("convert", row["text"], "--format", row["format"], "--to", "explicit"), "")


def test_a_symbol_that_the_terminal_lacks_is_not_escaped(tmsim, tmp_path, monkeypatch, capsys):
    bar = (
        '{"tapes": 1, "states": ["A"], "alphabet": "é0", "blank": "0", "start": "A", "halt": [],'
        ' "rules": [["A", "é", "é", "R", "A"]]}'
    )
    ascii_only = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", ascii_only)
    from tmsim.cli import main

    assert main(["convert", bar, "--to", "turingmachinesimulator"]) == 2
    monkeypatch.undo()
    assert "lacks 'é'; give a file with --output" in capsys.readouterr().err
