"""Published long runs, made token by token: their steps, scores, and hashes along the way.

The short ones are tests. `python tests/test_long_runs.py 50000000` decodes all of at most so many
steps, and prints a table.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest

import tmsim
from tmsim.machines import configuration_hash
from tmsim.simulation import Simulation

SHORT = 10_000


def facts(path: Path) -> list[dict[str, Any]]:
    return json.loads(path.read_text(encoding="utf-8"))["machines"]


FACTS = facts(Path(__file__).parent / "data" / "longruns.json")


def wrong(run: Simulation, fact: dict[str, Any]) -> list[str]:
    """What the run and the published figures disagree in."""
    published = {int(mark): there["crc32"] for mark, there in fact["trace"].items()}
    pairs = {
        "steps": (run.steps, fact["steps"]),
        "score": (run.sigma, fact["sigma"]),
        "state": (run.state, fact["final_state"]),
        "head": (run.head, fact["final_head"]),
        "configuration": (configuration_hash(run.final), fact["config_hash"]),
        "hashes": (run.hashes, published),
        "reference": (run.matches_reference, True),
        "engine": (run.engine, "decode"),
    }
    return [
        f"{what} {ours} is not {theirs}" for what, (ours, theirs) in pairs.items() if ours != theirs
    ]


def test_the_figures_are_told_apart() -> None:
    run = tmsim.simulate("bb4")
    fact = next(fact for fact in FACTS if fact["steps"] == 107)
    assert wrong(run, fact) == []
    assert wrong(run, fact | {"sigma": 12, "trace": {}}) == [
        "score 13 is not 12", "hashes {107: 'a79baa6e'} is not {}"
    ]  # fmt: skip


@pytest.mark.parametrize("fact", [f for f in FACTS if f["steps"] <= SHORT], ids=lambda f: f["name"])
def test_a_published_run_is_decoded(fact: dict[str, Any]) -> None:
    run = tmsim.simulate(fact["text"], max_steps=fact["steps"], keep=100)
    assert wrong(run, fact) == []


def main(most: int, path: str | None = None) -> int:
    """Decode every run of at most so many steps; the number of those that are wrong."""
    bad = 0
    for fact in FACTS if path is None else facts(Path(path)):
        if fact["steps"] <= most:
            began = perf_counter()
            run = tmsim.simulate(fact["text"], max_steps=fact["steps"])
            differs = wrong(run, fact)
            bad += bool(differs)
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
            print(
                f"{fact['name'][:40]:<40} {run.steps:>11,} {run.sigma:>6,} {run.trace_hash}"
                f" {perf_counter() - began:>6.1f} s {run.tokens_per_second or 0:>9,.0f} tokens/s"
                f" {memory:>5,} MiB  {'; '.join(differs) or 'as published'}",
                flush=True,
            )
    return bad


if __name__ == "__main__":
    sys.exit(min(main(int(sys.argv[1]), *sys.argv[2:3]), 1))
