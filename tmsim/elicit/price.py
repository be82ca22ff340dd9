"""What it costs to let a universal transformer learn: rows of the prompt, tokens, steps."""

from __future__ import annotations

from typing import Any, NamedTuple

from tmsim import catalogue
from tmsim.elicit.programs.program import MOST_STEPS, UNIVERSAL, LearningProgram
from tmsim.machines import run
from tmsim.outcome import Outcome
from tmsim.proofs import Bounds
from tmsim.turing import TuringConstruction


class Price(NamedTuple):
    """The rows of a run in the universal transformer.

    program: rows of the prompt that hold the machine. data: rows that hold the start of the tape,
    the dataset and the query. tokens: rows generated. context: all of them together. examples: of
    the dataset.
    """

    program: int
    data: int
    tokens: int
    context: int
    examples: int

    @property
    def steps_per_example(self) -> float:
        """Tokens generated per example of the dataset: a step of the machine is one token."""
        return self.tokens / self.examples


def price(
    program: LearningProgram, data: Any, query: Any, *, construction: str = UNIVERSAL
) -> Price:
    """What the answer to that query costs, in rows; nothing is compiled.

    construction: one of Turing machines whose step is one token. Raises ValueError for bad data,
    another construction, and a machine that does not halt within 10⁶ steps.

    >>> import numpy as np
    >>> from tmsim.elicit.programs.counting import Counting
    >>> from tmsim.elicit.tasks.text import TextData
    >>> data = TextData(np.array([0, 1, 0, 0]), np.array([[1], [0], [1], [2]]))
    >>> paid = price(Counting(contexts=2, vocabulary=3), data, 0)
    >>> paid.tokens, paid.steps_per_example  # 4 examples, 3 tokens, 3 examples of the context
    (18, 4.5)
    """
    found = catalogue.find(construction)
    if not isinstance(found, TuringConstruction) or found.claim.tokens_per_step != "1":
        raise ValueError(f"{construction}: expected Turing machines, a token per step")
    machine, words = program.machine, program.words(data, query)
    ended = run(machine, words, max_steps=MOST_STEPS)
    if ended.outcome is not Outcome.halted:
        raise ValueError(f"{type(program).__name__}: {ended.outcome} after {ended.steps:,} steps")
    frame = found.frame(machine, Bounds(ended.steps, ended.steps + max(map(len, words))))
    told = [len(found.prompt(machine, tapes, None, frame).rows) for tapes in ((), words)]
    # The null row, where the tapes begin, counts as data.
    rules, prompt = told[0] - 1, told[1]
    return Price(rules, prompt - rules, ended.steps, prompt + ended.steps, len(data[0]))
