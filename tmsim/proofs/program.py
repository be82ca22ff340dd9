"""A proof's layers: heads and neurons over named registers, checked when they are written down."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from tmsim.outcome import Outcome
from tmsim.proofs.affine import Affine, Expression, Leaves, Number, constant
from tmsim.proofs.feedback import Feedback
from tmsim.proofs.positions import Position
from tmsim.proofs.rules import Dot, Past, Prefix, Rule, Score, Visibility
from tmsim.proofs.stream import Register, Stream

Ensures = Callable[[Any], Mapping[str, Any]]


class Activation(Enum):
    relu = "max(x, 0)"
    clipped = "min(max(x, 0), 1)"
    heaviside = "1 if x > 0 else 0"
    sigmoid = "1 / (1 + exp(-x))"


@dataclass(frozen=True)
class Address:
    """The proof's word that a head finds the latest row that wrote to the address it reads.

    Row j writes to the integer `write` (a row where `null` is 1 writes nowhere); row i attends to
    the latest visible row whose `write` equals its `read`, and to the null row if there is none.
    A last-write table may stand in for such a head: the fold law holds it to dense attention.
    """

    read: Affine
    write: Affine
    null: Affine


@dataclass(frozen=True)
class Head:
    """One attention head: `out` += the values of the rows that `rule` chooses by score(q, k).

    Empty `query` and `key` make a uniform head (all scores 0).
    """

    name: str
    query: Sequence[Expression | Number]
    key: Sequence[Expression | Number]
    value: Sequence[Expression | Number]
    out: Sequence[Expression]
    rule: Rule
    score: Score = field(default_factory=Dot)
    visible: Visibility = field(default_factory=Past)
    address: Address | None = None

    def __post_init__(self) -> None:
        for name in ("query", "key", "value", "out"):
            object.__setattr__(self, name, tuple(constant(x) for x in getattr(self, name)))
        if len(self.query) != len(self.key):
            raise ValueError(
                f"head {self.name}: query of {len(self.query)}, key of {len(self.key)}"
            )
        if len(self.value) != len(self.out):
            raise ValueError(
                f"head {self.name}: value of {len(self.value)}, out of {len(self.out)}"
            )

    @property
    def uniform(self) -> bool:
        return not self.query

    def reads(self) -> Iterator[Affine]:
        for form in (*self.query, *self.key, *self.value):
            yield constant(form)

    def writes(self) -> Iterator[Affine]:
        return (constant(form) for form in self.out)

    def bind(self, leaves: Leaves) -> Head:
        bound = {
            name: tuple(constant(x).bind(leaves) for x in getattr(self, name))
            for name in ("query", "key", "value")
        }
        return replace(self, **bound)


@dataclass(frozen=True)
class Neuron:
    """activation(reads) [· gate], added along the direction `writes`."""

    reads: Expression
    writes: Expression
    gate: Expression | None = None
    activation: Activation = Activation.relu

    def __post_init__(self) -> None:
        if self.writes.affine.constant:
            reads, writes = self.reads.affine, self.writes
            raise ValueError(f"neuron {reads}: writes {writes}, which has a constant")

    def inputs(self) -> Iterator[Affine]:
        yield self.reads.affine
        if self.gate is not None:
            yield self.gate.affine

    def bind(self, leaves: Leaves) -> Neuron:
        gate = None if self.gate is None else self.gate.affine.bind(leaves)
        reads, writes = self.reads.affine.bind(leaves), self.writes.affine.bind(leaves)
        return replace(self, reads=reads, writes=writes, gate=gate)


@dataclass(frozen=True)
class PreNorm:
    """The layer reads LN(v) instead of the stream, v = the stream, or `project` into `view`.

    With `project`, coordinate c of the view is the form `project[c]` (projected pre-norm, Merrill
    and Sabharwal 2024); without, v is the whole stream. LN subtracts the mean and divides by the
    standard deviation √(var + eps), or by the Euclidean norm √(Σ² + eps) when `unit`; where that
    is 0, LN is 0.
    """

    view: Stream | None = None
    project: Sequence[Expression] = ()
    unit: bool = False
    eps: Number = 0

    def __post_init__(self) -> None:
        if (0 if self.view is None else self.view.width) != len(self.project):
            raise ValueError(f"PreNorm: {len(self.project)} forms do not fill the view")


@dataclass(frozen=True)
class Layer:
    """One residual layer: all heads read the incoming stream, then all neurons read their sum.

    `title` is the lemma, and `ensures(now)` what its registers hold on the reference run's row.
    `counted` says under which of the paper's own layers it counts (its own when None).
    """

    title: str
    heads: Sequence[Head] = ()
    neurons: Sequence[Neuron] = ()
    ensures: Ensures | None = None
    norm: PreNorm | None = None
    counted: str | None = None

    def written(self) -> set[str]:
        forms = [f for h in self.heads for f in h.writes()]
        forms += [n.writes.affine for n in self.neurons]
        return {c.register for form in forms for c in form.terms}

    def bind(self, leaves: Leaves) -> Layer:
        heads = tuple(h.bind(leaves) for h in self.heads)
        return replace(self, heads=heads, neurons=tuple(n.bind(leaves) for n in self.neurons))


@dataclass(frozen=True)
class Stop:
    """The run ends with `outcome` before the row's output is used, where `when` exceeds 1/2."""

    outcome: Outcome
    when: Expression


