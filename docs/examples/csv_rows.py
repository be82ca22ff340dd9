"""Machines of one tape as comma-separated values, a transition a line.

A line is `state,symbol,next state,symbol written,move`, the move L, S or R. The first line's state
is the start, `_` the blank, and a state that no line is for halts.
"""

from __future__ import annotations

from tmsim.machines import Move, TuringMachine
from tmsim.machines.formats.document import Document, as_document

NAME = "csv"
COLUMNS = "state, symbol, next state, symbol written, move"


def matches(text: str) -> bool:
    """Has the first line five values?"""
    return text.partition("\n")[0].count(",") == 4


def parse(text: str) -> Document:
    """The machine of such a text. Raises ValueError naming the line."""
    table = {}
    for number, line in enumerate(text.strip().split("\n"), 1):
        values = line.split(",")
        if len(values) != 5:
            raise ValueError(f"csv: line {number} has {len(values)} values; expected {COLUMNS}")
        state, symbol, target, written, move = values
        if move not in Move.__members__:
            raise ValueError(f"csv: line {number}: move {move!r}; expected L, S or R")
        if (state, symbol) in table:
            raise ValueError(f"csv: line {number} is the second for {state!r} reading {symbol!r}")
        table[state, symbol] = (target, written, move)
    states = {state for state, _ in table}
    halting = {target for target, _, _ in table.values()} - states
    start = next(state for state, _ in table)
    return Document(TuringMachine.one_tape(table, start=start, blank="_", halting=halting))


def write(source: Document | TuringMachine) -> str:
    """The text. Raises ValueError for what it has no words for; see `_sayable`."""
    machine = as_document(source).machine
    _sayable(machine)
    rows = sorted(machine.transitions.items(), key=lambda row: row[0][0] != machine.start)
    return "".join(
        f"{state},{read},{target},{written},{move.name}\n"
        for (state, (read,)), (target, (written,), (move,)) in rows
    )


def _sayable(machine: TuringMachine) -> None:
    if machine.tapes != 1:
        raise ValueError(f"csv: the machine has {machine.tapes} tapes; expected one")
    if machine.blank != "_":
        raise ValueError(f"csv: the blank is {machine.blank!r}; expected '_'")
    names = [*machine.states, *machine.symbols]
    if odd := [name for name in names if not isinstance(name, str) or set(name) & set(",\n")]:
        raise ValueError(f"csv: {odd[0]!r} cannot be a value; expected text without commas")
    left = {state for state, _ in machine.transitions}
    if machine.start not in left:
        raise ValueError(f"csv: no line is for the start {machine.start!r}; expected one")
    if machine.halting != {target for target, _, _ in machine.transitions.values()} - left:
        raise ValueError("csv: expected that the states without lines are the halting ones")
