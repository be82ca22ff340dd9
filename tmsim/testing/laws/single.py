"""One law put to one machine: what replays a failure that a report has told."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterator
from typing import Any

from tmsim.machines import TuringMachine
from tmsim.testing.laws.broken import LawBroken
from tmsim.testing.laws.case import Case, Setting, text
from tmsim.testing.laws.compiled import eager_holds
from tmsim.testing.laws.draw import frames_of
from tmsim.testing.laws.ensured import lemmas_hold
from tmsim.testing.laws.readings import fold_holds, readings_hold
from tmsim.testing.laws.ruled import other_hard_rules, rules_hold
from tmsim.testing.laws.runs import theorem_holds


def _rules(setting: Setting, case: Case) -> None:
    rules_hold(setting, case, other_hard_rules(setting.construction))


SINGLE: dict[str, Callable[[Setting, Case], None]] = {
    "theorem": theorem_holds,
    "outcomes": theorem_holds,
    "lemmas": lemmas_hold,
    "readings": readings_hold,
    "rules": _rules,
    "fold": fold_holds,
    "jit": eager_holds,
}
"""The laws that speak of one machine at a time, by the first word of what they report."""


def replay(wrong: LawBroken, construction: str) -> str | None:
    """The command that puts the same law to the same machine; None where there is no such one.

    construction: the name that the command line knows it by.

    >>> from tmsim import catalogue
    >>> from tmsim.machines import load
    >>> from tmsim.testing.laws import FRAMES
    >>> setting = Setting.default(catalogue.find("wei_2021"), FRAMES[1])
    >>> case = Case(load("1RB1LB_1LA1RZ").machine, (("0", "1"),), (2,))
    >>> print(replay(LawBroken("theorem", setting, case, "step 1", 1, 2), "wei_2021"))
    tmsim law theorem --construction wei_2021 --head 2 1RB1LB_1LA1RZ 01
    """
    law, setting, case = wrong.law.partition(" ")[0], wrong.about, wrong.case
    if law not in SINGLE or not isinstance(setting, Setting) or not isinstance(case, Case):
        return None
    if not isinstance(case.machine, TuringMachine):
        return None
    words = ["tmsim", "law", law, "--construction", construction, *_chosen(setting, case)]
    given = list(_given(case))
    # A machine without its first transition looks like an option.
    return shlex.join([*words, *(["--"] if given[0].startswith("-") else []), *given])


def _given(case: Case) -> Iterator[str]:
    """MACHINE and, where it is not blank, INPUT."""
    yield text(case.machine)
    words = [list(word) for word in case.tapes]
    if any(words):
        short = len(words) == 1 and all(isinstance(a, str) and len(a) == 1 for a in words[0])
        yield "".join(words[0]) if short else json.dumps(words)


def _chosen(setting: Setting, case: Case) -> Iterator[str]:
    """What differs from the defaults."""
    if any(case.heads):
        yield from ("--head", ",".join(map(str, case.heads)))
    if setting.rule is not None:
        yield from ("--rule", str(setting.rule))
    if setting.dtype != setting.construction.claim.dtypes[0]:
        yield from ("--dtype", setting.dtype)
    bounds, usual = setting.frame.bounds, frames_of(setting.construction)[0].bounds
    if bounds != usual:
        yield from ("--steps", str(bounds.steps), "--cells", str(bounds.cells))


def _told(wrong: LawBroken, construction: str) -> list[tuple[str, Any]]:
    """The report's lines, each a name and a value."""
    case, setting = wrong.case, wrong.about
    lines: list[tuple[str, Any]] = [("law", wrong.law), ("under", setting)]
    if isinstance(case, Case) and isinstance(case.machine, TuringMachine):
        tape = " | ".join("".join(map(str, word)) or "blank" for word in case.tapes) or "blank"
        lines += [
            ("machine", text(case.machine)),
            ("tape", tape),
            ("head", ", ".join(map(str, case.heads))),
        ]
    else:
        lines.append(("case", case))
    if wrong.law == "lemmas":
        lemma, row, register = wrong.where.rsplit(", ", 2)
        lines += [("lemma", lemma), ("row", row.removeprefix("row ")), ("register", register)]
    else:
        lines.append(("where", wrong.where))
    lines += [("expected", wrong.expected), ("found", wrong.found)]
    suite = f"pytest --pyargs tmsim.testing.suite --tmsim-construction {construction}"
    again = f"{suite} -k {wrong.law.partition(' ')[0]}"
    return [*lines, ("replay", replay(wrong, construction) or again)]


def report(wrong: LawBroken, construction: str) -> str:
    """What a person reads of a broken law, under a headline."""
    lines = _told(wrong, construction)
    wide = max(len(name) for name, _ in lines)
    headline = f"{wrong.law}: {wrong.where}: expected {wrong.expected}, found {wrong.found}"
    return "\n".join([headline, "", *(f"{name:<{wide}}  {value}" for name, value in lines)])
