"""n-gram learners: strategies for learners that fit a frame, with a text."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from tmsim.machines.models.ngram import NGram
from tmsim.proofs import Bounds, Frame
from tmsim.testing.laws.case import Case

FRAME = Frame(2, 4, 2, Bounds(15, 1))
TOKENS = "abcdefghijklmnopqrstuvwxyz"
LONGEST = 12


@st.composite
def machines(draw: DrawFn, frame: Frame) -> NGram:
    """Learners of every order up to the frame's; the last token may end the text.

    >>> from hypothesis import find
    >>> print(find(machines(FRAME), lambda machine: machine.order > 0))
    order 1; tokens a; answers a; halting
    """
    count = draw(st.integers(1, min(frame.symbols, len(TOKENS))))
    order = draw(st.integers(0, frame.tapes))
    halting, tokens = draw(st.booleans()), tuple(TOKENS[:count])
    answers = draw(st.lists(st.sampled_from(tokens), unique=True))
    return NGram(tokens, order, frozenset(tokens[-1] if halting else ()), tuple(answers))


@st.composite
def cases(draw: DrawFn, frame: Frame) -> Case:
    """A learner, and a text over its vocabulary."""
    machine = draw(machines(frame))
    text = st.lists(st.sampled_from(machine.tokens), max_size=LONGEST)
    return Case(machine, tuple(draw(text)), ())
