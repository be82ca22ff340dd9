"""A proof with one error: a cell reads what the latest write but one put there, if it is near."""

from dataclasses import replace
from fractions import Fraction

from constructions.tzamos_2026 import Tzamos2026
from tmsim.proofs import Rightmost


class LateProof(Tzamos2026):
    """The match head's slack is 5/2 where the proof needs less than 1."""

    def program(self, frame):
        program = super().program(frame)
        *others, last = program.layers
        heads = [replace(h, rule=Rightmost(Fraction(5, 2)), address=None) for h in last.heads]
        return replace(program, layers=[*others, replace(last, heads=heads)])
