"""What a construction is: a published proof that transformers simulate some machine model."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, NamedTuple

from tmsim.proofs.affine import Leaves, Value
from tmsim.proofs.citation import Citation
from tmsim.proofs.claim import Bounds, Claim, Frame
from tmsim.proofs.explain import explain, markdown
from tmsim.proofs.program import Program

SHOWN = Frame.around(2, 2, 1, Bounds(steps=14, cells=6))
"""What a proof is shown for: the smallest bounds whose layers show the pattern. Where depth grows
with the run, it is short."""

Row = Mapping[str, Value]


class Prompt(NamedTuple):
    """What the run starts from: rows given by their input registers.

    `rows` are the decoder's first rows (for a loop, all of them); `encoder` the encoder's.
    """

    rows: Sequence[Row]
    encoder: Sequence[Row] = ()


class Scene(NamedTuple):
    """One row of the reference run: its input registers, and the moment its lemmas speak of.

    `now` is None on rows of which no lemma speaks (a seed row).
    """

    row: Row
    now: Any


class Columns(NamedTuple):
    """A run of machine steps as columns of indices, one entry a step.

    `state` is the state entered; `read`, `write`, `move` hold one column per tape; symbols and
    states by their index in the machine, moves as 0, 1, 2 for L, S, R.
    """

    state: Any
    read: Any
    write: Any
    move: Any


class Construction(ABC):
    """A proof, written for every frame. Subclasses are final and hold no state.

    The catalogue finds each subclass by its module's name; `tmsim.testing` holds it to the laws.
    As the value of a notebook's cell it is its paper, its claim and its equations.
    """

    citation: ClassVar[Citation]
    claim: ClassVar[Claim]
    model: ClassVar[type]
    """The machine model that it simulates."""

    def _repr_latex_(self) -> str:
        return explain(self.program(SHOWN)).latex()

    def _repr_markdown_(self) -> str:
        said = markdown(f"{self.citation}. {self.claim.statement}")
        return f"{said}\n\n{explain(self.program(SHOWN))._repr_markdown_()}"

    @abstractmethod
    def frame(self, machine: Any, bounds: Bounds) -> Frame:
        """The frame that the machine is padded to."""

    @abstractmethod
    def program(self, frame: Frame) -> Program:
        """The proof for that frame."""

    def rows(self, frame: Frame) -> int:
        """How many rows at most (passes of a loop) the frame's steps are generated in."""
        return frame.bounds.steps

    @abstractmethod
    def leaves(self, machine: Any, frame: Frame) -> Leaves:
        """What differs from machine to machine, as numbers."""

    @abstractmethod
    def prompt(self, machine: Any, tapes: Sequence[Any], heads: Any, frame: Frame) -> Prompt:
        """The machine's start configuration as rows."""

    @abstractmethod
    def passes(
        self, machine: Any, tapes: Sequence[Any], heads: Any, steps: Iterable[Any], frame: Frame
    ) -> Iterator[Sequence[Scene]]:
        """The reference run as rows: one pass of all rows for a decoder, one a step for a loop.

        The last scene(s) belong to the configuration after the last of `steps`.
        """

    @abstractmethod
    def decode(self, emitted: Mapping[str, Any], machine: Any) -> Any:
        """The machine steps that the emitted registers stand for, a column of integers each.

        For a Turing machine they are :class:`Columns`, read row by row: a row that completes no
        step gives none. Another model's steps may need all rows from the first on.
        """
