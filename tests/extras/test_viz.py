"""What draws with matplotlib draws."""

from __future__ import annotations

from pathlib import Path

import pytest

from tmsim.cli import main


@pytest.mark.parametrize(
    "task", [("text", "--vocab", "8", "--source", "zipf"), ("linear", "--dim", "4")]
)
def test_the_sizes_are_drawn(task: tuple[str, ...], tmp_path: Path) -> None:
    figure = tmp_path / "sizes.svg"
    argv = ["bounds", *task, "--eps", "0.2", "--delta", "0.1", "--plot", str(figure)]
    assert main(argv) == 0
    drawn = figure.read_text(encoding="utf-8")
    assert "<svg" in drawn and drawn.count("<path") > 20
