"""`tmsim explain`: a construction as equations, layer by layer."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Any

from tmsim import catalogue
from tmsim.cli.commands.list import claim_lines
from tmsim.cli.exit import Exit
from tmsim.machines import load
from tmsim.modelled import ModelConstruction
from tmsim.proofs import Construction, Frame
from tmsim.proofs.construction import SHOWN
from tmsim.proofs.explain import explain

HELP = "print a construction as a table of registers and the equations of its layers"


def arguments(parser: ArgumentParser) -> None:
    """The command's arguments."""
    add = parser.add_argument
    add("construction", metavar="CONSTRUCTION", help="a name of `tmsim list`, or module:Class")
    add("machine", metavar="MACHINE", nargs="?",
        help="put this machine's table in: a name of `tmsim list`, a file, or text")  # fmt: skip
    add("--latex", action="store_true", help="print a LaTeX fragment (amsmath)")


def command(args: Namespace) -> Exit:
    """Print the proof for the frame of the machine, or for two states and two symbols."""
    construction = catalogue.find(args.construction)
    machine = None if args.machine is None else _machine(construction, args.machine)
    frame = SHOWN if machine is None else construction.frame(machine, SHOWN.bounds)
    program = construction.program(frame)
    if machine is not None:
        program = program.bind(construction.leaves(machine, frame))
    explanation = explain(program)
    if args.latex:
        print(explanation.latex())
        return Exit.ended
    print("\n".join(claim_lines(args.construction, construction)), end="\n\n")
    print(_sizes(construction, frame), end="\n\n")
    print(explanation.text())
    return Exit.ended


def _machine(construction: Construction, source: str) -> Any:
    """The machine in the construction's model; a Turing machine is translated into it."""
    document = load(source)
    if isinstance(construction, ModelConstruction):
        heads = document.heads
        return construction.translation(
            document.machine, document.tapes, heads, SHOWN.bounds
        ).machine
    return document.machine


def _sizes(construction: Construction, frame: Frame) -> str:
    sizes = construction.program(frame).sizes()
    told = ", ".join(f"{name} {size}" for name, size in sizes.items())
    room = f"{frame.states} states, {frame.symbols} symbols, {frame.tapes} tape(s)"
    bounds = f"{frame.bounds.steps} steps, cells within ±{frame.bounds.cells}"
    return f"for {room}, {bounds}:\n  {told}"
