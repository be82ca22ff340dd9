"""Final states: what formats of acceptors have in place of halting and accepting states.

A run stops on entering a final state, and has accepted; it stops elsewhere only where no transition
applies, and has rejected. JFLAP and automata-lib both mean this by `final`.
"""

from __future__ import annotations

from tmsim.machines.machine import TuringMachine
from tmsim.machines.step import State, Transitions
from tmsim.machines.validation import show


def final_states(machine: TuringMachine, format: str) -> tuple[State, ...]:
    """The states to mark final, so that the machine's runs stay the same.

    These are the accepting states; of a machine that accepts nowhere, and so is no acceptor, the
    halting ones. Raises ValueError, naming `format`, for an accepting state that a run may leave.

    >>> machine = TuringMachine.one_tape({("A", "0"): ("Z", "1", "R")}, start="A", blank="0")
    >>> final_states(machine, "jflap")
    ('Z',)
    """
    leaving = {state for state, _ in machine.transitions} - machine.halting
    for state in machine.states:
        if state in machine.accepting & leaving:
            raise ValueError(
                f"{format} stops in every accepting state; accepting state {show(state)} has"
                " transitions to leave it"
            )
    final = machine.accepting or machine.halting
    return tuple(state for state in machine.states if state in final)


def transitions_taken(machine: TuringMachine) -> Transitions:
    """The transitions that a run can take: none leaves a halting state.

    >>> table = {("A", "0"): ("Z", "1", "R"), ("Z", "0"): ("A", "1", "R")}
    >>> machine = TuringMachine.one_tape(table, start="A", blank="0", halting="Z")
    >>> list(transitions_taken(machine))
    [('A', ('0',))]
    """
    table = machine.transitions.items()
    return {source: target for source, target in table if source[0] not in machine.halting}


def strings(machine: TuringMachine, format: str) -> None:
    """A ValueError, naming `format`, if a state or symbol is not a string.

    >>> strings(TuringMachine.one_tape({("A", 0): ("A", 1, "R")}, start="A", blank=0), "jflap")
    Traceback (most recent call last):
    ValueError: jflap needs strings as names; the symbol 0 is none
    """
    for what, names in (("state", machine.states), ("symbol", machine.symbols)):
        for name in names:
            if not isinstance(name, str):
                raise ValueError(f"{format} needs strings as names; the {what} {name!r} is none")
