"""What the laws are put to: frames, machines with their input, and what is right for them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tmsim.machines import Configuration, Step, TuringMachine, initial, steps
from tmsim.machines.formats import bbchallenge, explicit
from tmsim.machines.formats.document import Document
from tmsim.outcome import Outcome
from tmsim.proofs import Construction, Frame, Loop, Program
from tmsim.proofs.integers import MANTISSA, certified
from tmsim.proofs.rules import Rule
from tmsim.testing.laws.broken import broken
from tmsim.told import ModelTrace
from tmsim.trace import Trace

Ended = tuple[Any, Outcome]
"""A run's steps, and how it ended."""


@dataclass(frozen=True)
class Case:
    """A Turing machine, a word per tape, and where the heads start.

    For another model: its machine, its input as `tapes`, and no heads.
    """

    machine: Any
    tapes: Any = ()
    heads: tuple[int, ...] = (0,)

    @property
    def start(self) -> Configuration:
        return initial(self.machine, self.tapes, self.heads)

    def __str__(self) -> str:
        if not isinstance(self.machine, TuringMachine):
            return f"machine {self.machine}, input {self.tapes}"
        words = ", ".join("".join(map(str, word)) or "blank" for word in self.tapes) or "blank"
        return f"machine {text(self.machine)}, tapes {words}, heads {self.heads}"

    __repr__ = __str__

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(str(self))  # Hypothesis would spell out every field


def text(machine: TuringMachine) -> str:
    """The machine in one line: in the busy beaver notation, or as explicit JSON.

    >>> from tmsim.machines import load
    >>> text(load("bb2").machine)
    '1RB1LB_1LA1RZ'
    """
    try:
        return bbchallenge.write(machine)
    except ValueError:
        return " ".join(explicit.write(Document(machine)).split())


@dataclass(frozen=True)
class Setting:
    """What a construction runs under: a frame, a rule (None: each head's own), a number format."""

    construction: Construction
    frame: Frame
    rule: Rule | None
    dtype: str

    @classmethod
    def default(cls, construction: Construction, frame: Frame) -> Setting:
        """The construction's own rules and the first number format of its claim."""
        return cls(construction, frame, None, construction.claim.dtypes[0])

    def program(self) -> Program:
        return _program(self.construction, self.frame).under(self.rule)

    def __str__(self) -> str:
        name, rule = type(self.construction).__name__, self.rule or "its own rules"
        return f"{name} under {rule} in {self.dtype}, {self.frame.tapes} tape(s)"


_PROGRAMS: dict[tuple[type, Frame], Program] = {}


def _program(construction: Construction, frame: Frame) -> Program:
    """The construction's program, written once per frame: constructions hold no state."""
    key = (type(construction), frame)
    if key not in _PROGRAMS:
        _PROGRAMS[key] = construction.program(frame)
    return _PROGRAMS[key]


def claimed(construction: Construction, frame: Frame) -> Iterator[Setting]:
    """Few settings in which each claimed rule and each telling number format occurs.

    For Turing machines of several tapes only the first of them; where nothing is rounded, of the
    rules only the first and the last: `rules_agree` says that the hard ones read the same rows.
    """
    rules, dtypes = (None, *construction.claim.rules[1:]), telling(construction, frame)
    if len(dtypes) < len(construction.claim.dtypes):
        rules = (None, *rules[1:][-1:])
    second = frame.tapes > 1 and issubclass(construction.model, TuringMachine)
    count = 1 if second else max(len(rules), len(dtypes))
    for i in range(count):
        rule, dtype = rules[i % len(rules)], dtypes[i % len(dtypes)]
        yield Setting(construction, frame, rule, dtype)


