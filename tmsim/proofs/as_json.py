"""A Program as plain JSON: enough for someone else to derive its numbers' ranges again."""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields
from fractions import Fraction
from typing import Any

from tmsim.proofs.affine import Affine, Expression, Leaf, Number, constant
from tmsim.proofs.positions import Binary, Index, OneHot, Position, Powers
from tmsim.proofs.program import Head, Layer, Neuron, PreNorm, Program, Stop
from tmsim.proofs.rules import Rule, Score, Visibility


def number(x: Number) -> int | str:
    """A whole number as itself, another rational as "p/q".

    >>> number(Fraction(6, 2)), number(Fraction(-1, 3))
    (3, '-1/3')
    """
    x = Fraction(x)
    return int(x) if x.denominator == 1 else str(x)


def digest(program: Any) -> str:
    """SHA-256 of the JSON value, keys sorted and without spaces.

    >>> digest({"b": 1, "a": 2}) == digest({"a": 2, "b": 1})
    True
    """
    text = json.dumps(program, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def program_json(program: Program) -> dict[str, Any]:
    """The program: registers, positions, layers and the forms that end a run.

    A form is ``{"constant": c, "terms": [[register, index, coefficient], …]}``, a flag's or
    scalar's index -1; a coefficient that the machine supplies is ``[table, i, j, …]``.
    """
    return {
        "registers": [[r.name, r.kind, r.size] for r in program.stream.registers.values()],
        "positions": [_position(p) for p in program.positions],
        "feedback": type(program.feedback).__name__,
        "carry": [[a.name, b.name] for a, b in program.feedback.carry],
        "encoder": [_layer(layer) for layer in program.encoder],
        "layers": [_layer(layer) for layer in program.layers],
        "stops": [
            [s.outcome.name, _form(s.when if isinstance(s, Stop) else s.of)] for s in program.stops
        ],
    }


def _form(form: Expression | Number) -> dict[str, Any]:
    affine: Affine = constant(form)
    terms = [
        [c.register, c.index, [k.name, *k.index] if isinstance(k, Leaf) else number(k)]
        for c, k in affine.terms.items()
    ]
    return {"constant": number(affine.constant), "terms": terms}


def _position(position: Position) -> dict[str, Any]:
    said: dict[str, Any] = {"register": position.register, "kind": type(position).__name__}
    if isinstance(position, Index | Powers):
        said["start"] = position.start
    if isinstance(position, Powers):
        said["exponents"] = list(position.exponents)
    if isinstance(position, Binary):
        said |= {"offset": position.offset, "signed": position.signed}
    if not isinstance(position, Index | Powers | Binary | OneHot):
        raise ValueError(f"position {position}: a certificate has no words for it")
    return said


def _layer(layer: Layer) -> dict[str, Any]:
    return {
        "title": layer.title,
        "norm": None if layer.norm is None else _norm(layer.norm),
        "heads": [_head(h) for h in layer.heads],
        "neurons": [_neuron(n) for n in layer.neurons],
    }


def _norm(norm: PreNorm) -> dict[str, Any]:
    view = [] if norm.view is None else norm.view.registers.values()
    return {
        "view": [[r.name, r.kind, r.size] for r in view],
        "project": [_form(f) for f in norm.project],
        "unit": norm.unit,
        "eps": number(norm.eps),
    }


def _head(head: Head) -> dict[str, Any]:
    said: dict[str, Any] = {"name": head.name}
    for part in ("query", "key", "value", "out"):
        said[part] = [_form(f) for f in getattr(head, part)]
    return said | {part: _value(getattr(head, part)) for part in ("rule", "score", "visible")}


def _value(value: Rule | Score | Visibility) -> dict[str, Any]:
    """A rule, a score or a visibility: its name and its parameters."""
    given = {f.name: getattr(value, f.name) for f in fields(value)}
    shown = {k: number(x) if isinstance(x, Fraction) else x for k, x in given.items()}
    return {"name": type(value).__name__, **shown}


def _neuron(neuron: Neuron) -> dict[str, Any]:
    return {
        "reads": _form(neuron.reads),
        "gate": None if neuron.gate is None else _form(neuron.gate),
        "activation": neuron.activation.name,
        "writes": _form(neuron.writes),
    }
