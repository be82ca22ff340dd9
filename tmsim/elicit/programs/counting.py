"""Counting, and the most frequent token: what follows the query's context in the data."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle
from typing import Any

import numpy as np

from tmsim.elicit.programs.program import LearningProgram, Words
from tmsim.machines import Configuration
from tmsim.machines.assembly.flow import assemble
from tmsim.machines.assembly.structured import Do, If, Label, Meets, On, Statement, While

BLANK, MARK, END = "_", "1", "|"
SIDES = "LR"
"""The word of tokens is passed leftwards and rightwards in turn: nothing is rewound."""


def choose(contexts: Sequence[str], tokens: Sequence[str]) -> list[Statement]:
    """Copy the tokens whose context is the query's to the tape `work`, a step per example."""
    along = {"context": "R", "token": "R"}
    copy: list[Statement] = [Do({}, along)]
    for token in tokens:
        written = Do({"work": token}, {**along, "work": "R"})
        copy = [If(On("token", [token]), [written], copy)]
    same = On("context", contexts[:1]) & On("query", contexts[:1])
    for context in contexts[1:]:
        same = same | (On("context", [context]) & On("query", [context]))
    return [While(On("context", contexts), [If(same, copy, [Do({}, along)])])]


class _Table(LearningProgram):
    """Contexts 0 … m - 1 and tokens 0 … V - 1, which have symbols c0, c1, … and v0, v1, …"""

    def __init__(self, contexts: int, vocabulary: int) -> None:
        for name, value in (("contexts", contexts), ("vocabulary", vocabulary)):
            if value < 1:
                raise ValueError(f"{type(self).__name__}: {name}={value}, expected 1 or more")
        self.contexts = [f"c{i}" for i in range(contexts)]
        self.tokens = [f"v{i}" for i in range(vocabulary)]

    def words(self, data: Any, query: int) -> Words:
        contexts = [self._symbol("context", c, self.contexts) for c in data.contexts]
        tokens = [self._symbol("token", v, self.tokens) for v in self._next(data.tokens)]
        if not contexts or len(contexts) != len(tokens):
            raise ValueError(f"data: {len(contexts)} contexts, {len(tokens)} tokens; expected as "
                             "many, 1 or more")  # fmt: skip
        return contexts, tokens, [self._symbol("query", query, self.contexts)]

    @staticmethod
    def _next(tokens: Any) -> np.ndarray:
        """The token after each context: the first of each text."""
        held = np.asarray(tokens)
        return held if held.ndim == 1 else held[:, 0]

    @staticmethod
    def _symbol(what: str, value: Any, symbols: Sequence[str]) -> str:
        if not 0 <= value < len(symbols) or int(value) != value:
            raise ValueError(f"data: {what} {value}; expected 0 … {len(symbols) - 1}")
        return symbols[int(value)]

    def _alphabets(self, last: str) -> dict[str, Sequence[str]]:
        """The tapes; in the end the heads of the first three stand on blanks."""
        return {"context": self.contexts, "token": self.tokens, "query": self.contexts,
                "work": BLANK, last: BLANK}  # fmt: skip


class Counting(_Table):
    """How often each token follows the query's context: n + V·(n_c + 1) + 2 steps.

    n examples, of which n_c are of the query's context; V tokens. The counts are written in unary
    on the last tape, with ``|`` between them. Raises ValueError for sizes below 1.

    >>> import numpy as np
    >>> from tmsim.elicit.programs.program import calculated
    >>> from tmsim.elicit.tasks.text import TextData
    >>> data = TextData(np.array([0, 1, 0, 0]), np.array([[1], [0], [1], [2]]))
    >>> calculated(Counting(contexts=2, vocabulary=3), data, 0)
    array([0, 2, 1])
    """

    def __init__(self, contexts: int, vocabulary: int) -> None:
        super().__init__(contexts, vocabulary)
        passes: list[Statement] = []
        for token, side in zip(self.tokens, cycle(SIDES)):
            end = {} if token == self.tokens[0] else {"count": END}
            counted = Do({"count": MARK}, {"work": side, "count": "R"})
            passes += [
                Label(f"count-{token}"),
                Do(end, {"work": side, "count": "R"}),
                While(On("work", self.tokens),
                      [If(On("work", [token]), [counted], [Do({}, {"work": side})])]),
            ]  # fmt: skip
        rest = {"context": BLANK, "token": BLANK, "query": BLANK, "work": [BLANK, *self.tokens]}
        program = [
            Label("choose"),
            *choose(self.contexts, self.tokens),
            Do({}, {"query": "R"}),
            Meets(rest, passes),
        ]
        self.machine = assemble(program, self._alphabets("count"), BLANK)

    def answer(self, last: Configuration) -> np.ndarray:
        """The counts [V] of the tokens."""
        marks = "".join(map(str, last.trimmed(4)[1]))
        return np.array([len(part) for part in marks.split(END)])


def distribution(counts: np.ndarray) -> np.ndarray:
    """The empirical next-token distribution of counts [V]; uniform where nothing was counted.

    >>> distribution(np.array([3, 1])).tolist(), distribution(np.array([0, 0])).tolist()
    ([0.75, 0.25], [0.5, 0.5])
    """
    total = counts.sum()
    return counts / total if total else np.full(len(counts), 1 / len(counts))


class Majority(_Table):
    """The token that follows the query's context most often; of several the least, of none 0.

    The tape `score` has in its cell j the first token that was seen j times: the last one there is
    the answer. n + V·(n_c + 2) + n_c + 2 steps. Raises ValueError for sizes below 1.

    >>> import numpy as np
    >>> from tmsim.elicit.programs.program import calculated
    >>> from tmsim.elicit.tasks.text import TextData
    >>> data = TextData(np.array([0, 1, 0, 0]), np.array([[1], [0], [1], [2]]))
    >>> calculated(Majority(contexts=2, vocabulary=3), data, 0)
    1
    """

    def __init__(self, contexts: int, vocabulary: int) -> None:
        super().__init__(contexts, vocabulary)
        passes: list[Statement] = []
        for token, side in zip(self.tokens, cycle(SIDES)):
            along = {"work": side, "score": "R"}
            more = If(On("score", BLANK), [Do({"score": token}, along)], [Do({}, along)])
            passes += [
                Label(f"count-{token}"),
                Do({}, along),
                While(On("work", self.tokens),
                      [If(On("work", [token]), [more], [Do({}, {"work": side})])]),
                Do({}, {"score": "L"}),
                While(On("score", self.tokens), [Do({}, {"score": "L"})]),
            ]  # fmt: skip
        tokens = [BLANK, *self.tokens]
        rest = {"context": BLANK, "token": BLANK, "query": BLANK, "work": tokens, "score": tokens}
        program = [
            Label("choose"),
            *choose(self.contexts, self.tokens),
            Do({}, {"query": "R"}),
            Meets(rest, passes),
        ]
        self.machine = assemble(program, self._alphabets("score"), BLANK)

    def answer(self, last: Configuration) -> int:
        """The token."""
        _, seen = last.trimmed(4)
        return self.tokens.index(str(seen[-1])) if seen else 0
