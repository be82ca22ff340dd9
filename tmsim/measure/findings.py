"""What was measured of a construction and kept beside its file: findings, horizons, runs.

`findings/<name>.json` beside the construction's module holds one :class:`Findings`. A test replays
each stored counter-example, and counts the runs again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tmsim import catalogue


@dataclass(frozen=True)
class Findings:
    """Measured on the day `measured`, with that version of JAX.

    hypotheses: for each rule and number format outside the claim, what law 8 found.
    horizons:   number format -> path -> [first wrong step or None, steps tried], without the stops
                that end a run where its precision ends.
    programs:   how many machines of its own model were run, how many of them are named programs,
                and the longest run's steps.
    corpus:     how many rows of tests/data/corpus.jsonl of at most `steps` steps were run (`agree`)
                and which were kept apart, with the reason; {} for a construction that runs none.
    """

    measured: str
    jax: str
    hypotheses: Sequence[Mapping[str, Any]] = ()
    horizons: Mapping[str, Mapping[str, Sequence[Any]]] = field(default_factory=dict)
    programs: Mapping[str, int] = field(default_factory=dict)
    corpus: Mapping[str, Any] = field(default_factory=dict)

    def text(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n"


def place(name: str) -> Path:
    """Where the findings of the construction called `name` are kept."""
    module = next((m for m in catalogue.modules() if m.rpartition(".")[2] == name), None)
    spec = None if module is None else find_spec(module)
    if spec is None or spec.origin is None:
        raise ValueError(f"there is no construction {name!r} in a file")
    return Path(spec.origin).parent / "findings" / f"{name}.json"


def stored(name: str) -> Findings | None:
    """What is kept of that construction; None if nothing was measured yet.

    Raises ValueError naming a file that cannot be read.
    """
    path = place(name)
    if not path.exists():
        return None
    try:
        return Findings(**json.loads(path.read_text(encoding="utf-8")))
    except (TypeError, ValueError) as error:
        raise ValueError(f"{path}: no findings ({error})") from None


def store(name: str, findings: Findings) -> Path:
    """Keep the findings beside the construction; returns where."""
    path = place(name)
    path.parent.mkdir(exist_ok=True)
    path.write_text(findings.text(), encoding="utf-8")
    return path


def speeds() -> dict[str, Any]:
    """The dated benchmark: {"date", "machine", "tokens_per_second": by construction}, or {}."""
    for name in catalogue.names():
        path = place(name).parent / "speed.json"
        if path.exists():
            return json.loads(path.read_text(encoding="utf-8"))
    return {}
