"""`tmsim prompt`: the text, the score of an answer, and the status."""

from __future__ import annotations

import io
import sys

import pytest

RIGHT = "3: B 1 L\n4: A 1 L\n5: B 1 R\n6: Z 1 R\nend: halted\n"


def test_the_prompt_shows_rules_start_format_and_lines(tmsim):
    result = tmsim("prompt", "bb2", "--steps", "2", "--ask", "4")
    assert (result.status, result.err) == (0, "")
    rows = result.out.splitlines()
    assert "  in A reading 0: write 1, move R, enter B" in rows
    assert rows[rows.index("1: B 1 R") + 1] == "2: A 1 L"
    assert rows[-1].startswith("Write the lines from number 3 to number 6")


def test_the_input_and_the_head_are_told(tmsim):
    out = tmsim("prompt", "palindrome", "abba", "--head", "2", "--steps", "0").out
    assert "tape: cells 0 to 3 hold a b b a, all others the blank, head on cell 2." in out


def test_a_long_run_is_windowed(tmsim):
    out = tmsim("prompt", "bb4", "--steps", "50", "--window", "2").out
    assert "Lines 1 to 48 (48 lines) are omitted." in out
    assert [row.split(":")[0] for row in out.splitlines() if row[:1].isdigit()] == ["49", "50"]


@pytest.mark.parametrize(
    "answer, status, told",
    [
        (RIGHT, 0, "tokens right: 13, whole lines: 5\n"),
        (
            RIGHT.replace("4: A", "4: C"), 1,
            "tokens right: 3, whole lines: 1; then line 4, token 1 (row 2 of the answer):"
            " expected A, found C\n",
        ),
        (
            "3: B 1 L\n", 3,
            "tokens right: 3, whole lines: 1; the answer stops before the last line asked for\n",
        ),
        (
            "Well.\n" + RIGHT, 0,
            "tokens right: 13, whole lines: 5\n"
            "rows of the answer that are no lines of a run, and were not read: 1\n",
        ),
    ],
)  # fmt: skip
def test_an_answer_is_scored(tmsim, tmp_path, answer, status, told):
    path = tmp_path / "answer.txt"
    path.write_text(answer, encoding="utf-8")
    assert tmsim("prompt", "bb2", "--steps", "2", "--score", str(path)) == (status, told, "")


def test_an_answer_comes_from_standard_input(tmsim, monkeypatch):
    pasted = io.TextIOWrapper(io.BytesIO(b"\xef\xbb\xbf" + RIGHT.encode()), encoding="utf-8")
    monkeypatch.setattr(sys, "stdin", pasted)
    assert tmsim("prompt", "bb2", "--steps", "2", "--score", "-").status == 0


@pytest.mark.parametrize(
    "argv, told",
    [
        (["bb2", "--steps", "7"], "shown is 7; the run has 6 lines"),
        (["bb2", "--construction", "wei_2021"], "wei_2021 feeds back no tokens"),
        (["bb2", "--score", "/nowhere/answer"], "/nowhere/answer: No such file"),
        (["bb2", "--window", "0"], "argument --window: '0'"),
    ],
)
def test_bad_input_is_told_in_one_line(tmsim, argv, told):
    result = tmsim("prompt", *argv)
    assert (result.status, result.out) == (2, "")
    assert result.err.startswith(f"tmsim: {told}") and result.err.count("\n") == 1


def test_an_answer_that_is_no_text_is_refused(tmsim, tmp_path):
    path = tmp_path / "answer.bin"
    path.write_bytes(b"3: \xff")
    assert tmsim("prompt", "bb2", "--score", str(path)).err == (
        f"tmsim: {path}: byte 3 is no UTF-8; expected text\n"
    )


def test_it_loads_no_arrays():
    import subprocess

    program = "import sys; from tmsim.cli import main; main(['prompt', 'bb2', '--steps', '2']);"
    program += " print(*{'jax', 'numpy', 'rich'} & set(sys.modules), file=sys.stderr)"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert told.stderr.strip() == "" and "2: A 1 L" in told.stdout
