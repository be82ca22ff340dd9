"""Strategies for the machine models other than Turing machines, by keyword-only bounds.

Every bound is the most that a machine has, except where it says `queues` or `length`. They shrink
by structure, as those of Turing machines do. Raises ValueError (here and below) for a bound that is
not positive.

>>> from hypothesis import find
>>> print(find(counter_machines(), lambda machine: len(machine.transitions) > 0))
counters a; start A; halting Z; states A Z; A * * Z
"""

from __future__ import annotations

from typing import Any

from hypothesis.strategies import SearchStrategy

from tmsim.machines.models.counter import CounterMachine
from tmsim.machines.models.lag import LagSystem
from tmsim.machines.models.least_squares import LeastSquares
from tmsim.machines.models.logistic import Logistic
from tmsim.machines.models.multi_queue import MultiQueueMachine
from tmsim.machines.models.ngram import NGram
from tmsim.machines.models.perceptron import Perceptron
from tmsim.machines.models.post_turing import PostTuringMachine
from tmsim.machines.models.probabilistic import ProbabilisticMachine
from tmsim.machines.models.queue_machine import QueueMachine
from tmsim.machines.models.subleq import Subleq
from tmsim.proofs import Bounds, Frame
from tmsim.testing.models import (
    counter,
    lag,
    least_squares,
    logistic,
    multi_queue,
    ngram,
    perceptron,
    post_turing,
    probabilistic,
    queue_machine,
    subleq,
)


def _frame(states: int, symbols: int, tapes: int, cells: int = 1) -> Frame:
    return Frame(states, symbols, tapes, Bounds(1, cells))


def _positive(**bounds: Any) -> None:
    for name, bound in bounds.items():
        if bound < 1:
            raise ValueError(f"{name}={bound}; expected 1 or more")


def counter_machines(
    *, max_states: int = 3, max_counters: int = 2
) -> SearchStrategy[CounterMachine]:
    """Counter machines; Z, which halts, is not counted."""
    _positive(max_states=max_states, max_counters=max_counters)
    return counter.machines(_frame(max_states + 1, 2 * max_states, max_counters))


def lag_systems(
    *, max_symbols: int = 3, max_rules: int = 16, max_word: int = lag.LONGEST
) -> SearchStrategy[LagSystem]:
    """Lag systems, of which a rule appends at most `max_word` symbols; Z is not counted."""
    _positive(max_symbols=max_symbols, max_rules=max_rules, max_word=max_word)
    return lag.machines(_frame(max_rules, max_symbols + 1, max_word))


def least_squares_learners(
    *, max_features: int = 2, max_steps: int = 7
) -> SearchStrategy[LeastSquares]:
    """Learners by gradient descent on least squares."""
    _positive(max_features=max_features, max_steps=max_steps)
    return least_squares.machines(_frame(max_steps + 1, 2, max_features))


def logistic_learners(
    *, max_features: int = 2, max_steps: int = 3, knots: int = 8
) -> SearchStrategy[Logistic]:
    """Learners by gradient descent on the logistic loss, its slope drawn through `knots` knots."""
    _positive(max_features=max_features, max_steps=max_steps, knots=knots)
    return logistic.machines(_frame(max_steps + 1, knots, max_features))


def multi_queue_machines(
    *, max_states: int = 3, max_symbols: int = 4, queues: int = 4, length: int = 4
) -> SearchStrategy[MultiQueueMachine]:
    """Synchronous machines with queues of geometric lengths, the longest at most `length`."""
    _positive(max_states=max_states, max_symbols=max_symbols, queues=queues, length=length)
    states = max_states * multi_queue.MOST_PATTERNS + 1
    return multi_queue.machines(_frame(states, max_symbols, queues, length))


def ngram_learners(*, max_tokens: int = 4, max_order: int = 2) -> SearchStrategy[NGram]:
    """n-gram learners of order 0 to `max_order`."""
    _positive(max_tokens=max_tokens, max_order=max_order)
    return ngram.machines(_frame(2, max_tokens, max_order))


def perceptrons(*, max_features: int = 2) -> SearchStrategy[Perceptron]:
    """Perceptrons."""
    _positive(max_features=max_features)
    return perceptron.machines(_frame(2, 2, max_features))


def post_turing_machines(
    *, max_instructions: int = 8, max_jump: int = 7
) -> SearchStrategy[PostTuringMachine]:
    """Two-tape Post–Turing machines, the halting instruction at the end counted."""
    _positive(max_instructions=max_instructions, max_jump=max_jump)
    return post_turing.machines(_frame(max_instructions, max_jump + 1, 2))


def probabilistic_machines(
    *, max_states: int = 3, tapes: int = 1
) -> SearchStrategy[ProbabilisticMachine]:
    """Machines of two transition functions, between which a coin chooses; up to 3 symbols."""
    _positive(max_states=max_states, tapes=tapes)
    return probabilistic.machines(_frame(max_states + 1, 3, tapes))


def queue_machines(
    *, max_states: int = 7, max_symbols: int = 4, length: int = 6
) -> SearchStrategy[QueueMachine]:
    """Machines with one queue of `length` symbols; Z is not counted."""
    _positive(max_states=max_states, max_symbols=max_symbols, length=length)
    return queue_machine.machines(_frame(max_states + 1, max_symbols, 1, length))


def subleq_machines(
    *, max_instructions: int = 7, max_words: int = 3, max_value: int = 12
) -> SearchStrategy[Subleq]:
    """SUBLEQ machines with words in [-max_value, max_value]."""
    _positive(max_instructions=max_instructions, max_words=max_words, max_value=max_value)
    return subleq.machines(_frame(max_instructions + 1, max_words + 1, 1, max_value))
