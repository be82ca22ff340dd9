"""Learners by gradient descent on least squares: strategies that fit a frame, with data.

Numbers are small and binary fractions, and thresholds sevenths: a prediction is no threshold.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from tmsim.machines.models.least_squares import LeastSquares
from tmsim.proofs import Bounds, Frame
from tmsim.testing.laws.case import Case

FRAME = Frame(8, 2, 2, Bounds(5, 4))
SMALL = st.integers(-2, 2)


def fields(frame: Frame) -> dict[str, SearchStrategy[Any]]:
    """What a learner by descent is made of; rates stay where numbers stay small."""
    rates = st.sampled_from([Fraction(1, 8), Fraction(1, 4), Fraction(0)])
    return {
        "features": st.integers(1, frame.tapes),
        "rates": st.lists(rates, max_size=frame.states - 1).map(tuple),
        "momentum": st.sampled_from([Fraction(0), Fraction(1, 2)]),
        "decay": st.sampled_from([Fraction(0), Fraction(1, 4)]),
        "nesterov": st.booleans(),
        "threshold": st.sampled_from([Fraction(1, 7), Fraction(-2, 7)]),
    }


def machines(frame: Frame) -> SearchStrategy[LeastSquares]:
    """Learners of fewer steps than the frame has states.

    >>> from hypothesis import find
    >>> print(find(machines(FRAME), lambda machine: len(machine.rates) > 0))
    features 1; rates 1/8; momentum 0; decay 0; nesterov no; threshold 1/7
    """
    return st.builds(LeastSquares, **fields(frame))


@st.composite
def cases(draw: DrawFn, frame: Frame) -> Case:
    """A learner, examples that fit the frame's cells, and a query."""
    machine = draw(machines(frame))
    return Case(machine, draw(data(machine, frame)), ())


def data(machine: Any, frame: Frame) -> SearchStrategy[Any]:
    """Examples and a query for a learner of `machine.features` numbers."""
    x = st.tuples(*[SMALL] * machine.features)
    examples = st.lists(st.tuples(x, SMALL), min_size=1, max_size=frame.bounds.cells).map(tuple)
    return st.tuples(examples, x)
