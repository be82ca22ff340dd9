"""A simulation as one .npz file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from os import PathLike
from typing import Any

import numpy as np

from tmsim.certificate import Certificate
from tmsim.excerpt import Excerpt
from tmsim.machines.formats import explicit
from tmsim.outcome import Outcome
from tmsim.proofs import Bounds
from tmsim.simulation import Simulation, document
from tmsim.trace import COLUMNS, Trace

SCHEMA = 2
"""1 had no excerpts."""


def save(simulation: Simulation, path: str | PathLike[str]) -> None:
    """Write the run, readable by :func:`load` without pickle.

    Raises ValueError for machines whose states or symbols are not text.
    """
    about, arrays = stored(simulation)
    with open(path, "wb") as file:
        held: dict[str, Any] = {"about": json.dumps(about), **arrays}
        np.savez_compressed(file, **held)


def stored(simulation: Simulation) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The run as a JSON object and arrays, which :func:`restored` reads."""
    trace, excerpt = simulation.trace, None
    if isinstance(trace, Excerpt):
        excerpt, arrays = trace.stored()
    else:
        arrays = dict(zip(COLUMNS, trace.columns(), strict=True))
    about = {
        "schema": SCHEMA,
        **simulation.as_json(),
        "document": document(simulation),
        "source": simulation.source,
        "disagreement": simulation.disagreement,
        "excerpt": excerpt,
    }
    captured = {f"activations/{name}": array for name, array in simulation.activations.items()}
    return about, arrays | captured


def load(path: str | PathLike[str]) -> Simulation:
    """The run that :func:`save` wrote. Raises ValueError naming the file and what is wrong."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            held = {name: arrays[name] for name in arrays.files}
        about = json.loads(str(held.pop("about")))
    except (OSError, KeyError, ValueError) as error:
        raise ValueError(f"{path}: not a saved simulation ({error})") from None
    if about.get("schema") not in (1, SCHEMA):
        raise ValueError(f"{path}: schema {about.get('schema')}, expected {SCHEMA} or 1")
    return restored(about, held)


def restored(about: Mapping[str, Any], held: Mapping[str, np.ndarray]) -> Simulation:
    """The run that :func:`stored` told. Raises KeyError where something is missing."""
    entered = explicit.parse(about["document"])
    excerpt = about.get("excerpt")
    if excerpt is None:
        trace = Trace(entered.machine, *(held[name] for name in COLUMNS))
    else:
        trace = Excerpt.restored(entered.machine, excerpt, held)
    certificate, outcome = about["certificate"], about["outcome"]
    keep = (
        "source", "construction", "engine", "dtype", "rule", "memory", "tokens", "context",
        "matches_reference", "disagreement", "seconds", "compile_seconds",
    )  # fmt: skip
    captured = [name for name in held if name.startswith("activations/")]
    return Simulation(
        machine=entered.machine,
        bounds=Bounds(**about["bounds"]),
        tapes=entered.tapes,
        heads=entered.heads,
        outcome=None if outcome is None else Outcome(outcome),
        trace=trace,
        certificate=None if certificate is None else Certificate(**certificate),
        activations={name.partition("/")[2]: held[name] for name in captured},
        **{name: about[name] for name in keep},
    )
