"""Turing machines inside transformers: published proofs as text, weights and checked runs.

The public surface is what is listed here and in `tmsim.machines`, `tmsim.proofs` and
`tmsim.testing`; it loads JAX only when something is run.

>>> import tmsim
>>> tmsim.load("bb4").machine.start
'A'
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from tmsim._version import __version__

_HOMES = {
    "load": "tmsim.machines",
    "TuringMachine": "tmsim.machines",
    "Outcome": "tmsim.outcome",
    "Bounds": "tmsim.proofs",
    "Construction": "tmsim.proofs",
    "Simulation": "tmsim.simulation",
    "simulate": "tmsim.simulator",
    "simulate_many": "tmsim.batch",
    "check_lemmas": "tmsim.lemmas",
    "load_weights": "tmsim.export.weights",
}

__all__ = ["__version__", *_HOMES]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'tmsim' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