def telling(construction: Construction, frame: Frame) -> tuple[str, ...]:
    """The claimed number formats, of those in which nothing is rounded the first and the narrowest.

    >>> from tmsim import catalogue
    >>> from tmsim.testing.laws import FRAMES
    >>> telling(catalogue.find("wei_2021"), FRAMES[1])
    ('float32', 'bfloat16')
    """
    every, exact = construction.claim.dtypes, certified(construction, _program(construction, frame))
    few = {every[0], min(exact, key=MANTISSA.__getitem__, default=every[0])}
    return tuple(dtype for dtype in every if dtype not in exact or dtype in few)


def every_pair(construction: Construction, frame: Frame) -> Iterator[Setting]:
    """All claimed rules in all claimed number formats."""
    for rule in (None, *construction.claim.rules[1:]):
        for dtype in construction.claim.dtypes:
            yield Setting(construction, frame, rule, dtype)


def right(setting: Setting, case: Case) -> Ended:
    """What the run must be: the reference's steps within the bounds, and how they end.

    A configuration is looked at in this order: it halts, its precision has ended, its heads have
    left the cells, it has no transition, there are no steps left.
    """
    if not isinstance(case.machine, TuringMachine):
        return _right_model(setting, case)
    construction, frame = setting.construction, setting.frame
    limits = construction.claim.exact_to.get(setting.dtype, {})
    first = 0
    if "rows" in limits and not isinstance(setting.program().feedback, Loop):
        first = len(construction.prompt(case.machine, case.tapes, case.heads, frame).rows)
    taken: list[Step] = []
    state, heads = case.machine.start, case.heads
    reference = steps(case.machine, case.tapes, case.heads)
    while True:
        far = max(map(abs, heads))
        if state in case.machine.halting:
            outcome = Outcome.halted
        elif far > limits.get("position", far) or first + len(taken) > limits.get("rows", 2**63):
            outcome = Outcome.out_of_precision
        elif far > frame.bounds.cells:
            outcome = Outcome.out_of_cells
        elif (step := next(reference, None)) is None:
            outcome = Outcome.no_transition
        elif len(taken) == frame.bounds.steps:
            outcome = Outcome.out_of_steps
        else:
            taken.append(step)
            state = step.next_state
            heads = tuple(h + m for h, m in zip(step.heads, step.moves, strict=True))
            continue
        return Trace.from_steps(case.machine, taken), outcome


def _right_model(setting: Setting, case: Case) -> Ended:
    """The same for a machine of another model."""
    machine, bounds = case.machine, setting.frame.bounds
    configuration, taken = machine.begin(case.tapes), []
    while True:
        after = machine.after(configuration)
        if isinstance(after, Outcome) and after is Outcome.halted:
            outcome = after
        elif machine.reach(configuration) > bounds.cells:
            outcome = Outcome.out_of_cells
        elif isinstance(after, Outcome):
            outcome = after
        elif len(taken) == bounds.steps:
            outcome = Outcome.out_of_steps
        else:
            taken.append(after.step)
            configuration = after.then
            continue
        return ModelTrace.of(taken), outcome


def compare(law: str, about: object, case: object, expected: Ended, found: Ended) -> None:
    """Raise LawBroken naming the first step that differs, the length, or the outcome."""
    (want, wanted), (got, ended) = expected, found
    where = want.differs(got)
    if where is not None:
        [step], [instead] = want.rows(where, where + 1), got.rows(where, where + 1)
        broken(law, about, case, f"step {where + 1}", _told(step), _told(instead))
    row = f"after {min(len(want), len(got))} steps"
    if (len(want), wanted) != (len(got), ended):
        broken(law, about, case, row, f"{wanted}, {len(want)} steps", f"{ended}, {len(got)} steps")


def _told(step: Any) -> str:
    if not isinstance(step, Step):
        return str(step)

    def some(values: Sequence) -> str:
        return ",".join(map(str, values))

    moves = ",".join(move.name for move in step.moves)
    return (
        f"{step.state} reads {some(step.read)} at {some(step.heads)}, writes {some(step.write)}, "
        f"moves {moves} to {step.next_state}"
    )
