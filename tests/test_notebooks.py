"""Every notebook source runs, and says what its text says."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

SOURCES = sorted((Path(__file__).parent.parent / "notebooks").glob("*.py"))


def test_there_are_notebooks() -> None:
    assert SOURCES


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_a_notebook_runs(source: Path) -> None:
    made = runpy.run_path(str(source))
    assert made["run"].verdict() == "matches the reference: 107 steps, 13 ones"
