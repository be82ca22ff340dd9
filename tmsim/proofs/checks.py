"""What a :class:`Program` is held to when it is written down."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from tmsim.proofs.affine import Affine, constant
from tmsim.proofs.rules import Prefix
from tmsim.proofs.stream import Stream

if TYPE_CHECKING:
    from tmsim.proofs.program import Head, Layer, Program


def check_program(program: Program) -> None:
    """One register, one writer; nothing read before it is written; every register known."""
    inputs = {p.register for p in program.positions}
    inputs |= {target.name for _, target in program.feedback.carry}
    _positions_fit(program)
    written: dict[str, str] = {}
    for layer in program.layers:
        known = set(program.stream.registers) - _later(program, written)
        _check_layer(layer, program.stream, known)
        for name in sorted(layer.written()):
            if name in inputs:
                raise ValueError(f"{layer.title}: writes {name}, which is an input register")
            if name in written:
                raise ValueError(f"{layer.title}: writes {name}, written by {written[name]!r}")
            written[name] = layer.title
    for stop in program.stops:
        form = stop.when if hasattr(stop, "when") else stop.of  # type: ignore[union-attr]
        _known([form.affine], program.stream, set(program.stream.registers), str(stop.outcome))
    for register in [*program.emits, *(r for pair in program.feedback.carry for r in pair)]:
        if program.stream.registers.get(register.name) != register:
            raise ValueError(
                f"register {register.name} is fed back or emitted, but not in the stream"
            )


def _later(program: Program, written: dict[str, str]) -> set[str]:
    """Registers that some layer writes, but none so far."""
    return {name for layer in program.layers for name in layer.written()} - set(written)


def _check_layer(layer: Layer, stream: Stream, known: set[str]) -> None:
    source, readable = stream, known
    if layer.norm is not None and layer.norm.view is not None:
        _known([f.affine for f in layer.norm.project], stream, known, layer.title)
        source, readable = layer.norm.view, set(layer.norm.view.registers)
    for head in layer.heads:
        where = f"{layer.title}: head {head.name}"
        cross = isinstance(head.visible, Prefix)
        _known(_own_forms(head), source, readable, where)
        if cross:
            remembered = [constant(f) for f in (*head.key, *head.value)]
            _known(remembered, stream, set(stream.registers), where)
        for form in head.writes():
            _known([form], stream, {form.unit().register}, where)
        if head.address is not None:
            a = head.address
            _known([a.read, a.write, a.null], source, readable, f"{where}: address")
    from_heads = {f.unit().register for h in layer.heads for f in h.writes()}
    from_neurons = {c.register for n in layer.neurons for c in n.writes.affine.terms}
    if from_heads & from_neurons:
        both = ", ".join(sorted(from_heads & from_neurons))
        raise ValueError(f"{layer.title}: heads and neurons both write {both}")
    now_readable = readable | from_heads if source is stream else readable
    for neuron in layer.neurons:
        where = f"{layer.title}: neuron {neuron.reads.affine}"
        _known(neuron.inputs(), source, now_readable, where)
        written = {c.register for c in neuron.writes.affine.terms}
        _known([neuron.writes.affine], stream, written, where)


def _own_forms(head: Head) -> list[Affine]:
    if isinstance(head.visible, Prefix):
        return [f.affine for f in head.query]  # type: ignore[union-attr]
    return list(head.reads())


def _known(forms: Iterable[Affine], stream: Stream, readable: set[str], where: str) -> None:
    for form in forms:
        for name, index in form.terms:
            register = stream.registers.get(name)
            if register is None:
                raise ValueError(f"{where}: register {name!r} is not in the stream")
            if index >= register.size:
                raise ValueError(f"{where}: {name} has {register.size} coordinates, no [{index}]")
            if name not in readable:
                raise ValueError(f"{where}: reads {name} before any layer has written it")


def _positions_fit(program: Program) -> None:
    for position in program.positions:
        register = program.stream.registers.get(position.register)
        if register is None or register.size != position.size:
            has = "is not in the stream" if register is None else f"has {register.size} coordinates"
            raise ValueError(f"position {position}: register {position.register} {has}")
