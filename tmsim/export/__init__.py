"""Runs as files that other libraries run: every module here with a NAME is a target.

A target has `NAME` and `write(run, directory) -> list[Path]`: it writes the transformer of a
finished run, with its input, into the directory (made where it is missing), and returns the paths.
What other packages it needs, it imports when it writes. One that not every machine or bounds suit
has `check(construction, name, machine, bounds)`, which raises the ValueError before a run is made.
A new target is a new module.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any, Protocol, cast


class Target(Protocol):
    """What a module of this package offers to be a target."""

    NAME: str

    def write(self, run: Any, directory: Path) -> list[Path]: ...


@cache
def _targets() -> Mapping[str, Target]:
    modules = [import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__)]
    return {module.NAME: cast(Target, module) for module in modules if hasattr(module, "NAME")}


def names() -> tuple[str, ...]:
    """The names of the targets, sorted.

    >>> "huggingface" in names()
    True
    """
    return tuple(sorted(_targets()))


def named(name: str) -> Target:
    """The target called `name`; a ValueError that lists the targets if there is none.

    >>> named("huggingface").NAME
    'huggingface'
    """
    if name not in _targets():
        raise ValueError(f"unknown target {name!r}; the targets are {', '.join(names())}")
    return _targets()[name]
