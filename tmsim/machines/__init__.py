"""Machines: what is computed. Standard library only."""

from tmsim.machines.hashes import config_hash, configuration_hash, trace_hash
from tmsim.machines.history import Moment, history
from tmsim.machines.load import load
from tmsim.machines.machine import TuringMachine, initial, steps, steps_from
from tmsim.machines.running import Run, run
from tmsim.machines.step import Configuration, Move, State, Step, Symbol, Symbols

__all__ = [
    "Configuration",
    "Moment",
    "Move",
    "Run",
    "State",
    "Step",
    "Symbol",
    "Symbols",
    "TuringMachine",
    "config_hash",
    "configuration_hash",
    "history",
    "initial",
    "load",
    "run",
    "steps",
    "steps_from",
    "trace_hash",
]
