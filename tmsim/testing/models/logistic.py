"""Learners by gradient descent on the logistic loss: strategies that fit a frame, with data."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from tmsim.machines.models.logistic import Logistic
from tmsim.proofs import Bounds, Frame
from tmsim.testing.laws.case import Case
from tmsim.testing.models.least_squares import data, fields

FRAME = Frame(4, 8, 2, Bounds(2, 4))


def machines(frame: Frame) -> SearchStrategy[Logistic]:
    """Learners of fewer steps than the frame has states, with as many knots as it has symbols.

    >>> from hypothesis import find
    >>> print(find(machines(FRAME), lambda machine: machine.features > 1))
    features 2; rates; momentum 0; decay 0; nesterov no; threshold 1/7; knots 8
    """
    return st.builds(Logistic, **fields(frame), knots=st.just(frame.symbols))


@st.composite
def cases(draw: DrawFn, frame: Frame) -> Case:
    """A learner, examples that fit the frame's cells, and a query."""
    machine = draw(machines(frame))
    return Case(machine, draw(data(machine, frame)), ())