@dataclass(frozen=True)
class Limit:
    """The run ends with `outcome` where |of| exceeds `at_most` (a number, or one per dtype)."""

    outcome: Outcome
    of: Expression
    at_most: Number | tuple[tuple[str, Number], ...]

    def bound(self, dtype: str) -> Number | None:
        """The limit in this dtype; None where the claim does not cover the dtype."""
        if isinstance(self.at_most, tuple):
            return dict(self.at_most).get(dtype)
        return self.at_most


@dataclass(frozen=True)
class Program:
    """The whole proof for one frame: stream, layers, and what drives it.

    `emits` are the registers recorded from each row's output; `stops` are tested in their order.
    `encoder` layers act on the encoder rows (none: the encoder is the identity).

    Raises ValueError when a register is unknown, is read before it is written, or has two writers.
    """

    stream: Stream
    layers: Sequence[Layer]
    positions: Sequence[Position]
    feedback: Feedback
    stops: Sequence[Stop | Limit]
    emits: Sequence[Register]
    encoder: Sequence[Layer] = ()

    def __post_init__(self) -> None:
        from tmsim.proofs.checks import check_program

        check_program(self)

    def bind(self, leaves: Leaves) -> Program:
        """The program of one machine: every leaf replaced by its number."""
        stops = [
            replace(s, when=s.when.affine.bind(leaves))
            if isinstance(s, Stop)
            else replace(s, of=s.of.affine.bind(leaves))
            for s in self.stops
        ]
        layers = [layer.bind(leaves) for layer in self.layers]
        return replace(self, layers=layers, stops=stops)

    def under(self, rule: Rule | None) -> Program:
        """The same weights under another hard-attention rule; uniform heads keep theirs.

        A head's address is the proof's word under its own rule, and is dropped with it.
        """
        if rule is None:
            return self

        def ruled(layer: Layer) -> Layer:
            return replace(layer, heads=[_under(rule, h) for h in layer.heads])

        return replace(self, layers=[ruled(layer) for layer in self.layers])

    def sizes(self) -> dict[str, int]:
        """Counted as the paper counts: its layers, and the widths of the widest."""
        groups = [layer.counted or f"#{i}" for i, layer in enumerate(self.layers)]
        heads = [h for layer in self.layers for h in layer.heads]
        return {
            "layers": len(dict.fromkeys(groups)),
            "attention_layers": sum(bool(layer.heads) for layer in self.layers),
            "heads": max(len(layer.heads) for layer in self.layers),
            "cross_heads": sum(isinstance(h.visible, Prefix) for h in heads),
            "d_model": self.stream.width,
            "d_head": max((len(h.query) for h in heads), default=0),
            "d_mlp": max(len(layer.neurons) for layer in self.layers),
        }


def _under(rule: Rule, head: Head) -> Head:
    if head.uniform or not head.rule.hard or head.rule == rule:
        return head
    return replace(head, rule=rule, address=None)
