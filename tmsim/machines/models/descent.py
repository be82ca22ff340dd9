"""Learners by gradient descent: full-batch steps on a mean loss, from weights 0, in exact numbers.

For examples (x, y), j = 1 … n, the gradient of the mean loss at weights w is

    g = (1/n) Σ (link(⟨w, x⟩) - y) x + decay·w

and step t is  trace ← g + momentum·trace,  w ← w - rate[t]·trace  (Nesterov: rate[t]·(g +
momentum·trace), with the new trace). The link is the identity for least squares.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from fractions import Fraction
from numbers import Rational
from typing import Any, NamedTuple

from tmsim.machines.models.model import Model, Taken
from tmsim.outcome import Outcome

Vector = tuple[Fraction, ...]


class Example(NamedTuple):
    """An input and its label."""

    x: Vector
    y: Fraction


class Data(NamedTuple):
    """What a learner is given: labelled examples, and the input that it is asked about."""

    examples: tuple[Example, ...]
    query: Vector


class Descending(NamedTuple):
    """A configuration: how many steps were taken, the weights, their trace, and the data."""

    time: int
    weights: Vector
    trace: Vector
    data: Data


class Stepped(NamedTuple):
    """One step: its number from 1 on, and whether the query's prediction now exceeds the threshold.

    The prediction is the real number ⟨w, query⟩, the link not applied.
    """

    time: int
    above: bool


@dataclass(frozen=True)
class Descent(Model[Descending, Stepped]):
    """One step for each of `rates`. Room (`Model.reach`) is the number of examples.

    Raises ValueError for no features, a number that is not rational (write 0.1 as Fraction(1, 10)
    or Fraction(0.1)), or a rate, momentum or decay below 0.
    """

    features: int
    rates: tuple[Fraction, ...]
    momentum: Fraction = Fraction(0)
    decay: Fraction = Fraction(0)
    nesterov: bool = False
    threshold: Fraction = Fraction(0)

    def __post_init__(self) -> None:
        if type(self.features) is not int or self.features < 1:
            raise ValueError(f"features {self.features!r}: expected 1, 2, 3, …")
        rates = tuple(number(f"rate {t}", rate) for t, rate in enumerate(self.rates, 1))
        object.__setattr__(self, "rates", rates)
        for name in ("momentum", "decay", "threshold"):
            object.__setattr__(self, name, number(name, getattr(self, name)))
        for name in ("momentum", "decay"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} {getattr(self, name)}: expected 0 or more")
        for t, rate in enumerate(rates, 1):
            if rate < 0:
                raise ValueError(f"rate {t} is {rate}: expected 0 or more")

    def __str__(self) -> str:
        return "; ".join(described(self).splitlines())

    @abstractmethod
    def link(self, prediction: Fraction) -> Fraction:
        """What the loss compares with the label."""

    def begin(self, given: Any) -> Descending:
        """Weights 0. `given` is (examples, query), an example (x, y).

        Raises ValueError naming the example or the query whose numbers are too few or too many.
        """
        data = dataset(given, self.features)
        zero = (Fraction(0),) * self.features
        return Descending(0, zero, zero, data)

    def gradient(self, weights: Vector, examples: Sequence[Example]) -> Vector:
        """Of the mean loss and the decay."""
        missed = [self.link(inner(weights, x)) - y for x, y in examples]
        columns = zip(*(x for x, _ in examples), strict=True)
        means = (inner(missed, column) / len(examples) for column in columns)
        return tuple(m + self.decay * w for m, w in zip(means, weights, strict=True))

    def after(self, configuration: Descending) -> Taken | Outcome:
        time, weights, trace, data = configuration
        if time == len(self.rates):
            return Outcome.halted
        g = self.gradient(weights, data.examples)
        trace = tuple(a + self.momentum * b for a, b in zip(g, trace, strict=True))
        ahead = tuple(a + self.momentum * b for a, b in zip(g, trace, strict=True))
        update = ahead if self.nesterov else trace
        rate = self.rates[time]
        weights = tuple(w - rate * u for w, u in zip(weights, update, strict=True))
        above = inner(weights, data.query) > self.threshold
        return Taken(Stepped(time + 1, above), Descending(time + 1, weights, trace, data))

    def reach(self, configuration: Descending) -> int:
        return len(configuration.data.examples)

    def output(self, configuration: Descending) -> dict[str, Any]:
        """The weights and the query's prediction, rounded to floats."""
        weights, query = configuration.weights, configuration.data.query
        return {"weights": [*map(float, weights)], "prediction": float(inner(weights, query))}


