"""Law 5: what JAX does to a program, compiling it or running it in a batch, changes no run."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from hypothesis import strategies as st

from tmsim.engine import run
from tmsim.proofs import Construction, Frame
from tmsim.testing.laws.broken import broken
from tmsim.testing.laws.case import Case, Ended, Setting, compare, right
from tmsim.testing.laws.draw import budget, examples_of, frames_of, over
from tmsim.testing.laws.engine import (
    all_at_once,
    assembled,
    decode,
    encoded,
    passes,
    planned,
    prompted,
    read,
)
from tmsim.testing.laws.readings import close, parallel, tolerance


@dataclass(frozen=True)
class Batch:
    """Cases that are run together."""

    cases: tuple[Case, ...]

    def __repr__(self) -> str:
        return "; ".join(map(str, self.cases))


def transformations(
    construction: Construction,
    *,
    frame: Frame | None = None,
    together: int = 4,
    examples: int | None = None,
) -> None:
    """Law 5: compiled or not, alone or in a batch, a machine makes the same run.

    Steps, outcomes and hashes are the same; scalars are within the claim's bound (XLA fuses
    multiplications and additions, so equal bits cannot be had). Raises AssertionError naming
    machine, input and step.
    """
    frame = frames_of(construction)[0] if frame is None else frame
    setting, drawn = Setting.default(construction, frame), examples_of(construction, frame)
    whole = budget(construction, frames_of(construction)[0], examples)
    batches = st.tuples(*[drawn] * together).map(Batch)
    over(batches, max(whole // 10, 1), lambda batch: batch_holds(setting, batch))
    over(drawn, max(whole // 50, 1), lambda case: eager_holds(setting, case))


def batch_holds(setting: Setting, batch: Batch) -> None:
    """Law 5 for a batch: each of its runs is the one that the machine makes alone."""
    with jax.enable_x64(True):
        weights = [assembled(setting, case) for case in batch.cases]
        prompts = [prompted(setting, case) for case in batch.cases]
        longest = max((given for given, _ in prompts), key=len)
        memories = planned(setting, weights[0], longest)
        limits = [setting.construction.rows(setting.frame)] * len(weights)
        results = run.decode_batch(weights, memories, prompts, limits)
        parts = zip(batch.cases, weights, prompts, results, strict=True)
        for case, t, prompt, (records, outcome) in parts:
            alone = decode(setting, case, t, memories, *prompt)
            _same("vmap", setting, case, alone, read(setting, case, t, records, outcome))


def eager_holds(setting: Setting, case: Case) -> None:
    """Law 5 without compilation: what all rows of the reference run hold and predict."""
    taken = right(setting, case)[0]
    compiled, eager = (_read(setting, case, taken, h) for h in (nullcontext(), jax.disable_jit()))
    _same("jit", setting, case, compiled[0], eager[0])
    titles = ["the rows", *(layer.title for layer in setting.program().layers)]
    for title, want, got in zip(titles, compiled[1], eager[1], strict=True):
        # Either may be off the exact value by the claim's bound.
        close("jit", setting, case, title, want, got, 2 * tolerance(setting))


def _read(
    setting: Setting, case: Case, taken: Any, how: AbstractContextManager
) -> tuple[Ended, list[np.ndarray]]:
    """What the first pass's rows predict, and their streams."""
    with jax.enable_x64(True), how:
        t = assembled(setting, case)
        given, encoder = prompted(setting, case)
        ended = parallel(setting, case, t, taken, encoder, len(given))
        first = next(iter(passes(setting, case, taken.rows())))
        return ended, all_at_once(t, first, encoded(t, encoder))


def _same(
    law: str,
    setting: Setting,
    case: Case,
    want: Ended,
    got: Ended,
) -> None:
    compare(law, setting, case, want, got)
    if want[0].hash() != got[0].hash():
        broken(law, setting, case, "trace hash", want[0].hash(), got[0].hash())
