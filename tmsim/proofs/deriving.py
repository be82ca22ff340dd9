"""The numbers of a program layer by layer: ranges, partial sums, gaps between scores."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from tmsim.proofs.affine import Affine, Coordinate, constant
from tmsim.proofs.as_json import number
from tmsim.proofs.feedback import Loop
from tmsim.proofs.positions import Binary, Index, Powers
from tmsim.proofs.program import Activation, Head, Layer, Neuron, Program, Stop
from tmsim.proofs.ranges import NOTHING, Given, Range, Summed, divisor, product
from tmsim.proofs.rules import Average, Dot, Linear, Past, Softmax, Sum, TopTwo
from tmsim.proofs.sizes import Sizes
from tmsim.proofs.stream import CODE, SCALAR


def averages(head: Head) -> bool:
    """Does the head take a mean over rows that may differ?"""
    one_row = isinstance(head.visible, Past) and head.visible.window == 1
    soft = isinstance(head.rule, Softmax | TopTwo)
    return not one_row and (soft or (head.uniform and isinstance(head.rule, Average)))


class Derivation:
    """What the registers' kinds say of a program's numbers, in contexts of at most `rows` rows."""

    def __init__(self, program: Program, rows: int, digits: bool) -> None:
        self.program, self.rows, self.sizes = program, rows, Sizes()
        registers = program.stream.registers
        signed = [p for p in program.positions if isinstance(p, Binary) and p.signed]
        filled = (p.register for p in signed if registers[p.register].kind == CODE)
        self.given = Given(program.stream, {}, frozenset(filled), digits)
        self.scalars, self.lost = self.given.scalars, set[str]()
        self.looped = isinstance(program.feedback, Loop)
        for p in program.positions:
            if self.looped:
                continue  # a loop's rows are cells, of which the frame says nothing
            if isinstance(p, Index):
                self.scalars[p.register] = Range.of(p.start, p.start + rows - 1)
            elif isinstance(p, Powers) and p.size == 1:
                self.scalars[p.register] = _power(p, rows)

    def whole(self) -> dict[str, Any]:
        """Every layer's numbers, and the formats that hold them."""
        sizes, layers = self.sizes, [self.layer(layer) for layer in self.program.layers]
        for stop in self.program.stops:
            form = stop.when if isinstance(stop, Stop) else stop.of
            self.taken(f"the stop {stop.outcome.name}", form.affine, wide=True)
        for layer in self.program.encoder:
            sizes.not_certified.append(f"{layer.title}: a layer of the encoder")
        return {
            "scalars": {name: _said(r) for name, r in self.scalars.items()},
            "layers": layers,
            "largest stored": number(sizes.stored),
            "largest partial sum": number(sizes.summed),
            "unit": number(sizes.unit),
            "exact in": sizes.exact_in(),
            "not certified": list(dict.fromkeys(sizes.not_certified)),
        }

    def taken(
        self, what: str, form: Affine, *, result: bool = False, wide: bool = False
    ) -> Summed | None:
        """The form's range, its sizes noted; None where it reads what is of unknown size.

        Weights are stored numbers, and so is the `result` of some; those of `wide` forms are held
        as sums are.
        """
        try:
            found = self.given.summed(form)
        except KeyError as error:
            self.sizes.not_certified.append(f"{what} reads {error.args[0]}, of unknown size")
            return None
        weights = [self.given.weight(k).most for k in form.terms.values()]
        kept = [Fraction(1)] if wide else [abs(Fraction(form.constant)), *weights]
        kept += [found.range.most] if result else []
        self.sizes.add(what, max(kept), found.partial, found.unit)
        return found

    def weights(self, where: str, form: Affine) -> list[Range] | None:
        """The form's coefficients; None where a table of which nothing is known gives one."""
        known = []
        for coefficient in form.terms.values():
            try:
                known.append(self.given.weight(coefficient))
            except KeyError as error:
                self.sizes.not_certified.append(f"{where} writes {error.args[0]}, of unknown size")
        return known if len(known) == len(form.terms) else None

    def layer(self, layer: Layer) -> dict[str, Any]:
        registers = self.program.stream.registers
        kinds = sorted(n for n in layer.written() if registers[n].kind != SCALAR)
        said = {"title": layer.title, "by the lemma hold their kind": kinds}
        if layer.norm is not None:
            self.sizes.not_certified.append(f"{layer.title}: a norm divides")
            return said
        heads = [self.head(f"{layer.title}: head {head.name}", head) for head in layer.heads]
        return said | {"heads": heads, "neurons": self.neurons(layer)}

    def head(self, where: str, head: Head) -> dict[str, Any]:
        parts = {
            part: [
                self.taken(f"{where}: {part}", constant(f), result=True)
                for f in getattr(head, part)
            ]
            for part in ("query", "key", "value")
        }
        known = {p: [f for f in found if f is not None] for p, found in parts.items()}
        tied = isinstance(head.rule, Average) and not averages(head)
        said: dict[str, Any] = {"name": head.name, "ties hold one value": tied}
        if known != parts:
            self.lose(constant(form).unit().register for form in head.out)
            return said
        said |= {part: _hull(f.range for f in found) for part, found in known.items()}
        if isinstance(head.score, Dot) and head.score.decimals is None:
            said |= self.score(where, known["query"], known["key"])
        else:
            self.sizes.not_certified.append(f"{where}: its scores are no dot products")
        if averages(head) or isinstance(head.rule, Sum | Linear):
            self.sizes.not_certified.append(f"{where}: weighs its rows")
        for form, value in zip(head.out, known["value"], strict=True):
            self.out(head, constant(form).unit().register, value.range)
        return said

    def score(self, where: str, query: list[Summed], key: list[Summed]) -> dict[str, Any]:
        """Σ q·k: its range, its partial sums, and what two scores of one row differ by at least."""
        whole, partial, units, steps = NOTHING, Fraction(0), [], []
        for q, k in zip(query, key, strict=True):
            whole = whole.plus(q.range.times(k.range))
            partial += q.range.most * k.range.most
            units.append(product(q.range.multiple, k.range.multiple))
            steps.append(product(q.range.multiple, k.range.step))
        self.sizes.add(f"{where}: score", Fraction(1), partial, divisor(units))
        gap = divisor(steps)
        return {
            "score": [number(whole.low), number(whole.high)],
            "partial": number(partial),
            "gap": None if gap is None else number(gap),
        }

    def out(self, head: Head, register: str, value: Range) -> None:
        """What a scalar holds that the head writes."""
        if self.program.stream.registers[register].kind != SCALAR:
            return
        summing = isinstance(head.rule, Sum)
        if isinstance(head.rule, Linear) or (summing and self.looped):
            return self.lose([register])
        if averages(head):
            value = value.mean()
        if summing:
            value = value.times(Range.of(1, self.rows))
        if not isinstance(head.visible, Past) or head.visible.strict:
            value = value.hull(NOTHING)  # no row may be visible
        self.hold({register: value})

    def hold(self, scalars: dict[str, Range]) -> None:
        """What is added to scalars; nothing to one of which a part is unknown."""
        for name, value in scalars.items():
            if name not in self.lost:
                self.scalars[name] = self.scalars.get(name, NOTHING).plus(value)

    def lose(self, names: Iterable[str]) -> None:
        for name in names:
            self.lost.add(name)
            self.scalars.pop(name, None)

    def neurons(self, layer: Layer) -> dict[str, Any]:
        """All neurons: what they read, what leaves them, and the sums that they are added to."""
        partial: dict[Coordinate, Fraction] = {}
        before, after, units, scalars = [], [], [], {}
        unknown: set[str] = set()
        for n, neuron in enumerate(layer.neurons):
            where = f"{layer.title}: neuron {n}"
            reads = self.taken(where, neuron.reads.affine)
            gate = NOTHING if neuron.gate is None else None
            if neuron.gate is not None:
                taken = self.taken(f"{where}: gate", neuron.gate.affine, result=True)
                gate = None if taken is None else taken.range
            targets = neuron.writes.affine.terms
            weights = self.weights(where, neuron.writes.affine)
            if reads is None or gate is None or weights is None:
                unknown |= {c.register for c in targets}
                continue
            post = _activated(neuron, reads.range)
            if neuron.gate is not None:
                post = post.times(gate)
            kept = max([post.most, *(w.most for w in weights)])
            self.sizes.add(where, kept, post.most, post.multiple)
            before.append(reads.range)
            after.append(post)
            for place, weight in zip(targets, weights, strict=True):
                added = post.times(weight)
                partial[place] = partial.get(place, Fraction(0)) + added.most
                units.append(added.multiple)
                if self.program.stream.registers[place.register].kind == SCALAR:
                    scalars[place.register] = scalars.get(place.register, NOTHING).plus(added)
        most = max(partial.values(), default=Fraction(0))
        self.sizes.add(f"{layer.title}: what neurons write", Fraction(1), most, divisor(units))
        self.lose(unknown)
        for name, value in scalars.items():
            if name not in unknown:
                self.sizes.add(f"{layer.title}: {name}", value.most, value.most, value.multiple)
        self.hold(scalars)
        if len(before) < len(layer.neurons):
            return {"reads": None, "after": None, "partial": None}
        return {"reads": _hull(before), "after": _hull(after), "partial": number(most)}


def _activated(neuron: Neuron, reads: Range) -> Range:
    match neuron.activation:
        case Activation.relu:
            return reads.clamped()
        case Activation.clipped:
            return reads.clamped(1)
        case Activation.heaviside:
            return Range.of(0, 1)
    return Range.of(0, 1, None)


def _power(p: Powers, rows: int) -> Range:
    ends = sorted(Fraction(i) ** p.exponents[0] for i in (p.start, p.start + rows - 1))
    return Range.of(ends[0], ends[1], 1 if p.exponents[0] >= 0 else None)


def _said(r: Range) -> list[Any]:
    return [number(r.low), number(r.high), None if r.multiple is None else number(r.multiple)]


def _hull(ranges: Iterable[Range]) -> list[Any]:
    every = list(ranges)
    lows, highs = [r.low for r in every], [r.high for r in every]
    return [number(min(lows, default=0)), number(max(highs, default=0))]
