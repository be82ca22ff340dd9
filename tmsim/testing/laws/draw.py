"""What the laws draw: the frames, the machines of a model with their input, and how many."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from tmsim.machines import TuringMachine
from tmsim.proofs import Bounds, Construction, Frame
from tmsim.testing.laws.case import Case, Setting
from tmsim.testing.strategies import halting_machines, tapes, turing_machines, walkers

FRAMES = {1: Frame(8, 4, 1, Bounds(31, 12)), 2: Frame(4, 2, 2, Bounds(31, 12))}
"""Per number of tapes, the frame that examples are drawn for: one compilation serves them all."""

SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)

LONGEST_WORD, FARTHEST_HEAD = 6, 6


def frames_of(construction: Construction) -> tuple[Frame, ...]:
    """The frames that a construction's examples are drawn for, the first the usual one.

    Raises ValueError for a model of which there are no strategies.

    >>> from tmsim import catalogue
    >>> [frame.tapes for frame in frames_of(catalogue.find("wei_2021"))]
    [1, 2]
    """
    if issubclass(construction.model, TuringMachine):
        most = construction.claim.most_tapes
        return tuple(FRAMES[k] for k in FRAMES if most is None or k <= most)
    return (_strategies(construction.model).FRAME,)


def fitting(construction: Construction, machine: TuringMachine) -> Frame:
    """The frame that examples are drawn for, as large as this machine needs.

    Raises ValueError for a construction of another model, or a number of tapes that it lacks.

    >>> from tmsim import catalogue
    >>> from tmsim.machines import load
    >>> fitting(catalogue.find("wei_2021"), load("bb5").machine) == FRAMES[1]
    True
    """
    name = type(construction).__name__
    if not issubclass(construction.model, TuringMachine):
        raise ValueError(f"{name} simulates a {construction.model.__name__}, not a TuringMachine")
    for frame in frames_of(construction):
        if frame.tapes == machine.tapes:
            states, symbols = len(machine.states), len(machine.symbols)
            return replace(
                frame, states=max(frame.states, states), symbols=max(frame.symbols, symbols)
            )
    most = max(frame.tapes for frame in frames_of(construction))
    raise ValueError(f"{name} is held to machines of at most {most} tapes, not {machine.tapes}")


def examples_of(construction: Construction, frame: Frame) -> SearchStrategy[Case]:
    """Machines of the construction's model that fit the frame, with their input."""
    if issubclass(construction.model, TuringMachine):
        return cases(frame)
    return _strategies(construction.model).cases(frame)


def quiet(count: int) -> settings:
    """A search of so many draws, the same every time."""
    return settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=SLOW,
        phases=(Phase.generate, Phase.shrink),
    )


def _strategies(model: type) -> ModuleType:
    """The module of `tmsim.testing.models` that is named as the model's own."""
    name = model.__module__.rpartition(".")[2]
    full = f"tmsim.testing.models.{name}"
    if find_spec(full) is None:
        raise ValueError(f"there are no strategies for {model.__name__}: expected {full}")
    return import_module(full)


@st.composite
def cases(draw: DrawFn, frame: Frame, *, machines: SearchStrategy | None = None) -> Case:
    """Machines that fit the frame, with words and heads inside its cells.

    A third of them halt (`halting_machines`), a third keep coming back to old cells (`walkers`).

    >>> from hypothesis import find
    >>> find(cases(FRAMES[1]), lambda case: True)
    machine ------, tapes blank, heads (0,)
    """
    machine = draw(_machines(frame) if machines is None else machines)
    reach = min(FARTHEST_HEAD, frame.bounds.cells)
    at = st.integers(-reach, reach)
    return Case(machine, draw(tapes(machine, max_length=LONGEST_WORD)), draw(_heads(frame, at)))


def _heads(frame: Frame, at: SearchStrategy[int]) -> SearchStrategy:
    return st.tuples(*[at] * frame.tapes)


def _machines(frame: Frame) -> SearchStrategy[TuringMachine]:
    # One state is the halting one, which the strategies add.
    states, symbols = min(frame.states - 1, 4), min(frame.symbols, 3)
    drawn = turing_machines(
        max_states=states, max_symbols=symbols, min_tapes=frame.tapes, max_tapes=frame.tapes
    )
    kinds = drawn | halting_machines(machines=drawn, max_steps=frame.bounds.steps)
    if frame.tapes > 1:
        return kinds
    return kinds | walkers(max_states=min(frame.states, 5), max_symbols=min(frame.symbols, 4))


EXACT_WORK = 8_000
"""Multiply-adds in exact arithmetic that a law may spend on one example before it takes fewer."""


def budget(construction: Construction, frame: Frame, examples: int | None) -> int:
    """How many machines a law draws: `examples`, or those of the Hypothesis profile in use, fewer
    for long programs, and a tenth at least."""
    if examples is not None:
        return examples
    whole, rows = settings().max_examples, construction.rows(frame)
    program = Setting.default(construction, frame).program()
    heads = (form for layer in program.layers for head in layer.heads for form in head.reads())
    neurons = (form for layer in program.layers for n in layer.neurons for form in n.inputs())
    terms = sum(len(form.terms) for form in (*heads, *neurons))
    return max(min(whole, whole * EXACT_WORK // (terms * rows)), whole // 10, 1)


def over(strategy: SearchStrategy, examples: int | None, holds: Callable[[Any], None]) -> None:
    """Put `holds` to `examples` draws (default: those of the Hypothesis profile in use)."""

    @settings(
        max_examples=settings().max_examples if examples is None else examples,
        deadline=None,
        suppress_health_check=SLOW,
        report_multiple_bugs=False,
    )
    @given(strategy)
    def law(drawn: Any) -> None:
        holds(drawn)

    law()
