"""What drives the next row: the feedback of a construction, as a value.

`carry` pairs each output register with the input register that it becomes. All other registers of
the next row start at zero, and the positions are told anew.
"""

from __future__ import annotations

from dataclasses import dataclass

from tmsim.proofs.affine import Affine, Expression
from tmsim.proofs.stream import Register

Carry = tuple[tuple[Register, Register], ...]


@dataclass(frozen=True)
class Feedback:
    carry: Carry

    def __post_init__(self) -> None:
        for source, target in self.carry:
            if (source.kind, source.size) != (target.kind, target.size):
                raise ValueError(
                    f"{source.name} ({source.kind}, {source.size}) cannot become "
                    f"{target.name} ({target.kind}, {target.size})"
                )


@dataclass(frozen=True)
class Token(Feedback):
    """A decoder with a vocabulary: the row's token is the greatest logit, and is embedded anew.

    The vocabulary is the product of the carried one-hot registers; the logit of a token is the sum
    of its factors' logits, so the greatest token is the tuple of the greatest factors.
    """

    def __post_init__(self) -> None:
        super().__post_init__()
        for source, _ in self.carry:
            if source.kind != "one_hot":
                raise ValueError(f"{source.name} is {source.kind}: a token's factors are one-hot")


@dataclass(frozen=True)
class Vector(Feedback):
    """The output vector itself is the next row (Pérez et al. 2021; Wei, Chen and Ma 2021)."""


@dataclass(frozen=True)
class Loop(Feedback):
    """All rows pass through the same layers again; row i becomes row i.

    `active` is 1 on the row whose registers are the step's record (the cell under head 1).
    """

    active: Expression


@dataclass(frozen=True)
class Summarised(Token):
    """Token feedback in segments: after the row where `closes` is 1 the memories are cleared and
    the rows emitted since `opens` was 1 are the next prompt (Brösamle and Eckstein 2026)."""

    opens: Affine
    closes: Affine


@dataclass(frozen=True)
class Reduce(Token):
    """Token feedback with the rule C [call] T [separate] A [return] → C A (PENCIL, 2503.14337)."""

    call: Affine
    separate: Affine
    returns: Affine
