"""The perceptron: examples in turn, and the weights take in each one that they get wrong.

F. Rosenblatt, "The perceptron: a probabilistic model for information storage and organization in
the brain", Psychological Review 65, 1958. From weights 0, an example (x, y), y = ±1, is wrong where
y⟨w, x⟩ ≤ 0; then w ← w + y·x. It ends after a round without a mistake. As text, one line:

    features 2
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from tmsim.machines.models.descent import Data, Vector, dataset, inner
from tmsim.machines.models.model import Model, Taken
from tmsim.outcome import Outcome


class Learning(NamedTuple):
    """A configuration: whose turn it is (from 0 on), was the round without mistakes so far, has one
    been, the weights, and the data."""

    turn: int
    clean: bool
    done: bool
    weights: Vector
    data: Data


class Presented(NamedTuple):
    """An example, its number from 1 on, and whether the weights were wrong about it."""

    example: int
    mistake: bool


@dataclass(frozen=True)
class Perceptron(Model[Learning, Presented]):
    """The perceptron for inputs of `features` integers (others: times a common denominator).

    Room (`Model.reach`) is the number of examples. Raises ValueError for fewer than 1 feature; its
    input is that of :class:`tmsim.machines.models.descent.Descent`, with labels 1 and -1.

    >>> run = Perceptron(1).run(([([1], 1), ([-2], -1)], [3]), max_steps=10)
    >>> run.outcome.value, [step.mistake for step in run.steps]
    ('halted', [True, False, False, False])
    """

    features: int

    def __post_init__(self) -> None:
        if type(self.features) is not int or self.features < 1:
            raise ValueError(f"features {self.features!r}: expected 1, 2, 3, …")

    def __str__(self) -> str:
        return write(self).strip()

    def begin(self, given: Any) -> Learning:
        """Weights 0. Raises ValueError naming an example whose label is not ±1, or a number that is
        no integer."""
        data = dataset(given, self.features)
        for j, (_, y) in enumerate(data.examples, 1):
            if y not in (1, -1):
                raise ValueError(f"label {j} is {y}; expected 1 or -1")
        inputs = [(f"example {j}", x) for j, (x, _) in enumerate(data.examples, 1)]
        for name, x in [*inputs, ("query", data.query)]:
            for value in x:
                if value.denominator != 1:
                    raise ValueError(f"{name} has {value}; expected integers")
        return Learning(0, True, False, (0 * data.query[0],) * self.features, data)

    def after(self, configuration: Learning) -> Taken | Outcome:
        turn, clean, done, weights, data = configuration
        if done:
            return Outcome.halted
        x, y = data.examples[turn]
        mistake = y * inner(weights, x) <= 0
        if mistake:
            weights = tuple(w + y * v for w, v in zip(weights, x, strict=True))
        ends, clean = turn + 1 == len(data.examples), clean and not mistake
        then = Learning(0 if ends else turn + 1, clean or ends, clean and ends, weights, data)
        return Taken(Presented(turn + 1, mistake), then)

    def reach(self, configuration: Learning) -> int:
        return len(configuration.data.examples)

    def output(self, configuration: Learning) -> dict[str, Any]:
        """The weights, and the class of the query: 1, -1, or 0 on the boundary."""
        product = inner(configuration.weights, configuration.data.query)
        side = (product > 0) - (product < 0)
        return {"weights": [*map(int, configuration.weights)], "class": side}


def parse(text: str) -> Perceptron:
    """A perceptron as text; from ``;`` to the line's end is a comment.

    >>> parse("features 3 ; of integers")
    Perceptron(features=3)
    """
    words = [word for line in text.splitlines() for word in line.partition(";")[0].split()]
    if len(words) != 2 or words[0] != "features" or not words[1].isdecimal():
        raise ValueError(f"text {' '.join(words)!r}: expected 'features' and a whole number")
    return Perceptron(int(words[1]))


def write(machine: Perceptron) -> str:
    """The perceptron as :func:`parse` reads it.

    >>> write(Perceptron(2))
    'features 2\\n'
    """
    return f"features {machine.features}\n"
