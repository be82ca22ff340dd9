"""Named machines, each a text file beside this module, with what is known about its run.

`zoo.toml` says for each machine where it comes from, a sample input and what happens on it.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any

from tmsim.machines import formats
from tmsim.machines.machine import TuringMachine, initial
from tmsim.machines.step import Symbols
from tmsim.outcome import Outcome


@dataclass(frozen=True)
class Entry:
    """A machine of the zoo and its run on a sample input.

    `tapes` and `heads` are the sample, `outcome` and `steps` how the run on it ends; `steps` is
    None, and `outcome` out_of_steps, for a machine that never halts.
    """

    name: str
    title: str
    source: str
    machine: TuringMachine
    tapes: tuple[Symbols, ...]
    heads: tuple[int, ...]
    steps: int | None
    outcome: Outcome


@cache
def _index() -> dict[str, dict[str, Any]]:
    return tomllib.loads((files(__name__) / "zoo.toml").read_text(encoding="utf-8"))


def names() -> tuple[str, ...]:
    """The names of the machines, in the order of the index: from simple to long.

    >>> "bb4" in names()
    True
    """
    return tuple(_index())


@cache
def load(name: str) -> Entry:
    """The machine called `name`; a ValueError with close names if there is none.

    >>> load("bb4").steps
    107
    """
    if name not in _index():
        close = get_close_matches(name, names(), cutoff=0.4)
        hint = f"did you mean {' or '.join(close)}?" if close else f"there are {', '.join(names())}"
        raise ValueError(f"no machine {name!r} in the zoo; {hint}")
    about = _index()[name]
    text = (files(__name__) / about["file"]).read_text(encoding="utf-8")
    machine = formats.parse(text).machine
    words = tuple(tuple(word) for word in about.get("input", []))
    first = initial(machine, words, about.get("heads"))
    return Entry(
        name=name,
        title=about["title"],
        source=about["source"],
        machine=machine,
        tapes=words,
        heads=first.heads,
        steps=about.get("steps"),
        outcome=Outcome(about["outcome"]),
    )
