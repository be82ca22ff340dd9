"""Running experiments, and the dated record that is kept of it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from tmsim._version import __version__
from tmsim.elicit.experiments import find
from tmsim.elicit.experiments.result import Result

SHOWN_WITH = ("tmsim", "jax", "numpy", "scipy", "optax", "flax")


class Run(NamedTuple):
    """A result and how long it took, in seconds."""

    result: Result
    seconds: float


def runs(names: Iterable[str], *, quick: bool, seed: int = 0) -> Iterator[Run]:
    """The experiments called `names`, run one after the other.

    ValueError for a name that is none, before anything is run.
    """
    found = [find(name) for name in names]
    for experiment in found:
        start = time.perf_counter()
        result = experiment.run(quick=quick, seed=seed)
        yield Run(result, round(time.perf_counter() - start, 1))


def record(done: Iterable[Run], *, quick: bool, seed: int) -> dict[str, Any]:
    """What is kept: the date, the versions, how it was run, and every result, as JSON knows it."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "versions": {
            name: __version__ if name == "tmsim" else version(name) for name in SHOWN_WITH
        },
        "quick": quick,
        "seed": seed,
        "results": [{**run.result.to_json(), "seconds": run.seconds} for run in done],
    }


def store(path: Path, kept: dict[str, Any]) -> None:
    """Write the record; equal records are equal files."""
    # A round trip makes tuples lists, so that what is written is what will be read.
    path.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def load(path: Path) -> dict[str, Any]:
    """The record at `path`."""
    return json.loads(path.read_text(encoding="utf-8"))
