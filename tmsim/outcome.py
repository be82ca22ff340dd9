"""How a run can end: the one vocabulary of the reference machines and of the transformers.

Example:
    >>> Outcome("halted") is Outcome.halted
    True
    >>> print(Outcome.out_of_cells.advice.splitlines()[0])
    The head left the cells that the construction was given room for.
"""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """The ways a run can end. The value is the name, so it prints and compares as plain text."""

    halted = "halted"
    no_transition = "no_transition"
    out_of_steps = "out_of_steps"
    out_of_cells = "out_of_cells"
    out_of_precision = "out_of_precision"
    illegible = "illegible"
    unexpected_tie = "unexpected_tie"

    @property
    def advice(self) -> str:
        """What happened, the likely reason, and what to try: one paragraph, a sentence a line."""
        return _ADVICE[self]


_ADVICE = {
    Outcome.halted: (
        "The machine entered a halting state.\n"
        "The run is complete and its last configuration is the result.\n"
        "Compare that state with the machine's accepting states to learn the verdict."
    ),
    Outcome.no_transition: (
        "The machine is in a state that is not halting and has no transition for what it reads.\n"
        "Many sources mean this as a halt (an undefined entry, a rejection); otherwise a rule is"
        " missing or the input holds a symbol the machine was not written for.\n"
        "Look at the state and the symbols of the last configuration, then add the transition or"
        " declare the state halting."
    ),
    Outcome.out_of_steps: (
        "The step limit was reached before the machine halted.\n"
        "The machine may need more steps, or it may never halt, and no limit can tell which.\n"
        "Raise the limit, or shorten the input and watch how the number of steps grows."
    ),
    Outcome.out_of_cells: (
        "The head left the cells that the construction was given room for.\n"
        "Positions are encoded for a bounded tape, and a wider one would need more registers.\n"
        "Ask for bounds with more cells; the reference run tells how many the input needs."
    ),
    Outcome.out_of_precision: (
        "The run passed the last row at which the number format provably tells the scores apart.\n"
        "Score gaps shrink as the run grows, and from here on a rounding error could change it.\n"
        "Use a wider dtype, a construction whose precision does not grow with the run, or exact"
        " arithmetic."
    ),
    Outcome.illegible: (
        "A row does not decode to a state, a symbol and a move.\n"
        "A register holds a value that is none of its legal ones: the weights are damaged, the"
        " attention rule is outside the theorem's hypotheses, or rounding has added up.\n"
        "Check the lemmas of the construction on this run: the first that fails names the layer."
    ),
    Outcome.unexpected_tie: (
        "Two keys share the best attention score where the proof promises a single one.\n"
        "Either the scores lost their gap to rounding, or the prompt breaks the promise that"
        " positions are distinct.\n"
        "Look at the certificate's score gaps for the layer, then widen the dtype or check the"
        " encoding."
    ),
}
