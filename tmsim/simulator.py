"""The front door: a machine, a tape and a construction in; a checked run out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax

from tmsim import catalogue
from tmsim.compiling import CompileTimer
from tmsim.decoding import decoded
from tmsim.machines import TuringMachine, initial, load, zoo
from tmsim.machines.formats.document import Document
from tmsim.proofs import Construction
from tmsim.proofs.rules import Rule, parse_rule
from tmsim.simulation import Simulation
from tmsim.task import Chunk, Task
from tmsim.verification import captured, verified

DEFAULT_STEPS = 10**6


def simulate(
    machine: TuringMachine | Document | str,
    tape: Any = None,
    *,
    construction: str | Construction = "tzamos_2026",
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
) -> Simulation:
    """Run a Turing machine inside a transformer, and hold it to the reference machine.

    machine: a machine, a document, or what :func:`tmsim.load` takes (a zoo name, a path, a text).
    tape: the word on tape 1 (text of one-character symbols, or a sequence of symbols), or a list
      of k words; symbol j is in cell j. Default: what the document brings.
    construction: a name of ``tmsim list``, "module:Class", or a Construction.
    max_steps: default the zoo's known figure, else 10⁶.
    dtype, rule: default the claim's first; others run, outside the claim.
    memory: auto, scan, ring, table or sum (see :func:`tmsim.engine.memory.memory_for`).
    head: where head 1 starts (or k positions). cells: largest |position|; default: grows.
    engine: "decode" (auto): every token follows from the transformer's own; "verify": the
      reference's rows are given, and every prediction is compared, all rows in parallel.
    activations: names to capture (see :mod:`tmsim.engine.verify`), or ("all",).
    watch: called with a :class:`Chunk` after each block.

    Ctrl-C returns the partial run, with outcome None. Raises ValueError for bad input.

    >>> simulate("bb2").verdict()
    'matches the reference: 6 steps, 4 ones'
    """
    if engine not in ("auto", "decode", "verify"):
        raise ValueError(f"engine {engine!r}: expected auto, decode or verify")
    document, known = _document(machine)
    m = document.machine
    found = catalogue.find(construction) if isinstance(construction, str) else construction
    if not isinstance(m, found.model):
        raise ValueError(f"{construction} simulates a {found.model.__name__}, not {m!r}")
    words = document.tapes if tape is None else _words(tape, m)
    start = initial(m, words, document.heads if head is None else head)
    sample = start == initial(m, document.tapes, document.heads)
    limit = max_steps if max_steps is not None else known if sample else DEFAULT_STEPS
    if limit < 0:
        raise ValueError(f"max_steps is {limit}; expected 0 or more")
    task = Task(
        m, machine if isinstance(machine, str) else None, start, tuple(map(tuple, words)), found,
        construction if isinstance(construction, str) else type(construction).__name__,
        limit, dtype or found.claim.dtypes[0],
        parse_rule(rule) if isinstance(rule, str) else rule,
        memory, cells, check, tuple(activations), watch,
    )  # fmt: skip
    with jax.enable_x64(True), CompileTimer() as timer:
        run = verified(task, timer) if engine == "verify" else decoded(task, timer)
        return captured(task, run) if task.activations else run


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
