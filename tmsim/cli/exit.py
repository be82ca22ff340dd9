"""What the exit status of the command says: the one table of it.

Scripts may rely on these numbers; they do not change between versions.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import TYPE_CHECKING

from tmsim.outcome import Outcome

if TYPE_CHECKING:
    from tmsim.corpus import Report
    from tmsim.emulation import Emulation
    from tmsim.simulation import Simulation

REAL_ENDS = (Outcome.halted, Outcome.no_transition)


class Exit(IntEnum):
    """The exit statuses, each with its `meaning`.

    >>> for status in Exit:
    ...     print(f"{status:>3}  {status.meaning.splitlines()[0]}")
      0  The run ended as the machine ends, and is the reference's.
      1  A disagreement: with the reference, or with a row of the corpus.
      2  Bad input: standard error has one line that says where and what.
      3  Another outcome: the run did not come to the machine's end.
    130  Interrupted from the keyboard.
    """

    meaning: str

    ended = (
        0,
        (
            "The run ended as the machine ends, and is the reference's.\n"
            "The outcome is halted or no_transition; with --no-check nothing else is asked.\n"
            "For `check`: rows were run, and all of them agree.\n"
            "For `audit`: dense attention gives the run's rows."
        ),
    )
    disagreed = (
        1,
        (
            "A disagreement: with the reference, or with a row of the corpus.\n"
            "It may be anywhere on what the two runs have in common, however the run ended."
        ),
    )
    bad_input = (
        2,
        (
            "Bad input: standard error has one line that says where and what.\n"
            "Nothing was run, and standard output is empty."
        ),
    )
    unfinished = (
        3,
        (
            "Another outcome: the run did not come to the machine's end.\n"
            "Out of steps, cells or precision, illegible, an unexpected tie; or the reader of the"
            " output left early.\n"
            "For `check`: no row was run."
        ),
    )
    interrupted = 130, "Interrupted from the keyboard.\nWhat was made until then is printed."

    def __new__(cls, value: int, meaning: str) -> Exit:
        member = int.__new__(cls, value)
        member._value_, member.meaning = value, meaning
        return member


def of_run(run: Simulation | Emulation) -> Exit:
    """The status of one run. A disagreement is told even if the run was interrupted later."""
    if run.matches_reference is False:
        return Exit.disagreed
    if run.outcome is None:
        return Exit.interrupted
    return Exit.ended if run.outcome in REAL_ENDS else Exit.unfinished


def of_check(reports: Iterable[Report]) -> Exit:
    """The status of a corpus under one or more constructions."""
    every = list(reports)
    if any(report.disagreeing for report in every):
        return Exit.disagreed
    if any(report.interrupted for report in every):
        return Exit.interrupted
    return Exit.ended if any(report.agreeing for report in every) else Exit.unfinished
