"""The experiments: every module that has `TITLE` and `run` is one, called by the module's name.

They measure the transformers' own weights, run in context; NumPy is the check.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import Protocol, cast

from tmsim.elicit.experiments.result import Curve, Figure, Result, Row, verdict

__all__ = ["Curve", "Experiment", "Figure", "Result", "Row", "find", "names", "verdict"]


class Experiment(Protocol):
    """What a module of this package offers. `quick` asks for fewer trials of the same question."""

    TITLE: str

    def run(self, *, quick: bool, seed: int = 0) -> Result: ...


def names() -> tuple[str, ...]:
    """The experiments' names, in order.

    >>> "t6" in names()
    True
    """
    return tuple(name for name, _ in _experiments())


def find(name: str) -> Experiment:
    """The experiment called `name`, in any case.

    ValueError naming what was asked for and what there is.

    >>> find("T6").TITLE
    'A window, a subsample, and retrieval'
    """
    found = dict(_experiments())
    if name.lower() not in found:
        close = get_close_matches(name.lower(), found) or list(found)
        raise ValueError(f"there is no experiment {name!r}; there is {', '.join(close)}")
    return cast(Experiment, found[name.lower()])


def _experiments() -> Iterator[tuple[str, ModuleType]]:
    for module in iter_modules(__path__):
        if module.name.startswith("_"):
            continue
        loaded = import_module(f"{__name__}.{module.name}")
        if hasattr(loaded, "TITLE") and hasattr(loaded, "run"):
            yield module.name, loaded
