"""Hypothesis strategies and laws for test suites; JAX is loaded when a law is first asked for.

Strategies draw machines, inputs, configurations and programs, and shrink by structure. The laws of
:mod:`tmsim.testing.laws` are here as `check_theorem`, `check_lemmas`, …: functions of a
construction that raise an AssertionError; `check` is all of them.

>>> from tmsim import catalogue, testing
>>> testing.check_size(catalogue.find("wei_2021"))
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_NAMES = {
    "tmsim.testing.strategies": (
        "configurations", "halting_machines", "tapes", "turing_machines", "walkers",
    ),
    "tmsim.testing.drawn_programs": ("program_rows", "programs"),
    "tmsim.testing.other_models": (
        "counter_machines", "lag_systems", "least_squares_learners", "logistic_learners",
        "multi_queue_machines", "ngram_learners", "perceptrons", "post_turing_machines",
        "probabilistic_machines", "queue_machines", "subleq_machines",
    ),
    "tmsim.testing.laws": ("LawBroken", "check"),
    "tmsim.testing.stepped": ("stepping",),
}  # fmt: skip
_HOMES = {name: (home, name) for home, names in _NAMES.items() for name in names}
_HOMES |= {
    f"check_{law}": ("tmsim.testing.laws", law)
    for law in (
        "fold", "hypotheses", "lemmas", "outcomes", "readings_agree", "renaming", "rules_agree",
        "size", "theorem", "transformations",
    )
}  # fmt: skip

__all__ = sorted(_HOMES)  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'tmsim.testing' has no attribute {name!r}")
    home, there = _HOMES[name]
    return getattr(import_module(home), there)


def __dir__() -> list[str]:
    return __all__
