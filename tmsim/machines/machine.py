"""Turing machines with k two-way infinite tapes, and the definition of their runs.

A machine is a partial function (state, symbols read) -> (state, symbols written, moves), one
symbol and one move per tape. `steps` is the definition of a run; everything else is a fold of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from tmsim.machines.exchange import Exchange
from tmsim.machines.html import machine_table
from tmsim.machines.step import Configuration, State, Step, Symbol, Transitions
from tmsim.machines.validation import check, normalised, one_to_one, show
from tmsim.outcome import Outcome


@dataclass(frozen=True, init=False)
class TuringMachine(Exchange):
    """A deterministic Turing machine with k tapes: immutable, hashable, equal by value.

    `transitions` maps (state, k symbols) to (state, k symbols, k moves); moves may be given as
    `Move`, -1, 0, 1 or "L", "S", "R". What is left out is derived: `states` and `symbols` by first
    appearance in the transitions (sources, then targets), `halting` as the states that no
    transition leaves, `tapes` from the transitions (1 if there are none). Transitions that leave a
    halting state are allowed and never taken.

    Raises ValueError, naming the offending transition, if the parts do not fit together.

    >>> machine = TuringMachine({("A", ("0",)): ("B", ("1",), ("R",))}, start="A", blank="0")
    >>> machine.states, machine.symbols, sorted(machine.halting), machine.tapes
    (('A', 'B'), ('0', '1'), ['B'], 1)
    """

    transitions: Transitions
    start: State
    blank: Symbol
    states: tuple[State, ...]
    symbols: tuple[Symbol, ...]
    halting: frozenset[State]
    accepting: frozenset[State]
    tapes: int

    def __init__(
        self,
        transitions: Mapping[tuple[Any, Any], tuple[Any, Any, Any]],
        start: State,
        blank: Symbol,
        *,
        states: Iterable[State] | None = None,
        symbols: Iterable[Symbol] | None = None,
        halting: Iterable[State] | None = None,
        accepting: Iterable[State] = (),
        tapes: int | None = None,
    ) -> None:
        table = dict(normalised(source, target) for source, target in transitions.items())
        targets = table.values()
        if states is None:
            states = _seen(start, [*(q for q, _ in table), *(p for p, _, _ in targets)])
        if symbols is None:
            reads, writes = (read for _, read in table), (write for _, write, _ in targets)
            symbols = _seen(blank, [a for column in (*reads, *writes) for a in column])
        states, sources = tuple(states), {q for q, _ in table}
        if halting is None:
            halting = (q for q in states if q not in sources)
        if tapes is None:
            tapes = next((len(read) for _, read in table), 1)
        values = (MappingProxyType(table), start, blank, states, tuple(symbols))
        values = (*values, frozenset(halting), frozenset(accepting), tapes)
        for name, value in zip(TuringMachine.__annotations__, values, strict=True):
            object.__setattr__(self, name, value)
        check(self)

    @classmethod
    def one_tape(
        cls, transitions: Mapping[tuple[Any, Any], tuple[Any, Any, Any]], **parts: Any
    ) -> TuringMachine:
        """A one-tape machine from bare symbols; `parts` are those of the class.

        >>> right = TuringMachine.one_tape({("A", "0"): ("A", "1", "R")}, start="A", blank="0")
        >>> right.transitions["A", ("0",)]
        ('A', ('1',), (<Move.R: 1>,))
        """
        table = {(q, (a,)): (p, (b,), (m,)) for (q, a), (p, b, m) in transitions.items()}
        return cls(table, tapes=1, **parts)

    def renamed(
        self, states: Mapping[State, State] | None = None, symbols: Mapping | None = None
    ) -> TuringMachine:
        """The same machine under other names; names not mentioned stay.

        Raises ValueError if a name is unknown or two would become one.

        >>> bar = TuringMachine({("A", ("0",)): ("A", ("0",), ("R",))}, "A", "0")
        >>> bar.renamed(symbols={"0": "_"}).transitions
        mappingproxy({('A', ('_',)): ('A', ('_',), (<Move.R: 1>,))})
        """
        q = one_to_one("state", self.states, states or {})
        a = one_to_one("symbol", self.symbols, symbols or {})
        table = {
            (q[state], tuple(a[x] for x in read)): (q[then], tuple(a[x] for x in write), moves)
            for (state, read), (then, write, moves) in self.transitions.items()
        }
        return TuringMachine(
            table, q[self.start], a[self.blank],
            states=[q[s] for s in self.states], symbols=[a[s] for s in self.symbols],
            halting=[q[s] for s in self.halting], accepting=[q[s] for s in self.accepting],
            tapes=self.tapes,
        )  # fmt: skip

    def end(self, configuration: Configuration) -> Outcome | None:
        """How the machine ends in that configuration; None if it goes on."""
        if configuration.state in self.halting:
            return Outcome.halted
        going = (configuration.state, configuration.read) in self.transitions
        return None if going else Outcome.no_transition

    def _repr_html_(self) -> str:
        return machine_table(self)

    def __hash__(self) -> int:
        return hash((frozenset(self.transitions.items()), self.start, self.blank, self.states))

    def __reduce__(self) -> tuple:
        # A mapping proxy cannot be pickled; the machine is rebuilt from its parts instead.
        parts = {name: getattr(self, name) for name in TuringMachine.__annotations__}
        return _rebuilt, ({**parts, "transitions": dict(self.transitions)},)


def initial(
    machine: TuringMachine,
    tapes: Sequence[Sequence[Symbol]] = (),
    heads: int | Sequence[int] | None = None,
) -> Configuration:
    """The configuration a run starts from: symbol j of word i is in cell j of tape i.

    Tapes without a word are blank. `heads` is one position per tape, or an int for the first tape
    (the others then start on cell 0), or None for all 0. Raises ValueError for a word that holds a
    symbol outside the alphabet, too many words, or heads that are not positions.
    """
    if isinstance(tapes, str):
        raise ValueError(f"tapes is the text {tapes!r}; give one word per tape, as in [{tapes!r}]")
    if len(tapes) > machine.tapes:
        raise ValueError(f"{len(tapes)} words for a machine with {machine.tapes} tape(s)")
    alphabet = set(machine.symbols)
    for i, word in enumerate(tapes):
        for cell, symbol in enumerate(word):
            if symbol not in alphabet:
                raise ValueError(
                    f"tape {i + 1}, cell {cell}: {show(symbol)} is not in the alphabet"
                    f" {show(machine.symbols)}"
                )
    first = 0 if heads is None else heads
    at = (first, *[0] * (machine.tapes - 1)) if isinstance(first, int) else tuple(first)
    if len(at) != machine.tapes or any(type(head) is not int for head in at):
        raise ValueError(f"heads is {heads!r}; expected {machine.tapes} whole number(s)")
    words = (*tapes, *[()] * (machine.tapes - len(tapes)))
    return Configuration(machine.start, tuple(dict(enumerate(w)) for w in words), at, machine.blank)


def steps(
    machine: TuringMachine,
    tapes: Sequence[Sequence[Symbol]] = (),
    heads: int | Sequence[int] | None = None,
) -> Iterator[Step]:
    """The run of `machine`: its transitions, one after the other, until none applies.

    Halting is tested first: no transition leaves a halting state. Each transition taken is one
    step, the one into a halting state included. Arguments and errors are those of `initial`.

    >>> flip = TuringMachine.one_tape({("A", "0"): ("B", "1", "R")}, start="A", blank="0")
    >>> [(step.state, step.read, step.next_state, step.heads) for step in steps(flip)]
    [('A', ('0',), 'B', (0,))]
    """
    return steps_from(machine, initial(machine, tapes, heads))


def steps_from(machine: TuringMachine, configuration: Configuration) -> Iterator[Step]:
    """The run of `machine` from any configuration: the definition behind `steps`."""
    state, heads = configuration.state, configuration.heads
    tapes = [dict(tape) for tape in configuration.tapes]
    while state not in machine.halting:
        read = tuple(t.get(h, machine.blank) for t, h in zip(tapes, heads, strict=True))
        if (state, read) not in machine.transitions:
            return
        next_state, write, moves = machine.transitions[state, read]
        yield Step(state, read, next_state, write, moves, heads)
        for tape, head, symbol in zip(tapes, heads, write, strict=True):
            tape[head] = symbol
        heads = tuple(h + m for h, m in zip(heads, moves, strict=True))
        state = next_state


def _seen(needed: Any, values: list) -> tuple:
    """Each of `values` once, in order of first appearance; before them `needed` if it is none."""
    return tuple(dict.fromkeys(values if needed in values else [needed, *values]))


def _rebuilt(parts: dict[str, Any]) -> TuringMachine:
    return TuringMachine(**parts)
