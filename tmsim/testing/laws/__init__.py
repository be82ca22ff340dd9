"""The laws that every construction is held to; `check` is all of them.

Each law is a function of a construction that draws its own examples, as many as the Hypothesis
profile in use says, and raises a LawBroken, an AssertionError, naming setting, machine, input and
row.

>>> from tmsim import catalogue
>>> from tmsim.testing import laws
>>> laws.size(catalogue.find("wei_2021"))
"""

from tmsim.proofs import Construction
from tmsim.testing.laws.broken import LawBroken
from tmsim.testing.laws.case import Case, Setting, claimed, every_pair, right
from tmsim.testing.laws.compiled import Batch, batch_holds, eager_holds, transformations
from tmsim.testing.laws.draw import FRAMES, cases, examples_of, fitting, frames_of
from tmsim.testing.laws.ensured import lemmas, lemmas_hold
from tmsim.testing.laws.findings import Finding, Immune, Needed, Open
from tmsim.testing.laws.readings import (
    fold,
    fold_holds,
    readings_agree,
    readings_hold,
)
from tmsim.testing.laws.renaming import Renaming, renaming, renaming_holds
from tmsim.testing.laws.ruled import rules_agree
from tmsim.testing.laws.runs import (
    outcomes,
    size,
    theorem,
    theorem_holds,
)
from tmsim.testing.laws.search import DTYPES, RULES, hypotheses

LAWS = (
    theorem, lemmas, readings_agree, rules_agree, fold, transformations, size, renaming, outcomes,
)  # fmt: skip
"""The laws that hold or raise; law 8, `hypotheses`, also reports what it found."""


def check(construction: Construction) -> list[Finding]:
    """Hold a construction to all laws; what law 8 found is returned.

    Raises AssertionError for the first law that is broken. It takes minutes: most of them go to
    compiling the programs of different rules, number formats and memories.
    """
    for law in LAWS:
        law(construction)
    return hypotheses(construction)


__all__ = [
    "DTYPES",
    "FRAMES",
    "LAWS",
    "RULES",
    "Batch",
    "Case",
    "Finding",
    "Immune",
    "LawBroken",
    "Needed",
    "Open",
    "Renaming",
    "Setting",
    "batch_holds",
    "cases",
    "check",
    "claimed",
    "eager_holds",
    "every_pair",
    "examples_of",
    "fitting",
    "fold",
    "fold_holds",
    "frames_of",
    "hypotheses",
    "lemmas",
    "lemmas_hold",
    "outcomes",
    "readings_agree",
    "readings_hold",
    "renaming",
    "renaming_holds",
    "right",
    "rules_agree",
    "size",
    "theorem",
    "theorem_holds",
    "transformations",
]
