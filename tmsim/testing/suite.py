"""The laws as tests, one each: what holds a construction to its theorem.

    $ pytest --pyargs tmsim.testing.suite --tmsim-construction my_module:MyProof

The laws that need no compilation come first: a wrong lemma is told within seconds. A failure says
the machine, the tape, the lemma, the row, what was expected and what was found, and the command
that puts this law to this machine again. `--tmsim-profile=dev` draws other machines in every run,
`deep` many more.
"""

from __future__ import annotations

from tmsim.proofs import Construction
from tmsim.testing import laws

COUNTEREXAMPLES = 20
"""Machines that are tried for a hypothesis before it is left open."""


def test_size(tmsim_construction: Construction) -> None:
    """Depth, heads and widths are the claim's formulas."""
    laws.size(tmsim_construction)


def test_lemmas(tmsim_construction: Construction) -> None:
    """After each layer, on every row, the registers hold what the lemma says."""
    laws.lemmas(tmsim_construction)


def test_rules_agree(tmsim_construction: Construction) -> None:
    """Under every claimed hard rule each layer makes the same rows."""
    laws.rules_agree(tmsim_construction)


def test_readings_agree(tmsim_construction: Construction) -> None:
    """Exact arithmetic and the weights hold the same value in every register."""
    laws.readings_agree(tmsim_construction)


def test_theorem(tmsim_construction: Construction) -> None:
    """The decoded run is the reference run."""
    laws.theorem(tmsim_construction)


def test_outcomes(tmsim_construction: Construction) -> None:
    """Every run ends with the outcome that is due, at the step at which it is due."""
    laws.outcomes(tmsim_construction)


def test_renaming(tmsim_construction: Construction) -> None:
    """The names of states and symbols, and their order, mean nothing."""
    laws.renaming(tmsim_construction)


def test_fold(tmsim_construction: Construction) -> None:
    """Row by row is all rows at once, for every memory."""
    laws.fold(tmsim_construction)


def test_transformations(tmsim_construction: Construction) -> None:
    """Compiled or not, alone or in a batch, a machine makes the same run."""
    laws.transformations(tmsim_construction)


def test_hypotheses(tmsim_construction: Construction) -> None:
    """Where a rule or a number format outside the claim fails, the claim itself is right."""
    for finding in laws.hypotheses(tmsim_construction, budget=COUNTEREXAMPLES):
        print(finding)
