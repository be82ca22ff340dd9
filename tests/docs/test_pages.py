"""The pages say what is true now: every block of code on them is executed, or says why not.

A block with `>>>` is a doctest, which pytest runs on the page. A block of language `sh` is run line
by line, in one folder for the page. A block between `<!-- run: COMMAND -->` and `<!-- /run -->`
shows what the command prints, where `…` on a line of its own stands for lines left out, and
`run (3)` for another exit status than 0. A file that a page includes is imported. What none of this
holds for has `<!-- not run: REASON -->` above it.
"""

from __future__ import annotations

import re
import runpy
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tmsim.cli import main

ROOT = Path(__file__).parent.parent.parent
PAGES = sorted([*(ROOT / "docs" / "pages").rglob("*.md"), ROOT / "docs" / "CONTRIBUTING.md"])
EXAMPLES = ROOT / "docs" / "examples"
BLOCK = re.compile(
    r"(?P<above>[^\n]*)\n(?P<fence> *```)(?P<language>\w*)\n(?P<text>.*?)\n(?P=fence)\n", re.DOTALL
)
RUN = re.compile(r"<!-- run(?: \((?P<status>\d+)\))?: (?P<command>.+?) -->")
NOT_RUN = re.compile(r"<!-- not run: (?P<reason>.{10,}) -->")
WRITTEN_BY_A_COMMAND = {"elicitation.md"}  # its one command takes an hour, and makes the page
TIMED = ("tokens  ", "seconds  ")


class Block(NamedTuple):
    page: str
    above: str
    language: str
    text: str


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of a page, each with the line above it."""
    found = BLOCK.finditer("\n" + page.read_text(encoding="utf-8"))
    return [Block(page.name, m["above"], m["language"], m["text"]) for m in found]


def kind(block: Block) -> str:
    """How the block is held to what is true; "" if in no way."""
    included = re.fullmatch(r'--8<-- "examples/(\w+)\.py"', block.text)
    if NOT_RUN.fullmatch(block.above) or block.page in WRITTEN_BY_A_COMMAND:
        return "not run"
    if RUN.fullmatch(block.above):
        return "shown"
    if included:
        return "included" if (EXAMPLES / f"{included[1]}.py").exists() else ""
    if ">>> " in block.text:
        return "doctest" if block.language in ("python", "pycon") else ""
    return "shell" if block.language == "sh" else ""


def of_kind(wanted: str) -> Iterator[tuple[Path, list[Block]]]:
    for page in PAGES:
        if held := [block for block in blocks(page) if kind(block) == wanted]:
            yield page, held


SHELL, SHOWN = dict(of_kind("shell")), dict(of_kind("shown"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_block_is_executed_or_says_why_not(page: Path) -> None:
    fences = page.read_text(encoding="utf-8").count("```")
    assert fences == 2 * len(blocks(page)), "a fence that is not closed, or has an odd language"
    assert [block for block in blocks(page) if not kind(block)] == []


def test_the_kinds_of_blocks_are_told_apart() -> None:
    for block, expected in (
        (Block("a.md", "", "python", "x = 1"), ""),
        (Block("a.md", "", "text", ">>> 1\n1"), ""),
        (Block("a.md", "", "python", ">>> 1\n1"), "doctest"),
        (Block("a.md", "<!-- not run: -->", "text", "x"), ""),
        (Block("a.md", "<!-- not run: needs four hosts -->", "text", "x"), "not run"),
        (Block("a.md", "<!-- run (3): tmsim list -->", "text", "x"), "shown"),
        (Block("a.md", "", "python", '--8<-- "examples/absent.py"'), ""),
    ):
        assert kind(block) == expected, block


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to run a page's commands in, with the corpus that an example writes."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(EXAMPLES))
    monkeypatch.setattr(sys, "argv", ["write_corpus.py", "corpus.jsonl"])
    runpy.run_path(str(EXAMPLES / "write_corpus.py"), run_name="__main__")
    return tmp_path


@pytest.mark.parametrize("page", SHELL, ids=lambda page: page.stem)
def test_the_commands_of_a_page_run(page: Path, folder: Path) -> None:
    for block in SHELL[page]:
        for line in block.text.splitlines():
            program, *arguments = shlex.split(line, comments=True)
            assert program == "tmsim", line
            assert main(arguments) == 0, line


@pytest.mark.parametrize("page", SHOWN, ids=lambda page: page.stem)
def test_what_a_page_shows_is_printed(
    page: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for block in SHOWN[page]:
        found = RUN.fullmatch(block.above)
        assert found
        program, *arguments = shlex.split(found["command"])
        assert program == "tmsim"
        capsys.readouterr()
        assert main(arguments) == int(found["status"] or 0)
        assert_shown(block.text, capsys.readouterr().out)


def lines_of(text: str) -> list[str]:
    """The lines whose figures do not differ from run to run."""
    lines = [line.rstrip() for line in text.splitlines()]
    return [line for line in lines if line and not line.startswith(TIMED)]


def assert_shown(shown: str, printed: str) -> None:
    """The parts between `…` are runs of consecutive lines, the first and last at the ends."""
    rest = lines_of(printed)
    parts = [lines_of(part) for part in re.split(r"(?m)^…$", shown)]
    for part in parts:
        at = next((i for i in range(len(rest)) if rest[i : i + len(part)] == part), None)
        assert at is not None, (part, rest)
        assert len(parts) > 1 or at == 0
        rest = rest[at + len(part) :]
    assert rest == [] or shown.rstrip().endswith("\n…")
