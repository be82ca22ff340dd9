"""Derives what a program's forms imply of its numbers, layer by layer."""

from __future__ import annotations

from fractions import Fraction as Q
from functools import reduce
from typing import Any

from tmsim_verify.sets import (  # isort: skip
    DIGIT, ONE, ZERO, Set, add, clamp, common, either, hull, mul, plain, rational, span,
    times,
)  # fmt: skip

Json = dict[str, Any]
FORMATS = {
    "float64": (53, 53, -1022), "float32": (24, 24, -126), "bfloat16": (8, 24, -126),
    "float16": (11, 24, -14),
}  # fmt: skip
"""Bits of a stored number, bits of a sum, exponent of the smallest normal number."""
KINDS = ("one_hot", "bits", "code", "flag", "scalar")


class Reader:
    """What the forms of a certificate's subject imply; ValueError where they are no program."""

    def __init__(self, subject: Json) -> None:
        program = self.program = subject["program"]
        self.rows, self.digits = subject["rows"], subject["digits"] is True
        self.kind = {name: kind for name, kind, _ in program["registers"]}
        if not 0 < self.rows < 1 << 64 or not {*self.kind.values()} <= {*KINDS}:
            raise ValueError("a context of no row or of too many, or a register of no kind")
        if len(self.kind) != len(program["registers"]):
            raise ValueError("two registers of one name")
        self.given = {p["register"] for p in program["positions"]}
        self.given |= {name for _, name in program["carry"]}
        self.full: set[str] = set()
        self.lost: set[str] = set()  # scalars of which a part is unknown
        self.loop = program["feedback"] == "Loop"
        self.scalar: dict[str, Set] = {}
        for p in program["positions"]:
            kind, powers = self.kind[p["register"]], p.get("exponents", [1])
            if kind == "code" and p["kind"] == "Binary" and p["signed"]:
                self.full.add(p["register"])
            if kind == "scalar" and not self.loop:
                if not (-9 < powers[0] < 9 and 0 < p["start"] < 1 << 64):
                    raise ValueError(f"{p['register']}: powers that are too large")
                ends = [Q(i) ** powers[0] for i in (p["start"], p["start"] + self.rows - 1)]
                step = 1 if powers[0] >= 0 else None
                self.scalar[p["register"]] = span(min(ends), max(ends), step)
        self.open: dict[str, None] = {}
        self.stored = self.summed = self.unit = Q(1)

    def note(self, what: str, kept: Q, partial: Q, unit: Q | None) -> None:
        """A number up to `kept` and its partial sums; all terms are multiples of `unit`."""
        if unit is None:
            self.open[f"{what} is no multiple of a unit"] = None
        elif (d := unit.denominator) & (d - 1):
            self.open[f"{what} counts in {unit}, which is no binary fraction"] = None
        else:
            self.stored, self.summed = max(self.stored, kept * d), max(self.summed, partial * d)
            self.unit = min(self.unit, Q(1, d))

    def weight(self, what: str, verb: str, k: Any) -> Set | None:
        """A coefficient: a number, or an entry of a machine's table."""
        if isinstance(k, list) and not self.digits:
            self.open[f"{what} {verb} table {k[0]}, of unknown size"] = None
            return None
        return DIGIT if isinstance(k, list) else span(rational(k), rational(k), 0)

    def form(self, what: str, form: Json, *, result: bool = False, wide: bool = False) -> Any:
        """The values of constant + Σ coefficient·coordinate; None where one is unknown.

        Weights are stored numbers, and so is the `result` of some; those of `wide` forms are held
        as sums are.
        """
        constant = rational(form["constant"])
        groups: dict[Any, list[Set]] = {}
        units: list[Q | None] = [constant]
        kept = abs(constant)
        for name, index, k in form["terms"]:
            held, scale = DIGIT, self.weight(what, "reads", k)
            if scale is None:
                return None
            if self.kind[name] == "code":
                held = span(-1, 1, 2 if name in self.full else 1)
            if self.kind[name] == "scalar":
                if name not in self.scalar:
                    self.open[f"{what} reads {name}, of unknown size"] = None
                    return None
                held = self.scalar[name]
            kept = max(kept, scale.most)
            one = self.kind[name] == "one_hot"
            groups.setdefault(name if one else (name, index), []).append(mul(held, scale))
            units.append(times(held.unit, scale.unit))
        whole, partial = span(constant, constant, 0), abs(constant)
        for key, terms in groups.items():
            # Of a one-hot register one coordinate counts, or none.
            term = reduce(either, terms, ZERO) if type(key) is str else reduce(add, terms)
            whole, partial = add(whole, term), partial + term.most
        kept = Q(1) if wide else max(kept, whole.most) if result else kept
        self.note(what, kept, partial, common(*units))
        return whole

    def head(self, where: str, head: Json) -> Json:
        parts: dict[str, list[Any]] = {
            part: [self.form(f"{where}: {part}", f, result=True) for f in head[part]]
            for part in ("query", "key", "value")
        }
        rule, visible = head["rule"]["name"], head["visible"]
        alone = visible["name"] == "Past" and visible["window"] == 1
        uniform = rule == "Average" and not head["query"]
        mean = not alone and (uniform or rule in ("Softmax", "TopTwo"))
        said: Json = {"name": head["name"], "ties hold one value": rule == "Average" and not mean}
        if any(None in found for found in parts.values()):
            self.lost |= {form["terms"][0][0] for form in head["out"]}
            return said
        said |= {part: hull(found) for part, found in parts.items()}
        if head["score"] == {"name": "Dot", "decimals": None}:
            pairs = [*zip(parts["query"], parts["key"], strict=True)]
            partial = sum((q.most * k.most for q, k in pairs), Q(0))
            unit = common(*(times(q.unit, k.unit) for q, k in pairs))
            self.note(f"{where}: score", Q(1), partial, unit)
            said["score"] = hull([reduce(add, (mul(q, k) for q, k in pairs), ZERO)])
            said["partial"] = plain(partial)
            said["gap"] = plain(common(*(times(q.unit, k.step) for q, k in pairs)))
        else:
            self.open[f"{where}: its scores are no dot products"] = None
        if mean or rule in ("Sum", "Linear"):
            self.open[f"{where}: weighs its rows"] = None
        for form, value in zip(head["out"], parts["value"], strict=True):
            [[name, _, _]] = form["terms"]
            if mean and value.step != 0:
                value = value._replace(step=None)
            if rule == "Sum":
                value = mul(value, span(1, self.rows))
            if visible["name"] != "Past" or visible["strict"]:
                value = either(value, ZERO)  # no row may be visible
            if rule == "Linear" or (rule == "Sum" and self.loop):
                self.lost.add(name)
            self.hold(name, value)
        return said

    def neurons(self, title: str, neurons: list[Json]) -> Json:
        partial: dict[Any, Q] = {}
        before, after, units, unknown = [], [], [], set()
        scalars: dict[str, Set] = {}
        for n, neuron in enumerate(neurons):
            where, gate = f"{title}: neuron {n}", ONE
            reads = self.form(where, neuron["reads"])
            if neuron["gate"] is not None:
                gate = self.form(f"{where}: gate", neuron["gate"], result=True)
            targets = neuron["writes"]["terms"]
            weights = [w for _, _, k in targets if (w := self.weight(where, "writes", k))]
            if reads is None or gate is None or len(weights) < len(targets):
                unknown |= {name for name, _, _ in targets}
                continue
            post = mul(activated(neuron["activation"], reads), gate)
            kept = max([post.most, *(w.most for w in weights)])
            self.note(where, kept, post.most, post.unit)
            before, after = [*before, reads], [*after, post]
            for (name, index, _), weight in zip(targets, weights, strict=True):
                added = mul(post, weight)
                partial[name, index] = partial.get((name, index), Q(0)) + added.most
                units.append(added.unit)
                if self.kind[name] == "scalar":
                    scalars[name] = add(scalars.get(name, ZERO), added)
        most = max(partial.values(), default=Q(0))
        self.note(f"{title}: what neurons write", Q(1), most, common(*units))
        self.lost |= unknown
        for name, value in scalars.items():
            if name not in unknown:
                self.note(f"{title}: {name}", value.most, value.most, value.unit)
            self.hold(name, value)
        if len(before) < len(neurons):
            return {"reads": None, "after": None, "partial": None}
        return {"reads": hull(before), "after": hull(after), "partial": plain(most)}

    def hold(self, name: str, value: Set) -> None:
        """A scalar to which `value` is added, once for each writer of its layer."""
        held = add(self.scalar.pop(name, ZERO), value)
        if self.kind[name] == "scalar" and name not in self.lost:
            self.scalar[name] = held

    def layer(self, layer: Json) -> Json:
        title, heads = layer["title"], layer["heads"]
        forms = [n["writes"] for n in layer["neurons"]] + [f for h in heads for f in h["out"]]
        written = {name for form in forms for name, _, _ in form["terms"]}
        if twice := sorted(written & self.given):
            raise ValueError(f"{title}: {twice[0]} has another writer")
        self.given |= written
        kinds = sorted(n for n in written if self.kind[n] != "scalar")
        said: Json = {"title": title, "by the lemma hold their kind": kinds}
        if layer["norm"] is not None:
            self.open[f"{title}: a norm divides"] = None
            return said
        said["heads"] = [self.head(f"{title}: head {h['name']}", h) for h in heads]
        return said | {"neurons": self.neurons(title, layer["neurons"])}

    def derived(self) -> Json:
        """All layers, and the formats in which nothing is rounded."""
        layers = [self.layer(layer) for layer in self.program["layers"]]
        for outcome, form in self.program["stops"]:
            self.form(f"the stop {outcome}", form, wide=True)
        for layer in self.program["encoder"]:
            self.open[f"{layer['title']}: a layer of the encoder"] = None
        fitting = [
            dtype
            for dtype, (kept, total, least) in FORMATS.items()
            if self.stored <= 1 << kept and self.summed <= 1 << total
            and self.unit >= Q(2) ** least
        ]  # fmt: skip
        return {
            "scalars": {name: [*hull([r]), plain(r.unit)] for name, r in self.scalar.items()},
            "layers": layers,
            "largest stored": plain(self.stored),
            "largest partial sum": plain(self.summed),
            "unit": plain(self.unit),
            "exact in": [] if self.open else fitting,
            "not certified": list(self.open),
        }


def activated(activation: str, x: Set) -> Set:
    if activation in ("relu", "clipped"):
        return clamp(x, Q(1) if activation == "clipped" else None)
    return span(0, 1, 1 if activation == "heaviside" else None)
