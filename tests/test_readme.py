"""The README says what is true now: its table, its run, its Python."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

from tmsim.catalogue import claims_table
from tmsim.proofs import Bounds, Frame

SHOWN = Frame(8, 2, 1, Bounds(1022, 1022))


def section(text: str, name: str) -> str:
    found = re.search(rf"<!-- {name}[^\n]* -->\n(.*?)<!-- /{name} -->", text, re.DOTALL)
    assert found, f"README.md has no section {name}"
    return found[1]


@pytest.fixture(scope="module")
def readme() -> str:
    return (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")


def test_the_table_of_constructions_is_the_claims(readme: str) -> None:
    assert section(readme, "constructions") == claims_table(SHOWN)


def test_the_run_shown_is_the_run(readme: str, capsys: pytest.CaptureFixture[str]) -> None:
    from tmsim.cli import main

    assert main(["run", "bb3"]) == 0
    printed = capsys.readouterr().out
    shown = section(readme, "run").removeprefix("```text\n").removesuffix("```\n")
    assert stable(shown) == stable(printed)


def stable(text: str) -> list[str]:
    """The lines whose figures do not differ from run to run."""
    timed = ("tokens ", "seconds ")
    lines = (line.rstrip() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith(timed)]


def test_the_python_in_it_runs(readme: str) -> None:
    examples = doctest.DocTestParser().get_doctest(readme, {}, "README.md", "README.md", 0)
    assert examples.examples
    results = doctest.DocTestRunner(verbose=False).run(examples)
    assert results.failed == 0
