"""Rows that follow from the transformer's own rows: what every kind of run is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from tmsim.certificate import Certificate
from tmsim.choices import Assembled, Choices
from tmsim.engine import run as engine
from tmsim.engine.assemble import rows
from tmsim.engine.drivers import Margins, Memories
from tmsim.engine.interrupts import Interrupts
from tmsim.engine.memory import Scan
from tmsim.engine.sparse import lowered
from tmsim.engine.transformer import Transformer
from tmsim.proofs.claim import padded


def generated(
    choices: Choices,
    made: Assembled,
    steps: int,
    resumed: engine.Saved | None = None,
    wanted: Callable[[int], bool] | None = None,
) -> Iterator[engine.Decoded]:
    """Blocks of rows in which at most so many steps are made, or a few more.

    resumed, wanted: where to go on, and when to tell where one could (see
    :func:`tmsim.engine.run.decode`). An interrupt is raised once the block that it fell into has
    been handed on.
    """
    weights, memories, given, encoder, most = ready(choices, made, steps)
    with Interrupts() as interrupts:
        for block in engine.decode(
            weights, memories, given, encoder, most, resumed=resumed, wanted=wanted
        ):
            yield block
            interrupts.check()


def ready(
    choices: Choices, made: Assembled, steps: int
) -> tuple[Transformer, Memories, np.ndarray, np.ndarray, int]:
    """What the engine decodes: weights as they are read, memories, the prompt's rows and the
    encoder's, and how many rows the steps take at most."""
    frame, program, weights, prompt = made
    given = rows(program, prompt.rows, np.float64)
    encoder = rows(program, prompt.encoder, np.float64)
    kept = len(given)
    if weights.feedback != "loop":
        kept = padded(kept + choices.construction.rows(frame))
    memories = engine.plan(weights, choices.lowering, kept, frame.bounds.cells)
    if choices.lowering == "auto":
        weights = lowered(weights, program, memories)
    return weights, memories, given, encoder, choices.most_rows(frame, steps)


def keeps_rows(choices: Choices, weights: Transformer) -> bool:
    """Does any head keep every row? (Caches of a rewritten context grow when it does.)"""
    if weights.feedback == "loop" or weights.rewrites is not None:
        return False
    kinds = [m for block in engine.plan(weights, choices.lowering, 1, 1) for m in block]
    return any(isinstance(memory, Scan) for memory in kinds)


def named(records: np.ndarray, t: Transformer) -> Mapping[str, Any]:
    """Records [rows, emits] by their registers."""
    return {span.name: records[:, j] for j, span in enumerate(t.emits)}


def certified(t: Transformer, margins: Margins) -> Certificate:
    """The margins by the heads' names (numbered where a name stands twice)."""
    names = unique([head.name for head in t.heads])
    logit = float(margins.logit)
    return Certificate.of(names, margins.gap.tolist(), margins.ties.tolist(), logit)


def unique(names: Sequence[str]) -> list[str]:
    """The names, each with its place behind it where it stands more than once."""
    return [n if names.count(n) == 1 else f"{n}#{i}" for i, n in enumerate(names)]
