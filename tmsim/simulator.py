"""The front door: a machine, a tape and a construction in; a checked run out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from os import PathLike
from typing import Any

import jax

from tmsim import catalogue
from tmsim.choices import Choices
from tmsim.compiling import CompileTimer
from tmsim.decoding import decoded
from tmsim.drafting import drafts
from tmsim.emulation import Emulation, ModelTask, emulated
from tmsim.machines import TuringMachine, initial, load, zoo
from tmsim.machines.formats.document import Document
from tmsim.machines.models import Model, listings
from tmsim.proofs import Construction
from tmsim.proofs.rules import Rule, parse_rule
from tmsim.recorder import KEEP
from tmsim.simulation import Simulation
from tmsim.task import Chunk, Task
from tmsim.translated import translated
from tmsim.verification import captured, verified

DEFAULT_STEPS = 10**6


def simulate(
    machine: TuringMachine | Document | Model | str,
    tape: Any = None,
    *,
    construction: str | Construction | None = None,
    max_steps: int | None = None,
    dtype: str | None = None,
    rule: Rule | str | None = None,
    memory: str = "auto",
    check: bool = True,
    head: int | Sequence[int] | None = None,
    cells: int | None = None,
    engine: str = "auto",
    activations: Sequence[str] = (),
    watch: Callable[[Chunk], None] | None = None,
    keep: int = KEEP,
    checkpoint: str | PathLike[str] | None = None,
    every: int | None = None,
) -> Any:
    """Run a machine inside a transformer, and hold it to the reference machine.

    A Turing machine's run is a :class:`Simulation`, also where the construction's own model is
    another one, into which it is translated; another model's run is an :class:`Emulation`, and
    `tape` is that machine's input.

    machine: a machine, a document, or what :func:`tmsim.load` takes (a zoo name, a path, a text).
    tape: the word on tape 1 (text of one-character symbols, or a sequence of symbols), or a list
      of k words; symbol j is in cell j. Default: what the document brings.
    construction: a name of ``tmsim list``, "module:Class", or a Construction. Default: tzamos_2026,
      or for a machine of another model the construction of that model.
    max_steps: default the zoo's known figure, else 10⁶.
    dtype, rule: default the claim's first; others run, outside the claim.
    memory: auto, scan, ring, table or sum (see :func:`tmsim.engine.memory.memory_for`).
    head: where head 1 starts (or k positions). cells: largest |position|; default: grows.
    engine: "decode" (auto): every token follows from the transformer's own; "verify": the
      reference's rows are given, and every prediction is compared, all rows in parallel.
    activations: names to capture (see :mod:`tmsim.engine.verify`), or ("all",).
    watch: called with a :class:`Chunk` after each block.
    keep: how many first steps the trace of a longer run holds (see :class:`Excerpt`).
    checkpoint: a folder; the run is saved there and goes on from there, also after it was killed.
      every: how many tokens lie between two checkpoints, at least; default: ten seconds.

    Ctrl-C returns the partial run, with outcome None. Raises ValueError for bad input.

    >>> simulate("bb2").verdict()
    'matches the reference: 6 steps, 4 ones'
    """
    if engine not in ("auto", "decode", "verify"):
        raise ValueError(f"engine {engine!r}: expected auto, decode or verify")
    source = machine if isinstance(machine, str) else None
    if source is not None and source in listings.names():
        listing = listings.load(source)
        machine, tape = listing.machine, listing.given if tape is None else tape
    if construction is None:
        construction = of_model(type(machine)) if isinstance(machine, Model) else "tzamos_2026"
    found = catalogue.find(construction) if isinstance(construction, str) else construction
    chosen: dict[str, Any] = {
        "construction": found,
        "name": construction if isinstance(construction, str) else type(construction).__name__,
        "source": source,
        "dtype": dtype or found.claim.dtypes[0],
        "rule": parse_rule(rule) if isinstance(rule, str) else rule,
        "memory": memory, "cells": cells, "check": check,
    }  # fmt: skip
    limit = DEFAULT_STEPS if max_steps is None else max_steps
    for what, number, least in (("max_steps", limit, 0), ("keep", keep, 0), ("every", every, 1)):
        if number is not None and number < least:
            raise ValueError(f"{what} is {number}; expected {least} or more")
    if every is not None and checkpoint is None:
        raise ValueError(f"every is {every}, but there is no checkpoint; expected a folder for it")
    if isinstance(machine, Model):
        for what, value in (
            ("head", head), ("activations", activations or None), ("checkpoint", checkpoint),
        ):  # fmt: skip
            if value is not None:
                raise ValueError(f"{what} {value!r}: a {found.model.__name__} has no such choice")
        return _emulated(ModelTask(machine=machine, given=tape, max_steps=limit, **chosen), engine)
    document, known = _document(machine)
    entered, at = document, document.heads if head is None else head
    if tape is not None:
        words = _words(tape, document.machine)
        entered = document.with_input(words, head if document.reading else at)
        at = entered.heads
    m, words = entered.machine, entered.tapes
    start = initial(m, words, at)
    if max_steps is None and start == initial(document.machine, document.tapes, document.heads):
        limit = known
    turing = Task(
        machine=m, start=start, tapes=tuple(map(tuple, words)), max_steps=limit,
        activations=tuple(activations), watch=watch, keep=keep, checkpoint=checkpoint, every=every,
        **chosen,
    )  # fmt: skip
    if found.claim.most_tapes is not None and m.tapes > found.claim.most_tapes:
        raise ValueError(
            f"{turing.name} needs {found.claim.tapes}; the machine has {m.tapes} tapes"
        )
    if checkpoint is not None and engine == "verify":
        raise ValueError(
            f"checkpoint {checkpoint}: runs are saved as they are decoded; expected"
            " engine auto or decode"
        )
    if not issubclass(TuringMachine, found.model):
        return _translated(turing, engine)
    with jax.enable_x64(True), CompileTimer() as timer:
        if engine == "verify" and drafts(turing):
            run = decoded(replace(turing, drafted=True), timer)
        else:
            run = verified(turing, timer) if engine == "verify" else decoded(turing, timer)
        return captured(turing, run) if turing.activations else run


def of_model(model: type) -> str:
    """The first construction of the catalogue that simulates this model.

    Raises ValueError where there is none.
    """
    for name in catalogue.names():
        if catalogue.find(name).model is model:
            return name
    raise ValueError(f"there is no construction that simulates a {model.__name__}")


def _emulated(task: ModelTask, engine: str) -> Emulation:
    """A machine of another model, on its input."""
    if not isinstance(task.machine, task.construction.model):
        kind = task.construction.model.__name__
        raise ValueError(f"{task.name} simulates a {kind}, not a {type(task.machine).__name__}")
    _only_decoded(task, engine)
    task.machine.begin(task.given)
    with jax.enable_x64(True), CompileTimer() as timer:
        return emulated(task, timer)


def _translated(task: Task, engine: str) -> Simulation:
    """A Turing machine as a machine of the construction's model."""
    _only_decoded(task, engine)
    if task.checkpoint is not None:
        raise ValueError(
            f"checkpoint {task.checkpoint}: {task.name} runs a translation, which is not saved;"
            " expected a construction of Turing machines"
        )
    if task.activations:
        raise ValueError(f"activations: {task.name} runs a translation, whose rows are not steps")
    with jax.enable_x64(True), CompileTimer() as timer:
        return translated(task, timer)


def _only_decoded(task: Choices, engine: str) -> None:
    if engine == "verify":
        kind = task.construction.model.__name__
        raise ValueError(f"engine 'verify': runs of a {kind} are decoded; expected auto or decode")


def _document(machine: TuringMachine | Document | str) -> tuple[Document, int]:
    """The document, and the step limit that its source suggests."""
    if isinstance(machine, Document):
        return machine, DEFAULT_STEPS
    if not isinstance(machine, str):
        if not isinstance(machine, TuringMachine):
            raise ValueError(f"{machine!r} is no TuringMachine, document, name, path or text")
        return Document(machine), DEFAULT_STEPS
    known = zoo.load(machine).steps if machine in zoo.names() else None
    return load(machine), known or DEFAULT_STEPS


def _words(tape: Any, machine: TuringMachine) -> Sequence[Sequence[Any]]:
    """One word, or a list of words for a machine with several tapes."""
    if isinstance(tape, str) or machine.tapes == 1:
        one = len(tape) == 1 and isinstance(tape[0], list | tuple)
        return tape if one and not isinstance(tape, str) else [tape]
    return tape
