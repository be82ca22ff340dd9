"""Laws on decoded runs: the theorem, the outcomes, and the size formulas."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import product
from typing import Any

from hypothesis import find
from hypothesis.errors import NoSuchExample

from tmsim.machines import TuringMachine, run
from tmsim.outcome import Outcome
from tmsim.proofs import Bounds, Construction, Frame, exact
from tmsim.testing.laws.broken import broken
from tmsim.testing.laws.case import Case, Setting, claimed, compare, right
from tmsim.testing.laws.draw import budget, examples_of, frames_of, over, quiet
from tmsim.testing.laws.engine import decoded
from tmsim.told import told

NEAR = 1 << 12
"""A precision edge at a position up to this can be reached by a run in a test."""


def theorem(
    construction: Construction,
    *,
    frames: Iterable[Frame] | None = None,
    under: Callable[[Construction, Frame], Iterable[Setting]] = claimed,
    examples: int | None = None,
) -> None:
    """Law 1: the decoded run is the reference run.

    In each frame, for each setting that `under` gives, machines are drawn with their words and
    heads; outcome, steps, every column and the last configuration must be the reference's. The
    first setting of the first frame gets `examples` machines, every other a quarter of them.
    Raises AssertionError naming setting, machine, input and step.

    >>> from tmsim import catalogue
    >>> from tmsim.testing.laws import FRAMES
    >>> theorem(catalogue.find("looped_tape"), frames=[FRAMES[1]], examples=4,
    ...         under=lambda c, frame: [Setting.default(c, frame)])
    """
    whole = budget(construction, frames_of(construction)[0], examples)
    share = whole
    for frame in frames_of(construction) if frames is None else frames:
        for setting in under(construction, frame):
            drawn = examples_of(construction, frame)
            over(drawn, share, lambda case, setting=setting: theorem_holds(setting, case))
            share = max(whole // 4, 1)


def theorem_holds(setting: Setting, case: Case) -> None:
    """Law 1 for one case."""
    trace, outcome = decoded(setting, case)
    compare("theorem", setting, case, right(setting, case), (trace, outcome))
    if not isinstance(case.machine, TuringMachine):
        return  # the model's steps say its configuration
    last = run(case.machine, case.tapes, case.heads, len(trace)).configuration
    if trace.last(case.start) != last:
        broken("theorem", setting, case, "the end", last, trace.last(case.start))


def one_state(table: dict[Any, Any], **parts: Any) -> TuringMachine:
    """A machine of one working state A over 0 and 1."""
    return TuringMachine.one_tape(table, start="A", blank="0", symbols="01", **parts)


RIGHT = one_state({("A", "0"): ("A", "1", "R"), ("A", "1"): ("A", "1", "R")})
LEFT = one_state({("A", "0"): ("A", "1", "L"), ("A", "1"): ("A", "1", "L")})
STAY = one_state({("A", "0"): ("A", "1", "S"), ("A", "1"): ("A", "0", "S")})
MISSING = one_state({("A", "0"): ("A", "1", "R")})
STILL = one_state({("A", "0"): ("Z", "0", "R")}, halting=["Z", "A"])
HALTS = one_state({("A", "0"): ("Z", "1", "R"), ("A", "1"): ("A", "1", "L")})


def edge(construction: Construction, dtype: str) -> int | None:
    """The claim's last exact position in this format, where a test can reach it."""
    position = construction.claim.exact_to.get(dtype, {}).get("position")
    return position if position is not None and position <= NEAR else None


