"""Hypothesis strategies and laws for test suites."""

from tmsim.testing.strategies import (
    configurations,
    halting_machines,
    tapes,
    turing_machines,
    walkers,
)

__all__ = ["configurations", "halting_machines", "tapes", "turing_machines", "walkers"]
