"""What a learning program is, and its run inside the universal transformer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, NamedTuple

from tmsim.machines import Configuration, TuringMachine, run
from tmsim.outcome import Outcome
from tmsim.simulation import Simulation
from tmsim.simulator import simulate

UNIVERSAL = "sharma_2025"
MOST_STEPS = 10**6
Words = Sequence[Sequence[str]]


class LearningProgram(ABC):
    """A learning algorithm as a Turing machine, and how data and answers are written on tapes."""

    machine: TuringMachine

    @abstractmethod
    def words(self, data: Any, query: Any) -> Words:
        """The dataset and the query, a word per tape.

        Raises ValueError naming the first value that the program is not made for.
        """

    @abstractmethod
    def answer(self, last: Configuration) -> Any:
        """What the tapes of the halted machine say."""


class Elicited(NamedTuple):
    """What a program answers inside the transformer, and the run that says so."""

    answer: Any
    simulation: Simulation


def calculated(program: LearningProgram, data: Any, query: Any) -> Any:
    """The answer of the program's machine, run by itself.

    Raises ValueError for bad data, and where the machine does not halt within 10⁶ steps.
    """
    ended = run(program.machine, program.words(data, query), max_steps=MOST_STEPS)
    _halted(program, ended.outcome, ended.steps)
    return program.answer(ended.configuration)


def elicited(
    program: LearningProgram,
    data: Any,
    query: Any,
    *,
    construction: str = UNIVERSAL,
    **choices: Any,
) -> Elicited:
    """The answer of the transformer whose prompt is the program, the dataset and the query.

    construction: which one; `choices` are those of :func:`tmsim.simulate`. Raises ValueError for
    bad data or choices, and where the run does not halt, or differs from the machine's.

    >>> from tmsim.elicit.programs.counting import Counting
    >>> from tmsim.elicit.tasks.text import TextData
    >>> import numpy as np
    >>> data = TextData(np.array([0, 1, 0, 0]), np.array([[1], [0], [1], [2]]))
    >>> elicited(Counting(contexts=2, vocabulary=3), data, 0).answer
    array([0, 2, 1])
    """
    words = program.words(data, query)
    options = {"max_steps": MOST_STEPS, "construction": construction, **choices}
    simulation = simulate(program.machine, words, **options)
    if simulation.disagreement is not None:
        raise ValueError(f"{construction}: {simulation.disagreement}")
    _halted(program, simulation.outcome, simulation.steps)
    return Elicited(program.answer(simulation.final), simulation)


def _halted(program: LearningProgram, outcome: Outcome | None, steps: int) -> None:
    if outcome is not Outcome.halted:
        name = type(program).__name__
        raise ValueError(f"{name}: {outcome} after {steps:,} steps; expected it to halt")
