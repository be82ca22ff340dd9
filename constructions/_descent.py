"""What oswald_2023 and bai_2023 share: one looped layer of linear attention is one gradient step.

Row j is an example (x, y), a row without example, or a query; all rows see all rows. A row knows
what the weights w say of it, its prediction ⟨w, x⟩, and never w itself: ⟨g, x⟩ for the gradient g
is a sum over the examples of (link - y)·⟨x, x'⟩, and that is linear attention. The momentum is one
more such number. A query has no key, so that no row reads it.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from tmsim.machines.models.descent import Descending, Descent, Stepped, inner
from tmsim.modelled import ModelConstruction
from tmsim.outcome import Outcome

from tmsim.proofs import (  # isort: skip
    ONE, Activation, All, Frame, Head, Layer, Leaf, Linear, Loop, Neuron, Program, Prompt, Row,
    Scene, Stop, Stream,
)  # fmt: skip
from tmsim.machines.indexed import per_tape
from tmsim.proofs.affine import Expression, Leaves, Value
from tmsim.proofs.gadgets import halts

ATTENTION = Linear()


class Now(NamedTuple):
    """A row of one pass, in exact numbers: the link of its prediction, the sum that attention
    finds, ⟨g, x⟩, the step's rate (None after the last), and what the row holds after the step."""

    link: Fraction
    correlation: Fraction
    gradient: Fraction
    rate: Fraction | None
    trace: Fraction
    then: Fraction
    time: int | None
    above: int


class Registers:
    """The residual stream of a row; `share` is 1/n on the rows that are examples or queries."""

    def __init__(self, frame: Frame) -> None:
        self.stream = s = Stream()
        self.feature = [s.scalar(f"feature[{c}]") for c in range(frame.tapes)]
        self.key = [s.scalar(f"key[{c}]") for c in range(frame.tapes)]
        self.label, self.share, self.query = s.scalar("label"), s.scalar("share"), s.flag("query")
        self.time = s.one_hot("time", frame.states)
        self.prediction, self.trace = s.scalar("prediction"), s.scalar("trace")
        self.correlation, self.gradient = s.scalar("correlation"), s.scalar("gradient")
        self.rate = s.scalar("rate")
        self.next_time = s.one_hot("next_time", frame.states)
        self.next_prediction = s.scalar("next_prediction")
        self.next_trace = s.scalar("next_trace")
        self.above = s.flag("above")

    @property
    def data(self) -> list:
        """What no step changes."""
        return [*self.feature, *self.key, self.label, self.share, self.query]


def scaled(gate: Expression, writes: Expression) -> Neuron:
    """A linear map of one number, which no sign cuts off: max(1, 0)·gate."""
    return Neuron(ONE, writes, gate=gate)


def gradient(r: Registers, link: Expression) -> Layer:
    """Σ (y - link)·⟨x, x'⟩ over the examples is -n⟨g, x'⟩, without the decay."""
    head = Head(
        "examples", r.feature, r.key, [r.label - link], [r.correlation], ATTENTION, visible=All()
    )
    rates = [Neuron(now, Leaf("rate", (t,)) * r.rate) for t, now in enumerate(r.time)]
    return Layer(
        "the gradient, seen from each row",
        [head],
        [
            Neuron(r.share, -1 * r.gradient, gate=r.correlation),
            scaled(r.prediction, Leaf("decay", ()) * r.gradient),
            *rates,
        ],
        lambda now: {
            "correlation": now.correlation, "gradient": now.gradient,
            "rate": 0 if now.rate is None else now.rate,
        },
    )  # fmt: skip


def descend(r: Registers) -> Layer:
    """Momentum, and the step against it: -rate·(a·⟨g, x⟩ + b·⟨trace, x⟩)."""
    then = r.next_prediction
    later = [Neuron(now, after) for now, after in zip(r.time, [*r.next_time][1:], strict=False)]

    def ensures(now: Now) -> Row:
        if now.rate is None:
            return {}
        return {"next_trace": now.trace, "next_prediction": now.then, "next_time": now.time}

    return Layer(
        "one step down",
        neurons=[
            scaled(r.gradient, 1 * r.next_trace),
            scaled(r.trace, Leaf("momentum", ()) * r.next_trace),
            scaled(r.prediction, 1 * then),
            Neuron(r.rate, Leaf("step", (0,)) * then, gate=r.gradient),
            Neuron(r.rate, Leaf("step", (1,)) * then, gate=r.trace),
            *later,
        ],
        ensures=ensures,
    )


def classify(r: Registers) -> Layer:
    """Does the query's prediction exceed the threshold?"""
    reads = r.next_prediction + Leaf("threshold", ()) * r.query
    tests = [Neuron(reads, r.above, activation=Activation.heaviside)]
    # Rows that are no query have no threshold, and nothing reads what they say.
    return Layer(
        "the class",
        neurons=tests,
        ensures=lambda now: {} if now.rate is None else {"above": now.above},
    )


