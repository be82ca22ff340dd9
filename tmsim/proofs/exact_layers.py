"""A bound Program compiled for exact arithmetic: affine forms as sparse columns, layer by layer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from operator import mul

from tmsim.proofs.affine import Affine, Expression, Leaf
from tmsim.proofs.exact_attention import Attended, UnexpectedTie, attend, scores, visible_rows
from tmsim.proofs.exact_numbers import (
    Real,
    Undecided,
    clamped,
    exponential,
    quotient,
    reciprocal,
    root,
    tidy,
)
from tmsim.proofs.program import Activation, Head, Layer, Neuron, PreNorm, Program
from tmsim.proofs.rules import Prefix, Rule, Score, Softmax, Visibility
from tmsim.proofs.stream import Stream

Vector = list[Real]
Terms = list[tuple[int, Real]]
Memory = tuple[list[Vector], list[Vector]]
"""The keys and the values of the rows that a head may read."""

ACTIVATIONS: Mapping[Activation, Callable[[Real], Real]] = {
    Activation.relu: clamped,
    Activation.clipped: lambda x: clamped(x, 1),
    Activation.heaviside: lambda x: int(x > 0),
    Activation.sigmoid: lambda x: reciprocal(1 + exponential(-x)),
}


def _terms(form: Affine, stream: Stream) -> Terms:
    unbound = [k for k in form.terms.values() if isinstance(k, Leaf)]
    if unbound:
        raise ValueError(f"{unbound[0]} has no number yet: bind the program to a machine")
    return [(stream.slot(c), tidy(k)) for c, k in form.terms.items()]  # type: ignore[arg-type]


class AffineMap:
    """Affine forms x ↦ Wx + b over one stream, stored by the columns of W that are not zero."""

    __slots__ = ("columns", "constants")

    def __init__(self, forms: Iterable[Expression], stream: Stream) -> None:
        affine = [form.affine for form in forms]
        columns: dict[int, Terms] = {}
        for row, form in enumerate(affine):
            for slot, coefficient in _terms(form, stream):
                columns.setdefault(slot, []).append((row, coefficient))
        self.columns = sorted(columns.items())
        self.constants = [tidy(form.constant) for form in affine]

    def __call__(self, x: Sequence[Real]) -> Vector:
        out = self.constants.copy()
        for slot, column in self.columns:
            there = x[slot]
            if there:
                for row, coefficient in column:
                    out[row] += coefficient * there
        return out


@dataclass(frozen=True, slots=True)
class ExactHead:
    name: str
    query: AffineMap
    key: AffineMap
    value: AffineMap
    out: list[int]
    rule: Rule
    score: Score
    visible: Visibility
    uniform: bool

    @classmethod
    def of(cls, head: Head, source: Stream, stream: Stream) -> ExactHead:
        held = stream if isinstance(head.visible, Prefix) else source
        return cls(
            head.name,
            AffineMap(head.query, source),  # type: ignore[arg-type]
            AffineMap(head.key, held),  # type: ignore[arg-type]
            AffineMap(head.value, held),  # type: ignore[arg-type]
            [stream.slot(form.affine.unit()) for form in head.out],
            head.rule,
            head.score,
            head.visible,
            head.uniform,
        )

    @property
    def cross(self) -> bool:
        return isinstance(self.visible, Prefix)

    def remember(self, seen: Vector, memory: Memory) -> None:
        memory[0].append(self.key(seen))
        memory[1].append(self.value(seen))

    def read(self, i: int, seen: Vector, memory: Memory) -> tuple[Vector | None, Attended]:
        rows = visible_rows(self.visible, i, len(memory[1]))
        if not rows:
            return None, Attended((), (), None)
        here = slice(rows.start, rows.stop)
        if self.uniform:
            found: list[Real] = [0] * len(rows)
        else:
            found = scores(self.score, self.query(seen), memory[0][here])
        return attend(self.rule, found, memory[1][here], rows.start)


class ExactNeurons:
    """All neurons of one layer; a gate is evaluated only where its neuron is on."""

    __slots__ = ("activations", "gates", "names", "reads", "writes")

    def __init__(self, neurons: Sequence[Neuron], source: Stream, stream: Stream) -> None:
        self.names = [str(n.reads.affine) for n in neurons]
        self.reads = AffineMap((n.reads for n in neurons), source)
        self.activations = [n.activation for n in neurons]
        self.gates = [
            None
            if n.gate is None
            else (tidy(n.gate.affine.constant), _terms(n.gate.affine, source))
            for n in neurons
        ]
        self.writes = [_terms(n.writes.affine, stream) for n in neurons]

    def __call__(self, seen: Vector) -> Iterator[tuple[int, Real]]:
        """The slots written, and what is added there."""
        for n, reads in enumerate(self.reads(seen)):
            if type(reads) is int and reads <= 0 and self.activations[n] is not Activation.sigmoid:
                continue
            with _place(lambda n=n: f"neuron {self.names[n]}"):
                active = ACTIVATIONS[self.activations[n]](reads)
            gate = self.gates[n]
            if active and gate is not None:
                constant, terms = gate
                active = active * (constant + sum(k * seen[slot] for slot, k in terms))
            if active:
                for slot, coefficient in self.writes[n]:
                    yield slot, coefficient * active


@contextmanager
def _place(where: Callable[[], str]) -> Iterator[None]:
    """Names the place of what cannot be decided in it."""
    try:
        yield
    except (Undecided, UnexpectedTie) as error:
        raise type(error)(f"{where()}: {error}") from None


def normalised(norm: PreNorm, v: Vector) -> Vector:
    """LN(v), the mean subtracted; LN of a vector without deviation (and with eps = 0) is zero."""
    mean = quotient(sum(v), len(v))
    centred = [tidy(x - mean) for x in v]
    square = sum(map(mul, centred, centred))
    square = (square if norm.unit else quotient(square, len(v))) + norm.eps
    if type(square) is int and square == 0:
        return [0] * len(v)
    scale = reciprocal(root(square))
    return [tidy(x * scale) if x else 0 for x in centred]


class ExactLayer:
    """One layer: `remember` takes a row's keys and values in, `read` and `transform` follow."""

    def __init__(self, layer: Layer, stream: Stream) -> None:
        self.title = layer.title
        self.norm = layer.norm
        view = None if layer.norm is None else layer.norm.view
        source = stream if view is None else view
        forms = () if layer.norm is None else layer.norm.project
        self.project = None if view is None else AffineMap(forms, stream)
        self.heads = [ExactHead.of(h, source, stream) for h in layer.heads]
        self.neurons = ExactNeurons(layer.neurons, source, stream)
        self.irrational = (
            layer.norm is not None
            or any(isinstance(h.rule, Softmax) for h in layer.heads)
            or any(n.activation is Activation.sigmoid for n in layer.neurons)
        )

    def memories(self, prefix: Sequence[Vector] = ()) -> list[Memory]:
        """One memory a head: the encoder's rows for cross-attention, empty for the others."""
        memories: list[Memory] = [([], []) for _ in self.heads]
        for head, memory in zip(self.heads, memories, strict=True):
            for row in prefix if head.cross else ():
                head.remember(row, memory)
        return memories

    def view(self, x: Vector) -> Vector:
        if self.norm is None:
            return x
        return normalised(self.norm, x if self.project is None else self.project(x))

    def remember(self, seen: Vector, memories: list[Memory]) -> None:
        for head, memory in zip(self.heads, memories, strict=True):
            if not head.cross:
                head.remember(seen, memory)

    def read(
        self, i: int, x: Vector, seen: Vector, memories: list[Memory]
    ) -> tuple[Vector, list[Attended]]:
        """The row after the heads, and what each of them read."""
        mid, record = x.copy(), []
        for head, memory in zip(self.heads, memories, strict=True):
            with _place(lambda head=head: f"{self.title}: head {head.name}, row {i}"):
                read, attended = head.read(i, seen, memory)
            for slot, number in zip(head.out, read or (), strict=read is not None):
                mid[slot] = tidy(mid[slot] + number)
            record.append(attended)
        return mid, record

    def transform(self, i: int, mid: Vector) -> Vector:
        """The row after the neurons."""
        out = mid.copy()
        with _place(lambda: f"{self.title}: row {i}"):
            for slot, number in self.neurons(self.view(mid)):
                out[slot] = tidy(out[slot] + number)
        return out


@dataclass(frozen=True)
class ExactProgram:
    """The compiled program; `irrational` if a root, an exponential or a sigmoid may enter."""

    layers: list[ExactLayer]
    encoder: list[ExactLayer]
    irrational: bool


def compiled(program: Program) -> ExactProgram:
    """The program as sparse columns, kept with the program object.

    Raises ValueError naming a machine-given coefficient that has no number yet.
    """
    kept = vars(program).get("_exact")
    if kept is None:
        layers = [ExactLayer(layer, program.stream) for layer in program.layers]
        encoder = [ExactLayer(layer, program.stream) for layer in program.encoder]
        kept = ExactProgram(layers, encoder, any(x.irrational for x in (*layers, *encoder)))
        vars(program)["_exact"] = kept  # a frozen dataclass's own dict: compiled once per object
    return kept
