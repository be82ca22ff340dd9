"""Law 8: a claim's hypotheses are needed, or it is said why not, or how long one looked.

For each attention rule and number format outside the claim a machine is sought whose run goes wrong
there. Exact arithmetic is asked first: it costs no compilation, and if the weights of every head
are those of a claimed rule on every row, no run can tell the two rules apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

from hypothesis import Phase, find, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from tmsim.machines import TuringMachine
from tmsim.proofs import (
    Average,
    Bounds,
    Construction,
    Frame,
    Leftmost,
    Loop,
    Program,
    Rightmost,
    Softmax,
    TopTwo,
    Unique,
    exact,
)
from tmsim.proofs.rules import Rule
from tmsim.testing.laws.case import Case, Ended, Setting, compare, right
from tmsim.testing.laws.draw import examples_of, frames_of, quiet
from tmsim.testing.laws.engine import densely
from tmsim.testing.laws.ensured import LOOPED
from tmsim.testing.laws.findings import Finding, Immune, Needed, Open
from tmsim.testing.strategies import walkers
from tmsim.told import ended, told

RULES: tuple[Rule, ...] = (
    Unique(), Leftmost(), Rightmost(), Rightmost(Fraction(1, 2)), Average(), TopTwo(),
    Softmax(Fraction(10)),
)  # fmt: skip
DTYPES = ("float64", "float32", "bfloat16", "float16")
WIDE = Bounds(300, 250)
FAR = 100
"""Rounding needs longer runs, and farther from cell 0, than a wrong rule."""


def hypotheses(
    construction: Construction,
    *,
    rules: tuple[Rule, ...] = RULES,
    dtypes: tuple[str, ...] = DTYPES,
    frame: Frame | None = None,
    budget: int | None = None,
) -> list[Finding]:
    """Law 8: for each of these rules and number formats outside the claim, what came of the search.

    `budget` is the number of machines tried for each (default: the Hypothesis profile's). Raises
    LawBroken where a counter-example fails under the claim itself too, for it would show nothing.
    The machines of the last search never halt, so an open finding has taken steps.
    """
    frame = frames_of(construction)[0] if frame is None else frame
    count = settings().max_examples if budget is None else budget
    claim = construction.claim
    found: list[Finding] = []
    for rule in rules:
        if rule not in claim.rules:
            found.append(_without_rule(construction, rule, frame, count))
    for dtype in dtypes:
        if dtype not in claim.dtypes:
            wide = Setting(construction, _wide(construction, frame), None, dtype)
            found.append(_searched(f"{dtype}", wide, densely, count))
    return found


def _wide(construction: Construction, frame: Frame) -> Frame:
    """Longer runs of Turing machines; another model's own frame is as wide as its strategies."""
    return frame.within(WIDE) if issubclass(construction.model, TuringMachine) else frame


def _without_rule(construction: Construction, rule: Rule, frame: Frame, count: int) -> Finding:
    own = Setting.default(construction, frame)
    if isinstance(own.program().feedback, Loop):
        own = replace(own, frame=frame.within(LOOPED))
    name, other = f"rule {rule}", replace(own, rule=rule)
    first = _searched(name, other, exactly, count)
    if isinstance(first, Needed):
        return first
    immune = _immune(name, other, count)
    if immune is not None and construction.claim.ulps == 0:
        return immune
    wide = replace(other, frame=_wide(construction, frame))
    second = _searched(name, wide, densely, count)
    if isinstance(second, Open) and immune is not None and immune.gap != 0:
        return immune
    return second


def exactly(setting: Setting, case: Case) -> Ended:
    """The run in exact arithmetic."""
    program, construction = _bound(setting, case), setting.construction
    prompt = construction.prompt(case.machine, case.tapes, case.heads, setting.frame)
    run = exact.decode(program, prompt.rows, construction.rows(setting.frame), prompt.encoder)
    trace = told(construction, case.machine, case.heads, run.emitted)
    return ended(trace, run.outcome, setting.frame.bounds.steps)


def _bound(setting: Setting, case: Case) -> Program:
    leaves = setting.construction.leaves(case.machine, setting.frame)
    return setting.program().bind(leaves)


def _searched(
    without: str, setting: Setting, read: Callable[[Setting, Case], Ended], count: int
) -> Needed | Open:
    """A case that goes wrong in this setting, if one is found, or how many did not."""
    tried = {"runs": 0, "steps": 0}

    def wrong(case: Case) -> bool:
        try:
            trace, outcome = read(setting, case)
        except ArithmeticError:  # exact arithmetic left a comparison open: nothing is learned
            return False
        tried["runs"] += 1
        tried["steps"] += len(trace)
        return differs(setting, case, (trace, outcome)) is not None

    turing = issubclass(setting.construction.model, TuringMachine)
    cases = examples_of(setting.construction, setting.frame)
    if read is densely and turing:
        cases = _wandering()
    phases = [Phase.generate] if read is densely else [Phase.generate, Phase.shrink]
    try:
        case = find(cases, wrong, settings=settings(quiet(count), phases=phases))
    except NoSuchExample:
        return Open(without, **tried)
    own = Setting.default(setting.construction, setting.frame)
    # What fails under the claim itself shows nothing about a hypothesis.
    compare(f"hypotheses ({without})", own, case, right(own, case), read(own, case))
    difference = differs(setting, case, read(setting, case))
    return Needed(without, case, str(difference), setting.frame, read is exactly)


def _wandering() -> st.SearchStrategy[Case]:
    """Machines that keep coming back to old cells, near cell 0 and far from it."""
    return st.builds(Case, walkers(), st.just(()), st.sampled_from([(0,), (FAR,), (-FAR,)]))


def differs(setting: Setting, case: Case, found: Ended) -> str | None:
    """What is wrong with the run, if anything."""
    try:
        compare("run", setting, case, right(setting, case), found)
    except AssertionError as error:
        return str(error)
    return None


def _immune(without: str, setting: Setting, count: int) -> Immune | None:
    """The claimed rule that reads as this one does on all rows of all drawn cases, if any does."""
    claimed = setting.construction.claim.rules
    alike, gaps, rows = set(claimed), [], 0
    for case in drawn(setting, count):
        for given, encoder in _given(setting, case):
            here = _read(setting, case, given, encoder)
            rows += len(given)
            gaps += [part.gap for part in here if part.gap is not None]
            alike = {
                rule
                for rule in alike
                if _weights(_read(replace(setting, rule=rule), case, given, encoder))
                == _weights(here)
            }
        if not alike:
            return None
    like = next(rule for rule in claimed if rule in alike)
    return Immune(without, f"rule {like}", rows, min(gaps, default=None))


def drawn(setting: Setting, count: int) -> list[Case]:
    """The cases of one search that finds none."""
    seen: list[Case] = []
    try:
        cases = examples_of(setting.construction, setting.frame)
        find(cases, lambda case: seen.append(case) is not None, settings=quiet(count))
    except NoSuchExample:
        return seen
    raise RuntimeError("a search for nothing found something")


def _given(setting: Setting, case: Case) -> Iterator[tuple[list[Any], Any]]:
    """The reference run's rows, pass by pass, and the encoder's."""
    construction, frame = setting.construction, setting.frame
    encoder = construction.prompt(case.machine, case.tapes, case.heads, frame).encoder
    taken = right(setting, case)[0].rows()
    for scenes in construction.passes(case.machine, case.tapes, case.heads, taken, frame):
        yield [scene.row for scene in scenes], encoder


def _read(setting: Setting, case: Case, given: list[Any], encoder: Any) -> list[exact.Attended]:
    """What every head read on every row."""
    attended = exact.forward(_bound(setting, case), given, encoder).attended
    return [part for layer in attended for head in layer for part in head]


def _weights(parts: list[exact.Attended]) -> list[tuple]:
    return [(part.rows, part.weights) for part in parts]
