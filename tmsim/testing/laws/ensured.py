"""Law 2: every lemma holds on every row of every run."""

from __future__ import annotations

from tmsim.lemmas import violations
from tmsim.proofs import Bounds, Construction, Frame, Loop
from tmsim.proofs.exact_rows import encoded
from tmsim.testing.laws.broken import broken
from tmsim.testing.laws.case import Case, Setting, right
from tmsim.testing.laws.draw import budget, examples_of, frames_of, over

LOOPED = Bounds(8, 6)
"""A loop takes all its cells through exact arithmetic at every step: few of both are read."""


def lemmas(
    construction: Construction,
    *,
    frames: tuple[Frame, ...] | None = None,
    examples: int | None = None,
) -> None:
    """Law 2: after each layer, on every row of the run, the registers hold what `ensures` says.

    In exact arithmetic, so nothing is compiled: twice `examples` machines in the first frame, half
    as many in the others. Raises AssertionError naming machine, lemma, row and register.

    >>> from tmsim import catalogue
    >>> lemmas(catalogue.find("tzamos_2026"), examples=2)
    """
    whole = budget(construction, frames_of(construction)[0], examples)
    count = 2 * whole
    for frame in frames_of(construction) if frames is None else frames:
        setting = Setting.default(construction, frame)
        if isinstance(setting.program().feedback, Loop):
            setting = Setting.default(construction, frame.within(LOOPED))
        drawn = examples_of(construction, setting.frame)
        over(drawn, count, lambda case, s=setting: lemmas_hold(s, case))
        count = max(whole // 2, 1)


def lemmas_hold(setting: Setting, case: Case) -> None:
    """Law 2 for one case."""
    construction, frame = setting.construction, setting.frame
    if not any(layer.ensures for layer in setting.program().layers):
        raise AssertionError(f"lemmas: {setting}: no layer ensures anything")
    program = setting.program().bind(construction.leaves(case.machine, frame))
    taken = right(setting, case)[0].rows()
    prompt = construction.prompt(case.machine, case.tapes, case.heads, frame)
    passes = construction.passes(case.machine, case.tapes, case.heads, taken, frame)
    prefix = encoded(program, prompt.encoder)
    for found in violations(program, passes, prefix):
        at = f"{found.lemma}, row {found.row}, {found.register}"
        broken("lemmas", setting, case, at, found.expected, found.found)
