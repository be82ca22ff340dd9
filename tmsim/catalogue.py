"""Finds constructions: the entry points of the group ``tmsim.constructions``.

An entry names a module, or a package whose modules are walked; a construction is called by its
module's name. A new proof in a known package is therefore one new file, and another package joins
by an entry point of its own.
"""

from __future__ import annotations

import inspect
import pkgutil
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from importlib.util import find_spec

from tmsim.proofs import Construction, Frame

GROUP = "tmsim.constructions"


@cache
def modules() -> tuple[str, ...]:
    """The full names of the modules that may hold a construction.

    What is installed is read once in a process: every distribution has to be looked into.
    """
    return tuple(
        module for entry in sorted(entry_points(group=GROUP)) for module in _held(entry.module)
    )


def _held(module: str) -> list[str]:
    """The module itself, or a package's public modules; nothing where there is none."""
    spec = find_spec(module)
    if spec is None:
        return []
    if spec.submodule_search_locations is None:
        return [module]
    inner = pkgutil.iter_modules(spec.submodule_search_locations)
    return [f"{module}.{part.name}" for part in inner if not part.name.startswith("_")]


def names() -> tuple[str, ...]:
    """The names of all constructions, found without importing any.

    >>> "tzamos_2026" in names()
    True
    """
    return tuple(sorted(module.rpartition(".")[2] for module in modules()))


def find(name: str) -> Construction:
    """The construction called `name`, or ``my_module:MyProof`` for a class in any module.

    Raises ValueError naming what was asked for and what there is.

    >>> find("looped_tape").claim.grows_with
    ('window(S)', 'width(log S)')
    """
    module, colon, attribute = name.partition(":")
    if colon:
        return _from_module(module, attribute)
    found = {full.rpartition(".")[2]: full for full in modules()}
    if name not in found:
        close = get_close_matches(name, found) or sorted(found)
        raise ValueError(f"there is no construction {name!r}; did you mean {' or '.join(close)}?")
    classes = _constructions(found[name])
    if len(classes) != 1:
        held = ", ".join(c.__name__ for c in classes) or "none"
        raise ValueError(f"{found[name]}: expected one Construction, found {held}")
    return classes[0]()


def _constructions(module: str) -> list[type[Construction]]:
    """The concrete constructions that the module itself defines."""
    values = vars(import_module(module)).values()
    return [
        value
        for value in values
        if inspect.isclass(value)
        and issubclass(value, Construction)
        and not inspect.isabstract(value)
        and value.__module__ == module
    ]


def _from_module(module: str, attribute: str) -> Construction:
    if not module or not attribute:
        raise ValueError(f"construction '{module}:{attribute}': expected module:Class")
    try:
        value = getattr(import_module(module), attribute)
    except ImportError as error:
        raise ValueError(f"construction {module}:{attribute}: {error}") from None
    except AttributeError:
        raise ValueError(f"construction {module}:{attribute}: {module} has no such name") from None
    if not (inspect.isclass(value) and issubclass(value, Construction)):
        raise ValueError(f"construction {module}:{attribute} is no subclass of Construction")
    return value()


def claims_table(frame: Frame) -> str:
    """The constructions as a Markdown table, every column derived from their claims.

    Sizes are those of `frame`.
    """
    head = ("construction", "simulates", "layers", "heads", "d_model", "d_mlp", "rows per step")
    rows = [(*head, "grows with", "attention rules", "exact in"), ("---",) * (len(head) + 3)]
    for name in names():
        construction = find(name)
        claim, size = construction.claim, construction.claim.size(frame)
        sizes = (str(size[key]) for key in ("layers", "heads", "d_model", "d_mlp"))
        grows, rules = ", ".join(claim.grows_with), ", ".join(map(str, claim.rules))
        steps = claim.tokens_per_step.replace("|", "\\|")
        row = (f"`{name}`", construction.model.__name__, *sizes, steps, grows, rules)
        rows.append((*row, ", ".join(map(claim.reach, claim.dtypes))))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows) + "\n"