def number(name: str, value: Any) -> Fraction:
    """A rational number, or text that is one. Raises ValueError naming it."""
    try:
        if isinstance(value, Rational | str) and not isinstance(value, bool):
            return Fraction(value)
    except (ValueError, ZeroDivisionError):
        pass
    raise ValueError(f"{name} is {value!r}; expected a rational number, as 3, 1/4 or Fraction(0.1)")


def inner(a: Sequence[Fraction], b: Sequence[Fraction]) -> Fraction:
    return sum((x * y for x, y in zip(a, b, strict=True)), Fraction(0))


def dataset(given: Any, features: int) -> Data:
    """(examples, query) as exact numbers. Raises ValueError naming what does not fit."""
    try:
        pairs, query = given
        pairs = [(tuple(x), y) for x, y in pairs]
    except (TypeError, ValueError):
        raise ValueError(
            f"input {given!r}: expected ([([x1, …], y), …], [x1, …]), examples and a query"
        ) from None
    if not pairs:
        raise ValueError("input: there are no examples; expected 1 or more")
    inputs = [*((f"example {j}", x) for j, (x, _) in enumerate(pairs, 1)), ("query", tuple(query))]
    for name, x in inputs:
        if len(x) != features:
            raise ValueError(f"{name} has {len(x)} features; expected {features}")
    exact = [tuple(number(name, v) for v in x) for name, x in inputs]
    labels = [number(f"label {j}", y) for j, (_, y) in enumerate(pairs, 1)]
    return Data(tuple(map(Example, exact[:-1], labels)), exact[-1])


def described(machine: Descent) -> str:
    """The learner as text, a line a field: the name and its value(s)."""
    words = {f.name: getattr(machine, f.name) for f in fields(machine)}
    words["rates"] = " ".join(map(str, machine.rates))
    words["nesterov"] = "yes" if machine.nesterov else "no"
    return "".join(f"{name} {value}".rstrip() + "\n" for name, value in words.items())


def settings(text: str, names: Sequence[str]) -> Mapping[str, Any]:
    """The fields that a text gives, as :func:`described` writes them; ``;`` begins a comment.

    `rates 1/4 x 10` is ten rates of 1/4. Raises ValueError naming the line.
    """
    told: dict[str, Any] = {}
    for place, line in enumerate(text.splitlines(), 1):
        name, _, value = line.partition(";")[0].strip().partition(" ")
        if not name:
            continue
        if name not in names or name in told:
            raise ValueError(f"line {place}: {line!r}; expected one of {', '.join(names)}, once")
        told[name] = value.strip()
    for name in ("features", "knots"):
        if name in told and not told[name].isdecimal():
            raise ValueError(f"{name} is {told[name]!r}; expected a whole number")
        told |= {name: int(told[name])} if name in told else {}
    if told.get("nesterov", "no") not in ("yes", "no"):
        raise ValueError(f"nesterov is {told['nesterov']!r}; expected yes or no")
    rates = told.get("rates", "").split()
    if len(rates) == 3 and rates[1] == "x" and rates[2].isdecimal():
        rates = rates[:1] * int(rates[2])
    return told | {"rates": tuple(rates), "nesterov": told.get("nesterov") == "yes"}
