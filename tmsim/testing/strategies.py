"""Hypothesis strategies for Turing machines, their inputs and their configurations.

They shrink by structure: towards fewer states, symbols and transitions, then shorter words. States
are named A, B, ... with Z for halting, symbols 0, 1, ... with blank 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import islice, product
from string import ascii_uppercase, digits

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from tmsim.machines import Configuration, Move, Symbols, TuringMachine, run, steps
from tmsim.outcome import Outcome

_HALT = "Z"
_STATES = ascii_uppercase.replace(_HALT, "")


@st.composite
def turing_machines(
    draw: DrawFn,
    *,
    min_states: int = 1,
    max_states: int = 4,
    min_symbols: int = 2,
    max_symbols: int = 3,
    min_tapes: int = 1,
    max_tapes: int = 1,
    missing: bool = True,
    stay: bool = True,
) -> TuringMachine:
    """Machines that start in A, with min_states to max_states states besides the halting one, Z.

    `missing` allows undefined transitions and `stay` moves that stay. With `missing`, Z may have
    no transition into it and is then left out. Raises ValueError (when drawn from) for bounds that
    no machine meets, more than 25 states or 10 symbols.

    >>> from hypothesis import find
    >>> find(turing_machines(), lambda m: run(m, max_steps=9).outcome == "halted").transitions
    mappingproxy({('A', ('0',)): ('Z', ('0',), (<Move.R: 1>,))})
    """
    _in_order("states", min_states, max_states, 1, len(_STATES))
    _in_order("symbols", min_symbols, max_symbols, 1, len(digits))
    _in_order("tapes", min_tapes, max_tapes, 1, max_tapes)
    tapes = draw(st.integers(min_tapes, max_tapes))
    symbols = draw(st.integers(min_symbols, max_symbols))
    action = _actions(max_states, max_symbols, tapes, stay)
    entry = _sometimes(action) if missing else action
    row = st.tuples(*[entry] * max_symbols**tapes)
    rows = draw(st.lists(row, min_size=min_states, max_size=max_states))
    # Rows are drawn for the largest alphabet and without knowing how many there will be, then cut
    # to size: fewer symbols or a deleted row still leave a machine, so shrinking needs no filter.
    reads = list(product(range(max_symbols), repeat=tapes))
    table = {
        (q, read): (then if then < len(rows) else None, _capped(write, symbols), moves)
        for q, row in enumerate(rows)
        for read, action in zip(reads, row, strict=True)
        if action is not None and max(read) < symbols
        for then, write, moves in [action]
    }
    return _in_order_of_appearance(table, max(min_states, 1), min_symbols, tapes)


def _capped(write: tuple[int, ...], symbols: int) -> tuple[int, ...]:
    return tuple(min(symbol, symbols - 1) for symbol in write)


def _in_order_of_appearance(
    table: dict, min_states: int, min_symbols: int, tapes: int
) -> TuringMachine:
    """The machine of a numbered table, its states and symbols renumbered as they are reached.

    States that no path reaches and symbols that no transition mentions are left out, as far as the
    minimum allows; without this, shrinking could not get past a useless row.
    """
    reached: list[int] = []
    for seed in range(min_states):
        if seed not in reached and (seed == 0 or len(reached) < min_states):
            reached.append(seed)
            for state in islice(reached, len(reached) - 1, None):  # grows while it is walked
                found = dict.fromkeys(then for (q, _), (then, _, _) in table.items() if q == state)
                reached += [then for then in found if then is not None and then not in reached]
    kept = [(key, table[key]) for state in reached for key in table if key[0] == state]
    mentioned = dict.fromkeys([0, *(a for (_, read), (_, write, _) in kept for a in read + write)])
    others = [a for a in range(min_symbols) if a not in mentioned]
    mentioned = [*mentioned, *others[: max(0, min_symbols - len(mentioned))]]
    state = {None: _HALT, **dict(zip(reached, _STATES, strict=False))}
    symbol = dict(zip(mentioned, digits, strict=False))
    transitions = {
        (state[q], tuple(symbol[a] for a in read)): (
            state[then],
            tuple(symbol[b] for b in write),
            moves,
        )
        for (q, read), (then, write, moves) in kept
    }
    halting = [_HALT] if any(then == _HALT for then, _, _ in transitions.values()) else []
    return TuringMachine(
        transitions, "A", "0", states=[*(state[q] for q in reached), *halting],
        symbols=[symbol[a] for a in mentioned], halting=halting, tapes=tapes,
    )  # fmt: skip


def _actions(states: int, symbols: int, tapes: int, stay: bool) -> SearchStrategy[tuple]:
    """(place of the next state, symbols written, moves); the place `states` is past any row."""
    moves = [Move.R, Move.L, Move.S] if stay else [Move.R, Move.L]
    # The place past any row comes first: the simplest transition halts.
    then = st.sampled_from([states, *range(states)])
    write = st.tuples(*[st.integers(0, symbols - 1)] * tapes)
    return st.tuples(then, write, st.tuples(*[st.sampled_from(moves)] * tapes))


@st.composite
def _sometimes(draw: DrawFn, values: SearchStrategy[tuple]) -> tuple | None:
    """One of `values`, or None, the simplest, one time in six."""
    return draw(values) if draw(st.integers(0, 5)) else None


def _in_order(what: str, low: int, high: int, least: int, most: int) -> None:
    if not least <= low <= high <= most:
        raise ValueError(
            f"min_{what}={low}, max_{what}={high}; expected {least} <= min <= max <= {most}"
        )


@st.composite
def halting_machines(
    draw: DrawFn, *, max_steps: int = 50, machines: SearchStrategy[TuringMachine] | None = None
) -> TuringMachine:
    """Machines that halt on blank tapes after 1 to `max_steps` steps.

    They are `machines` (`turing_machines()` or `walkers()` unless given) in which, where the run
    does not halt within the limit, one transition is redirected to a halting state: the one that
    is first taken the latest, so that much of the run remains.

    >>> from hypothesis import find
    >>> from tmsim.machines import run
    >>> run(find(halting_machines(), lambda machine: True)).steps
    1
    """
    if max_steps < 1:
        raise ValueError(f"max_steps={max_steps}; a machine needs one step to halt")
    machine = draw(turing_machines() | walkers() if machines is None else machines)
    return _made_to_halt(machine, max_steps)


def _made_to_halt(machine: TuringMachine, max_steps: int) -> TuringMachine:
    end = run(machine, max_steps=max_steps)
    if end.outcome is Outcome.halted and end.steps:
        return machine
    halting = next((q for q in machine.states if q in machine.halting), _HALT)
    taken = dict.fromkeys((step.state, step.read) for step in islice(steps(machine), max_steps))
    here = (machine.start, (machine.blank,) * machine.tapes)
    key = next(reversed(taken), here)
    still = (halting, key[1], (Move.R,) * machine.tapes)
    _, write, moves = machine.transitions.get(key, still)
    states = machine.states if halting in machine.states else (*machine.states, halting)
    return replace(
        machine,
        transitions={**machine.transitions, key: (halting, write, moves)},
        states=states,
        halting=machine.halting | {halting},
    )


@st.composite
def walkers(
    draw: DrawFn, *, min_states: int = 2, max_states: int = 5, max_symbols: int = 4
) -> TuringMachine:
    """One-tape machines that never halt and keep coming back to cells they left long ago.

    Each state has a direction: the head moves that way to enter it. On a blank the machine writes
    a mark and turns round, so the marked cells stay one block that grows by a cell at a time; in
    the block states and marks decide freely, which gives sweeps, counters and erratic walks.

    >>> from hypothesis import find
    >>> simplest = find(walkers(), lambda machine: True)
    >>> run(simplest, max_steps=1000).outcome.value
    'out_of_steps'
    """
    _in_order("states", min_states, max_states, 2, len(_STATES))
    _in_order("symbols", 2, max_symbols, 2, len(digits))
    symbols = digits[: draw(st.integers(2, max_symbols))]
    place, marks = st.integers(0, max_states - 1), st.integers(1, max_symbols - 1)
    row = st.tuples(*[st.tuples(place, marks)] * max_symbols)
    rows = draw(st.lists(row, min_size=min_states, max_size=max_states))
    # States alternate in direction, so both directions remain when rows are deleted.
    names = _STATES[: len(rows)]
    table = {}
    for i, (state, row) in enumerate(zip(names, rows, strict=True)):
        for symbol, (then, write) in zip(symbols, row, strict=False):
            then %= len(names)
            if symbol == "0" and then % 2 == i % 2:
                then = (then + 1) % len(names) if then + 1 < len(names) else then - 1
            mark = symbols[min(write, len(symbols) - 1)]
            table[state, symbol] = (names[then], mark, Move.R if then % 2 == 0 else Move.L)
    return TuringMachine.one_tape(table, start="A", blank="0", states=names, symbols=symbols)


def tapes(machine: TuringMachine, *, max_length: int = 8) -> SearchStrategy[tuple[Symbols, ...]]:
    """One word per tape over the machine's alphabet, its blank included.

    >>> from hypothesis import find
    >>> from tmsim.machines import load
    >>> find(tapes(load("bb2").machine), lambda words: len(words[0]) > 1)
    (('0', '0'),)
    """
    symbols = sorted(machine.symbols, key=lambda symbol: symbol != machine.blank)
    word = st.lists(st.sampled_from(symbols), max_size=max_length).map(tuple)
    return st.tuples(*[word] * machine.tapes)


def configurations(
    machine: TuringMachine, *, max_cells: int = 8, reach: int = 8
) -> SearchStrategy[Configuration]:
    """Configurations in any state, with heads and up to `max_cells` marked cells within `reach`.

    >>> from hypothesis import find
    >>> from tmsim.machines import load
    >>> find(configurations(load("bb2").machine), lambda c: c.read == ("1",))
    Configuration(state='A', tapes=({0: '1'},), heads=(0,), blank='0')
    """
    cell = st.integers(-reach, reach)
    marks = [symbol for symbol in machine.symbols if symbol != machine.blank]
    marked = st.dictionaries(cell, st.sampled_from(marks), max_size=max_cells if marks else 0)
    tape = marked if marks else st.just({})
    build: Callable[..., Configuration] = Configuration
    return st.builds(
        build,
        st.sampled_from(machine.states),
        st.tuples(*[tape] * machine.tapes),
        st.tuples(*[cell] * machine.tapes),
        st.just(machine.blank),
    )
