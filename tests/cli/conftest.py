"""The command in this process: its status and what it printed."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from tmsim.cli import main


class Result(NamedTuple):
    status: int
    out: str
    err: str


@pytest.fixture
def tmsim(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    """`tmsim("run", "bb2")`, at 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")

    def run(*argv: str) -> Result:
        capsys.readouterr()
        status = main(argv)
        printed = capsys.readouterr()
        return Result(status, printed.out, printed.err)

    return run
