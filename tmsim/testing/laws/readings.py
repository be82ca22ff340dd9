"""Laws on readings of the same text: exact, assembled, folded row by row, compiled or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from tmsim.engine.assemble import rows
from tmsim.engine.sparse import lowered
from tmsim.engine.transformer import OUTCOMES, RUNNING, Transformer
from tmsim.machines import TuringMachine, steps
from tmsim.outcome import Outcome
from tmsim.proofs import Bounds, Construction, Frame, Loop, Program, exact
from tmsim.proofs.contexts import given as given_rows
from tmsim.proofs.exact_numbers import rounded
from tmsim.proofs.stream import SCALAR
from tmsim.testing.laws.broken import broken
from tmsim.testing.laws.case import Case, Ended, Setting, compare, right, telling
from tmsim.testing.laws.draw import budget, examples_of, frames_of, over
from tmsim.testing.laws.engine import (
    all_at_once,
    assembled,
    decode,
    encoded,
    end_of_pass,
    ends,
    passes,
    planned,
    prompted,
    read,
)
from tmsim.testing.laws.runs import edge
from tmsim.testing.strategies import walkers

MEMORIES = ("scan", "auto")
"""The full cache for every head, and for every head the cheapest memory that it may have."""
EXACT_PASSES = 6
"""A loop's pass takes all its rows through exact arithmetic, so fewer passes are read."""


