"""A machine as numbers: states and symbols by their index, moves as 0, 1, 2 for L, S, R."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from tmsim.machines.machine import TuringMachine
from tmsim.machines.step import Move, Step, Symbol

Table = dict[tuple[int, ...], int]


def indexed(machine: TuringMachine, steps: Iterable[Step]) -> Iterator[Step]:
    """The same steps with states and symbols by their index; `Step.moves` stay -1, 0, 1.

    >>> m = TuringMachine.one_tape({("A", "0"): ("B", "1", "R")}, start="A", blank="0")
    >>> from tmsim.machines import steps
    >>> [(s.state, s.read, s.next_state, s.write) for s in indexed(m, steps(m))]
    [(0, (0,), 1, (1,))]
    """
    q, a = index_of(machine.states), index_of(machine.symbols)
    for s in steps:
        read, write = tuple(a[x] for x in s.read), tuple(a[x] for x in s.write)
        yield Step(q[s.state], read, q[s.next_state], write, s.moves, s.heads)


def indexed_words(machine: TuringMachine, tapes: Sequence[Sequence[Symbol]]) -> list[list[int]]:
    """One word of symbol indices per tape (empty where none is given)."""
    a = index_of(machine.symbols)
    words = [[a[x] for x in word] for word in tapes]
    return words + [[] for _ in range(machine.tapes - len(words))]


def index_of(values: Sequence) -> dict:
    """value -> its place."""
    return {value: i for i, value in enumerate(values)}


def delta_tables(machine: TuringMachine) -> dict[str, Table]:
    """δ as 0/1 tables, sparse (what is absent is 0); index first (state, symbol 1, …, symbol k).

    next_state[q, a…, q'], write[τ][q, a…, b], move[τ][q, a…, m] for the transitions of states that
    do not halt; stuck[q, a…] where such a state has none; halting[q].

    >>> m = TuringMachine.one_tape({("A", "0"): ("B", "1", "R")}, start="A", blank="0")
    >>> delta_tables(m)["move[0]"], delta_tables(m)["stuck"]
    ({(0, 0, 2): 1}, {(0, 1): 1})
    """
    q, a = index_of(machine.states), index_of(machine.symbols)
    tables: dict[str, Table] = {"next_state": {}, "stuck": {}}
    for tape in range(machine.tapes):
        tables[f"write[{tape}]"], tables[f"move[{tape}]"] = {}, {}
    for (state, read), (then, write, moves) in machine.transitions.items():
        if state in machine.halting:
            continue
        at = (q[state], *(a[x] for x in read))
        tables["next_state"][*at, q[then]] = 1
        for tape, (symbol, move) in enumerate(zip(write, moves, strict=True)):
            tables[f"write[{tape}]"][*at, a[symbol]] = 1
            tables[f"move[{tape}]"][*at, move_index(move)] = 1
    tables["stuck"] = _stuck(machine, tables["next_state"])
    tables["halting"] = {(q[state],): 1 for state in machine.halting}
    return tables


def move_index(move: int) -> int:
    """0, 1, 2 for L, S, R."""
    return move - Move.L


def arrival_tables(machine: TuringMachine) -> dict[str, Table]:
    """Per side the transitions that move head τ there: left[τ], stay[τ], right[τ] at [q, a…].

    For head 1 also with the state it brings along: arrives left, … at [q, a…, q'].
    """
    tables, arrivals = delta_tables(machine), {}
    for side, move in {"left": Move.L, "stay": Move.S, "right": Move.R}.items():
        for tape in range(machine.tapes):
            taken = tables[f"move[{tape}]"]
            there = {at[:-1]: 1 for at in taken if at[-1] == move_index(move)}
            arrivals[f"{side}[{tape}]"] = there
        first = arrivals[f"{side}[0]"]
        arrivals[f"arrives {side}"] = {at: 1 for at in tables["next_state"] if at[:-1] in first}
    return arrivals


def per_tape(name: str, values: Iterable[Any]) -> dict[str, Any]:
    """One entry a tape.

    >>> per_tape("cell", [3, -1])
    {'cell[0]': 3, 'cell[1]': -1}
    """
    return {f"{name}[{tape}]": value for tape, value in enumerate(values)}


def delta_row(step: Step | None) -> dict[str, int]:
    """What the tables of `delta_tables` hold in the row of an indexed step; {} without one."""
    if step is None or step.state is None:
        return {}
    row = {"next_state": step.next_state, "stuck": 0} | per_tape("write", step.write)
    return row | per_tape("move", map(move_index, step.moves))


def _stuck(machine: TuringMachine, next_state: Table) -> Table:
    taken = {key[:-1] for key in next_state}
    every: list[tuple[int, ...]] = [
        (i,) for i, state in enumerate(machine.states) if state not in machine.halting
    ]
    for _ in range(machine.tapes):
        every = [(*at, symbol) for at in every for symbol in range(len(machine.symbols))]
    return {at: 1 for at in every if at not in taken}
