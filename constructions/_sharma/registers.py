"""The residual stream: numbers as binary digits, each digit a token's factor of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from tmsim.proofs import Frame, Register, Stream
from tmsim.proofs.affine import Affine
from tmsim.proofs.claim import bit_length

Number = tuple[Register, ...]
"""The binary digits of a number, the lowest first: each a 0 or a 1 or, all of them, nothing."""


def digits(name: str, value: int | None, count: int) -> Iterator[tuple[str, int | None]]:
    """The registers that hold a number, with what they hold; None is no number.

    Raises ValueError for a number that has more digits.

    >>> dict(digits("state", 2, 3))
    {'state.0': 0, 'state.1': 1, 'state.2': 0}
    """
    if value is not None and not 0 <= value < 1 << count:
        raise ValueError(f"{name} holds 0..{(1 << count) - 1}, not {value}")
    for j in range(count):
        yield f"{name}.{j}", None if value is None else value >> j & 1


def number(held: Sequence[int]) -> int:
    """The number of those digits; -1, which is none, where one of them is -1.

    >>> number((0, 1, 1)), number((0, -1, 1))
    (6, -1)
    """
    return -1 if min(held) < 0 else sum(int(digit) << j for j, digit in enumerate(held))


def signs(number: Number) -> list[Affine]:
    """The ±1 code of a number, and zeros of no number."""
    return [digit[1] - digit[0] for digit in number]


def coordinates(numbers: Iterable[Sequence[Affine]]) -> list[Affine]:
    """All coordinates of registers, in their order."""
    return [coordinate for register in numbers for coordinate in register]


class Registers:
    """Lists have one entry per tape. A rule's registers are zero on all rows but its own."""

    def __init__(self, frame: Frame) -> None:
        self.stream = Stream()
        self.state_bits, self.symbol_bits = bit_length(frame.states), bit_length(frame.symbols)
        tapes = range(frame.tapes)
        s = self.stream
        self.null, self.rule, self.count = s.flag("null"), s.flag("rule"), s.scalar("count")
        # What a rule says.
        self.if_state = self._state("if_state")
        self.if_read = [self._symbol(f"if_read[{t}]") for t in tapes]
        self.then_state = self._state("then_state")
        self.then_write = [self._symbol(f"then_write[{t}]") for t in tapes]
        self.then_move = [s.one_hot(f"then_move[{t}]", 3) for t in tapes]
        self.then_halts, self.then_stuck = s.flag("then_halts"), s.flag("then_stuck")
        # What a step did.
        self.state = self._state("state")
        self.wrote = [self._symbol(f"wrote[{t}]") for t in tapes]
        self.moved = [s.one_hot(f"moved[{t}]", 3) for t in tapes]
        # What is computed.
        self.mean = [s.scalar(f"mean[{t}]") for t in tapes]
        self.here = [s.scalar(f"here[{t}]") for t in tapes]
        self.here_squared = [s.scalar(f"here²[{t}]") for t in tapes]
        self.there_squared = [s.scalar(f"there²[{t}]") for t in tapes]
        self.read = [self._symbol(f"read[{t}]") for t in tapes]
        self.next_state = self._state("next_state")
        self.put = [self._symbol(f"put[{t}]") for t in tapes]
        self.move = [s.one_hot(f"move[{t}]", 3) for t in tapes]
        self.halts, self.stuck = s.flag("halts"), s.flag("stuck")
        self.write = [self._symbol(f"write[{t}]") for t in tapes]
        self.displacement = [moved[2] - moved[0] for moved in self.moved]
        # The cell that the row wrote: where the head stood before it moved.
        self.there = [h - d for h, d in zip(self.here, self.displacement, strict=True)]

    def _state(self, name: str) -> Number:
        return self._number(name, self.state_bits)

    def _symbol(self, name: str) -> Number:
        return self._number(name, self.symbol_bits)

    def _number(self, name: str, bits: int) -> Number:
        return tuple(self.stream.one_hot(f"{name}.{j}", 2) for j in range(bits))