def readings_agree(
    construction: Construction, *, frame: Frame | None = None, examples: int | None = None
) -> None:
    """Law 3: exact arithmetic and the assembled weights hold the same value in every register.

    All rows of the exact run pass through the assembled blocks. After every block, registers of
    integers must be equal, and scalars within claim.ulps · u · max(1, |x|), u being the unit
    roundoff; in each telling number format. Raises AssertionError naming block, row and register.
    """
    whole = budget(construction, frames_of(construction)[0], examples)
    frame = frames_of(construction)[0] if frame is None else frame
    drawn, share = examples_of(construction, frame), max(whole // 4, 1)
    for dtype in telling(construction, frame):
        setting = Setting(construction, frame, None, dtype)
        over(drawn, share, lambda case, s=setting: readings_hold(s, case))


def readings_hold(setting: Setting, case: Case) -> None:
    """Law 3 for one case."""
    construction, frame = setting.construction, setting.frame
    bound = setting.program().bind(construction.leaves(case.machine, frame))
    prompt = construction.prompt(case.machine, case.tapes, case.heads, frame)
    with jax.enable_x64(True):
        t = assembled(setting, case)
        prefix = encoded(t, rows(bound, prompt.encoder, np.float64))
        titles = ["the rows", *(layer.title for layer in bound.layers)]
        for given in exact_rows(setting, case, bound, prompt):
            found = all_at_once(t, floats(given), prefix)
            streams = exact.forward(bound, given, prompt.encoder).resid
            for title, want, got in zip(titles, streams, found, strict=True):
                close("readings", setting, case, title, floats(want), got, tolerance(setting))


def floats(given: Sequence[Sequence[Any]]) -> np.ndarray:
    """Exact numbers, roots and balls among them, rounded to float64."""
    return np.array([[rounded(x) for x in row] for row in given])


def exact_rows(setting: Setting, case: Case, bound: Program, prompt: Any) -> list[Any]:
    """The rows of the exact run; for a loop, those of its first passes."""
    if not isinstance(bound.feedback, Loop):
        limit = setting.construction.rows(setting.frame)
        made = exact.decode(bound, prompt.rows, limit, prompt.encoder)
        return [*made.earlier, made.rows]
    taken = right(setting, case)[0].rows(0, EXACT_PASSES - 1)
    every = setting.construction.passes(case.machine, case.tapes, case.heads, taken, setting.frame)
    return [[bound.stream.encode(scene.row) for scene in scenes] for scenes in every]


def tolerance(setting: Setting) -> float:
    """claim.ulps units of roundoff."""
    return setting.construction.claim.ulps * float(jnp.finfo(setting.dtype).eps) / 2


def close(
    law: str,
    setting: Setting,
    case: Case,
    title: str,
    expected: np.ndarray,
    found: np.ndarray,
    bound: float,
) -> None:
    """Streams [rows, d_model]: integer registers are equal, scalars within bound · max(1, |x|)."""
    registers = setting.program().stream.registers.values()
    place = setting.program().stream.place
    allowed = np.zeros(expected.shape)
    for register in registers:
        if register.kind == SCALAR:
            at = (slice(None), place(register))
            allowed[at] = bound * np.maximum(1, np.abs(expected[at]))
    # A comparison with nan is False, so this asks for what is right, not for what is wrong.
    wrong = ~(np.abs(found.astype(np.float64) - expected.astype(np.float64)) <= allowed)
    if wrong.any():
        row, slot = (int(x[0]) for x in np.nonzero(wrong))
        [register] = [r for r in registers if place(r).start <= slot < place(r).stop]
        at = f"after {title!r}, row {row}, {register.name}[{slot - place(register).start}]"
        want = f"{expected[row, slot]} within {allowed[row, slot]:.2g}"
        broken(law, setting, case, at, want, found[row, slot])


def fold(
    construction: Construction,
    *,
    frame: Frame | None = None,
    kinds: Sequence[str] = MEMORIES,
    examples: int | None = None,
) -> None:
    """Law 4: row by row is all rows at once, for every memory, in the run's own number format,
    also where the rows are read sparsely.

    Drawn machines first, in the frame. Then, where the claim names a last exact position that a
    test can reach, walkers that start near it and cross it: they must be right up to it and end
    out_of_precision there. Raises AssertionError naming memory, machine, input and step.
    """
    whole = budget(construction, frames_of(construction)[0], examples)
    frame = frames_of(construction)[0] if frame is None else frame
    setting, drawn = Setting.default(construction, frame), examples_of(construction, frame)
    over(drawn, max(whole // 2, 1), lambda case: fold_holds(setting, case, kinds))
    if not issubclass(construction.model, TuringMachine):
        return  # only heads have positions
    for dtype in construction.claim.dtypes:
        position = edge(construction, dtype)
        if position is not None:
            far = replace(frame, bounds=Bounds(EDGE_STEPS, position + 16))
            at_edge = Setting(construction, far, None, dtype)
            some = max(whole // 10, 1)
            over(edge_cases(position), some, lambda case, s=at_edge: fold_holds(s, case, kinds))


EDGE_STEPS, EDGE_START = 400, 8


@st.composite
def edge_cases(draw: st.DrawFn, position: int) -> Case:
    """Walkers that start a few cells inside the edge, on either side, and wander across it."""
    inside, sign = draw(st.integers(0, EDGE_START)), draw(st.sampled_from([1, -1]))
    case = Case(draw(walkers(max_symbols=3)), (), (sign * (position - inside),))
    path = (step.heads[0] for step in islice(steps(case.machine, (), case.heads), EDGE_STEPS))
    assume(any(abs(head) > position for head in path))
    return case


def fold_holds(setting: Setting, case: Case, kinds: Sequence[str] = MEMORIES) -> None:
    """Law 4 for one case: every memory that the kinds lead to, and all rows at once."""
    expected = right(setting, case)
    with jax.enable_x64(True):
        t = assembled(setting, case)
        given, encoder = prompted(setting, case)
        plans = {planned(setting, t, given, kind): kind for kind in reversed(kinds)}
        for memories, kind in plans.items():
            read = lowered(t, setting.program(), memories) if kind == "auto" else t
            found = decode(setting, case, read, memories, given, encoder)
            compare(f"fold (memory {kind})", setting, case, expected, found)
        at_once = parallel(setting, case, t, expected[0], encoder, len(given))
        compare("fold (all rows at once)", setting, case, expected, at_once)


def parallel(
    setting: Setting, case: Case, t: Transformer, taken: Any, encoder: np.ndarray, prompt: int
) -> Ended:
    """What all rows at once predict, given the rows of the run with those steps."""
    prefix, records, codes = encoded(t, encoder), [], []
    every = passes(setting, case, taken.rows())
    counts = given_rows(setting.program(), every, prompt)
    for number, (given, count) in enumerate(zip(every, counts, strict=True), 1):
        final = jnp.asarray(all_at_once(t, given, prefix)[-1])
        if t.feedback == "loop":
            record, code = end_of_pass(t, final)
            records.append(np.asarray(record))
            codes.append(int(code))
        else:
            filled = jnp.zeros((max(64, 1 << len(final).bit_length()), t.d_model), t.dtype)
            record, code = ends(t, filled.at[: len(final)].set(final))
            # A token that closes the context predicts nothing.
            predicting = slice(count - 1, len(final) - (number < len(every)))
            records += list(np.asarray(record)[predicting])
            codes += np.asarray(code)[predicting].tolist()
    fired = next((i for i, code in enumerate(codes) if code != RUNNING), len(codes) - 1)
    code = codes[fired]
    outcome = Outcome.out_of_steps if code == RUNNING else OUTCOMES[code]
    return read(setting, case, t, np.array(records).reshape(-1, len(t.emits))[:fired], outcome)