def sizes(frame: Frame, first: int, own: int) -> dict[str, int]:
    """With `first` layers before these three, of at most `own` neurons and one register each."""
    Q, d = frame.states, frame.tapes
    return {
        "layers": 3 + first,
        "attention_layers": 1,
        "heads": 1,
        "cross_heads": 0,
        "d_model": 2 * Q + 2 * d + 11 + first,
        "d_head": d,
        "d_mlp": max(Q + 4, own),
    }


class DescentConstruction(ModelConstruction):
    """A frame's `states` are the steps and one more, `tapes` the features, `bounds.cells` the rows
    for examples."""

    @abstractmethod
    def link(self, r: Registers, frame: Frame) -> tuple[list[Layer], Expression]:
        """The layers that find the link of a row's prediction, and the form that says it."""

    def program(self, frame: Frame) -> Program:
        r = Registers(frame)
        before, link = self.link(r, frame)
        carry = [(r.next_time, r.time), (r.next_prediction, r.prediction), (r.next_trace, r.trace)]
        return Program(
            r.stream,
            [*before, gradient(r, link), descend(r), classify(r)],
            positions=[],
            feedback=Loop((*carry, *((x, x) for x in r.data)), active=r.query),
            stops=[Stop(Outcome.halted, halts(r.time))],
            emits=[r.next_time, r.above],
        )

    def leaves(self, machine: Descent, frame: Frame) -> Leaves:
        mu, last = machine.momentum, len(machine.rates)
        step = (1 + mu, mu * mu) if machine.nesterov else (1, mu)
        return {
            "rate": {(t,): rate for t, rate in enumerate(machine.rates)},
            "decay": {(): machine.decay},
            "momentum": {(): mu},
            "step": {(j,): -x for j, x in enumerate(step)},
            "threshold": {(): -machine.threshold},
            "halting": {(last,): 1},
        }

    def scenes(
        self, machine: Descent, given: Any, steps: Iterable[Stepped], frame: Frame
    ) -> Iterator[Sequence[Scene]]:
        at: Descending = machine.begin(given)
        inputs = [x for x, _ in at.data.examples]
        inputs += [(Fraction(0),) * machine.features] * (frame.bounds.cells - len(inputs))
        for _ in range(1 + sum(1 for _ in steps)):
            taken = machine.after(at)
            pairs = zip(described(at, frame), [*inputs, at.data.query], strict=True)
            yield [Scene(row, seen(machine, at, taken, x, row)) for row, x in pairs]
            at = at if isinstance(taken, Outcome) else taken.then

    def prompt(self, machine: Descent, tapes: Any, heads: Any, frame: Frame) -> Prompt:
        """The examples, empty rows, and the query, before the first step."""
        return Prompt(described(machine.begin(tapes), frame))

    def decode(self, emitted: Mapping[str, Any], machine: Descent) -> list[Stepped]:
        columns = zip(emitted["next_time"], emitted["above"], strict=True)
        return [Stepped(int(time), bool(above)) for time, above in columns]


def described(at: Descending, frame: Frame) -> list[Row]:
    """The input registers of all rows: the examples, rows without one, and the query.

    Raises ValueError where the examples are more than the frame's cells.
    """
    examples, query = at.data
    empty = frame.bounds.cells - len(examples)
    if empty < 0:
        raise ValueError(f"{len(examples)} examples: expected at most {frame.bounds.cells} (cells)")

    def row(x: Sequence[Fraction]) -> dict[str, Value]:
        held: dict[str, Value] = {"share": Fraction(1, len(examples)), "time": at.time}
        held |= {"prediction": inner(at.weights, x), "trace": inner(at.trace, x)}
        return per_tape("feature", x) | held

    known: list[Row] = [row(x) | {"label": y} | per_tape("key", x) for x, y in examples]
    return [*known, *[{}] * empty, row(query) | {"query": 1}]


def seen(machine: Descent, at: Descending, taken: Any, x: Sequence[Fraction], row: Row) -> Now:
    """What the lemmas say of a row in the pass of that configuration."""
    ended = isinstance(taken, Outcome)
    then = at if ended else taken.then
    n = len(at.data.examples)
    missed = [y - machine.link(inner(at.weights, z)) for z, y in at.data.examples]
    found = sum((m * inner(z, x) for m, (z, _) in zip(missed, at.data.examples, strict=True)),
                Fraction(0))  # fmt: skip
    after, bound = inner(then.weights, x), machine.threshold if row.get("query") else 0
    known = bool(row)
    return Now(
        link=machine.link(inner(at.weights, x)),
        correlation=found,
        gradient=machine.decay * inner(at.weights, x) - found / n,
        rate=None if ended else machine.rates[at.time] if known else Fraction(0),
        trace=inner(then.trace, x),
        then=after,
        time=at.time + 1 if known else None,
        above=int(after > bound),
    )