def staged(construction: Construction, frame: Frame) -> Iterator[tuple[Setting, Case, Outcome]]:
    """For each way a run can end, cases that must end so."""
    setting, cells = Setting.default(construction, frame), frame.bounds.cells
    yield setting, Case(STILL), Outcome.halted
    yield setting, Case(HALTS), Outcome.halted
    yield setting, Case(MISSING, (("0", "0", "1"),)), Outcome.no_transition
    yield setting, Case(STAY), Outcome.out_of_steps
    for machine, sign in ((RIGHT, 1), (LEFT, -1)):
        yield setting, Case(machine, heads=(sign * (cells - 3),)), Outcome.out_of_cells
        # The last cell is still a cell: a machine that stays on it goes on.
        yield setting, Case(STAY, heads=(sign * cells,)), Outcome.out_of_steps
    for dtype in construction.claim.dtypes:
        position = edge(construction, dtype)
        if position is not None:
            wide = replace(frame, bounds=Bounds(frame.bounds.steps, position + 16))
            far = Setting(construction, wide, None, dtype)
            for machine, sign in ((RIGHT, 1), (LEFT, -1)):
                start = (sign * (position - 3),)
                yield far, Case(machine, heads=start), Outcome.out_of_precision


def outcomes(construction: Construction, *, frame: Frame | None = None) -> None:
    """Law 9: every run ends with the outcome that is due, at the step at which it is due.

    A start state that halts: no steps. A missing transition, a run without end, heads that leave
    the cells on either side, and positions past the number format. Of another model: the smallest
    machine found for each outcome; halted and out_of_steps are among them. Raises AssertionError.
    """
    first = frames_of(construction)[0] if frame is None else frame
    turing = issubclass(construction.model, TuringMachine)
    for setting, case, due in (staged if turing else searched)(construction, first):
        expected = right(setting, case)
        if expected[1] is not due:
            broken("outcomes", setting, case, "the reference", due, expected[1])
        compare("outcomes", setting, case, expected, decoded(setting, case))


def searched(construction: Construction, frame: Frame) -> Iterator[tuple[Setting, Case, Outcome]]:
    """For each way a run of the model can end, a small case that the reference ends so."""
    setting, search = Setting.default(construction, frame), quiet(100)
    for due in (Outcome.halted, Outcome.out_of_steps, Outcome.no_transition, Outcome.out_of_cells):
        try:
            case = find(
                examples_of(construction, frame),
                lambda case, due=due: right(setting, case)[1] is due,
                settings=search,
            )
        except NoSuchExample:
            if due in (Outcome.halted, Outcome.out_of_steps):
                broken("outcomes", setting, "100 machines", "their ends", due, "none such")
            continue
        yield setting, case, due


SIZED = tuple(
    Frame(states, symbols, tapes, Bounds(steps, cells))
    for (states, symbols, tapes), (steps, cells) in product(
        [(2, 2, 1), (8, 4, 1), (3, 5, 1), (4, 2, 2), (2, 3, 3)], [(1, 1), (32, 13), (1000, 100)]
    )
)


def size(construction: Construction, *, frames: Iterable[Frame] = SIZED) -> None:
    """Law 6: depth, heads and widths are the theorem's formulas, and a step is one record.

    Raises AssertionError naming the frame and the quantity.
    """
    name = type(construction).__name__
    for frame in frames:
        counted, claimed = construction.program(frame).sizes(), construction.claim.size(frame)
        for quantity in sorted({*counted, *claimed}):
            want, got = claimed.get(quantity), counted.get(quantity)
            if want != got:
                broken("size", name, f"{frame}", quantity, want, got)
    frame = frames_of(construction)[0]
    setting, limit = Setting.default(construction, frame), construction.rows(frame)
    over(examples_of(construction, frame), 5, lambda case: tokens_hold(setting, case, limit))


def tokens_hold(setting: Setting, case: Case, limit: int) -> None:
    """The frame's steps need at most `limit` rows; where each row is a step, just their number."""
    construction, frame = setting.construction, setting.frame
    trace, _ = right(setting, case)
    program = setting.program().bind(construction.leaves(case.machine, frame))
    prompt = construction.prompt(case.machine, case.tapes, case.heads, frame)
    decoding = exact.decode(program, prompt.rows, limit, prompt.encoder)
    made = {len(column) for column in decoding.emitted.values()}
    told_steps = len(told(construction, case.machine, case.heads, decoding.emitted))
    if told_steps < len(trace):
        broken("size", setting, case, f"steps in {limit} rows", len(trace), told_steps)
    if limit == frame.bounds.steps and made != {len(trace)}:
        broken("size", setting, case, "rows", len(trace), sorted(made))
