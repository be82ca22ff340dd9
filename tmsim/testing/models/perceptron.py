"""Perceptrons: strategies that fit a frame, with data, separable and not."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from tmsim.machines.models.perceptron import Perceptron
from tmsim.proofs import Bounds, Frame
from tmsim.testing.laws.case import Case

FRAME = Frame(2, 2, 2, Bounds(10, 4))
SMALL = st.integers(-2, 2)


def machines(frame: Frame) -> SearchStrategy[Perceptron]:
    """Perceptrons of the frame's features or fewer.

    >>> from hypothesis import find
    >>> print(find(machines(FRAME), lambda machine: True))
    features 1
    """
    return st.builds(Perceptron, st.integers(1, frame.tapes))


@st.composite
def cases(draw: DrawFn, frame: Frame) -> Case:
    """A perceptron, examples that fit the frame's cells, and a query."""
    machine = draw(machines(frame))
    x = st.tuples(*[SMALL] * machine.features)
    example = st.tuples(x, st.sampled_from([1, -1]))
    examples = st.lists(example, min_size=1, max_size=frame.bounds.cells).map(tuple)
    return Case(machine, (draw(examples), draw(x)), ())
