"""Options and yardsticks of the benchmarks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from benchmarks import yardsticks


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--record", action="store_true", help="keep tokens a second beside the constructions, dated"
    )


@pytest.fixture(scope="session")
def speeds() -> dict[str, float]:
    """The yardsticks' steps or tokens a second, measured once in this process."""
    return {
        "xla": yardsticks.xla_steps_per_second(),
        "python": yardsticks.python_steps_per_second(),
        "dense": yardsticks.dense_tokens_per_second(),
    }


@pytest.fixture
def tell(benchmark: Any, speeds: dict[str, float]) -> Callable[[str, int, float], None]:
    """Keep a figure of that kind with its ratios to the yardsticks: so many rows in seconds."""

    def told(kind: str, rows: int, seconds: float) -> None:
        speed = rows / seconds
        benchmark.extra_info.update(kind=kind, rows=rows, per_second=round(speed))
        benchmark.extra_info["yardsticks"] = {name: round(s) for name, s in speeds.items()}
        benchmark.extra_info["ratios"] = {
            name: float(f"{speed / yardstick:.4g}") for name, yardstick in speeds.items()
        }

    return told
