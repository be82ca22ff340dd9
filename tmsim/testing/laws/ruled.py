"""Law 3 for rules: under every claimed hard rule the same rows are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tmsim.proofs import Construction, Frame, Loop, exact
from tmsim.proofs.rules import Hard, Rule
from tmsim.testing.laws.broken import broken
from tmsim.testing.laws.case import Case, Setting
from tmsim.testing.laws.draw import budget, examples_of, frames_of, over
from tmsim.testing.laws.ensured import LOOPED
from tmsim.testing.laws.readings import exact_rows


def rules_agree(
    construction: Construction, *, frame: Frame | None = None, examples: int | None = None
) -> None:
    """Under every claimed hard rule each layer makes the same rows, in exact arithmetic.

    Raises AssertionError naming the rule, machine, input and layer.
    """
    hard = other_hard_rules(construction)
    first = frames_of(construction)[0] if frame is None else frame
    own = Setting.default(construction, first)
    if isinstance(own.program().feedback, Loop):
        own = replace(own, frame=first.within(LOOPED))
    whole = budget(construction, first, examples)
    drawn = examples_of(construction, own.frame)
    if hard:
        over(drawn, max(whole // 5, 1), lambda case: rules_hold(own, case, hard))


def other_hard_rules(construction: Construction) -> Sequence[Rule]:
    """The claimed hard rules but the first."""
    return [rule for rule in construction.claim.rules if isinstance(rule, Hard)][1:]


def rules_hold(setting: Setting, case: Case, hard: Sequence[Rule]) -> None:
    """The same for one case."""
    construction, frame = setting.construction, setting.frame
    leaves = construction.leaves(case.machine, frame)
    prompt = construction.prompt(case.machine, case.tapes, case.heads, frame)
    bound = setting.program().bind(leaves)
    titles = ["the rows", *(layer.title for layer in bound.layers)]
    for given in exact_rows(setting, case, bound, prompt):
        want = exact.forward(bound, given, prompt.encoder).resid
        for rule in hard:
            got = exact.forward(bound.under(rule), given, prompt.encoder).resid
            for title, a, b in zip(titles, want, got, strict=True):
                if a != b:
                    broken(f"rules ({rule})", setting, case, f"after {title!r}", a, b)
