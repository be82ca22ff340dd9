"""Bad input: status 2, nothing on standard output, one line that says where and what."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

REJECTS = Path(__file__).parents[1] / "data" / "rejects.jsonl"
ROWS = [json.loads(line) for line in REJECTS.read_text(encoding="utf-8").splitlines()]

# What is typed after `tmsim`, and words that the one line has.
BAD = [
    ([], "COMMAND"),
    (["nope"], "'nope' check explain list run"),
    (["run"], "MACHINE"),
    (["run", "nosuch"], "'nosuch' zoo file format"),
    (["run", "bb44"], "did you mean bb4"),
    (["run", ""], "''"),
    (["run", "bb2", "12"], "tape 1, cell 1: 2 (0, 1)"),
    (["run", "bb2", "[1,"], "INPUT '[1,' JSON"),
    (["run", "bb2", "[1]"], 'tape 1, cell 0: 1 write "1"'),
    (["run", "bb2", '["x"]'], 'tape 1, cell 0: "x" (0, 1)'),
    (["run", "bb2", "[[], []]"], "2 words 1 tape"),
    (["run", "palindrome-2-tapes", "[5, []]"], "tape 1: 5 word"),
    (["run", "bb2", "[" * 100_000], "INPUT JSON"),
    (["run", "bb2", "1", "2"], "unrecognized 2"),
    (["run", "bb2", "--head", "x"], "--head 'x' whole number"),
    (["run", "bb2", "--head", "1.5"], "--head '1.5' whole number"),
    (["run", "bb2", "--head", "-1,2"], "(-1, 2) expected 1"),
    (["run", "bb2", "--max-steps", "-1"], "--max-steps '-1' 0"),
    (["run", "bb2", "--max-steps", "1.5"], "--max-steps '1.5' whole number"),
    (["run", "bb2", "--max-steps", "9" * 5000], "--max-steps 2,147,483,647"),
    (["run", "bb2", "--max-steps", "²"], "--max-steps '²' whole number"),
    (["run", "bb2", "--cells", "0"], "--cells '0' 1"),
    (["run", "bb2", "--cells", "2147483647"], "memory"),
    (["run", "bb2", "--dtype", "int8"], "'int8' float64"),
    (["run", "bb2", "--rule", "foo"], "'foo' rightmost"),
    (["run", "bb2", "--rule", "rightmost:x"], "'rightmost:x' within"),
    (["run", "bb2", "--memory", "foo"], "'foo' table"),
    (["run", "bb2", "--engine", "foo"], "'foo' decode verify"),
    (["run", "bb2", "--construction", "nope"], "'nope' tzamos_2026"),
    (["run", "bb2", "--construction", "no.such:X"], "no.such:X No module"),
    (["run", "bb2", "--construction", "os:path"], "os:path Construction"),
    (["run", "1RB1LB_1LA1RZ", "--format", "foo"], "'foo' bbchallenge explicit"),
    (["run", "bb2", "--json", "--trace"], "--json --trace"),
    (["run", "bb2", "--max", "3"], "--max"),
    (["list", "--all"], "--all"),
    (["explain"], "CONSTRUCTION"),
    (["explain", "nope"], "'nope' tzamos_2026"),
    (["explain", "tzamos_2026", "nosuch"], "'nosuch' zoo"),
    (["check"], "FILE.jsonl"),
    (["check", "nosuch.jsonl"], "nosuch.jsonl: No such file"),
    (["check", "nosuch.jsonl", "--max-steps", "x"], "--max-steps 'x'"),
]


@pytest.mark.parametrize(("argv", "words"), BAD, ids=lambda value: " ".join(value)[:40])
def test_one_line_says_where_and_what(tmsim, argv, words):
    refused(tmsim(*argv), words)


def refused(result, words: str) -> None:
    assert (result.status, result.out) == (2, "")
    assert result.err.startswith("tmsim: ") and result.err.count("\n") == 1
    assert [word for word in words.split() if word not in result.err] == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
@pytest.mark.parametrize("how", ["text", "file"])
def test_every_text_to_refuse_is_refused(tmsim, tmp_path, row, how):
    machine = row["text"]
    if how == "file":
        (tmp_path / "machine.txt").write_text(machine, encoding="utf-8")
        machine = str(tmp_path / "machine.txt")
    refused(tmsim("run", machine, "--format", row["format"]), row["format"])


@pytest.mark.parametrize("command", ["run", "check"])
def test_a_folder_is_no_file(tmsim, tmp_path, command):
    refused(tmsim(command, str(tmp_path)), str(tmp_path))


@pytest.mark.parametrize("command", ["run", "check"])
def test_bytes_are_no_text(tmsim, tmp_path, command):
    path = tmp_path / "image.bin"
    path.write_bytes(bytes(range(256)))
    refused(tmsim(command, str(path)), "image.bin UTF-8")


def test_a_lone_surrogate_in_an_argument_is_told(tmsim):
    refused(tmsim("run", "bb2", "\udcff"), "tape 1, cell 0:")
