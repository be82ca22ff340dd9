"""n-gram learners: what followed the last tokens of a text before, as often as it did.

The empirical next-token distribution of order k is the maximum-likelihood estimate from the text
itself: of all places whose k tokens before are the text's last k, the share that each token has
there. Where there is no such place, it is uniform over the answers. The machine writes the most
probable token (of equals, the first of the vocabulary) behind the text, and goes on from there. As
text:

    order 1
    tokens a b .
    answers a b
    halting .
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

from tmsim.machines.models.model import Model, Taken
from tmsim.outcome import Outcome

Token = Hashable


class Written(NamedTuple):
    """The token that was written behind the text."""

    token: Token


@dataclass(frozen=True)
class NGram(Model[tuple[Token, ...], Written]):
    """The learner of order `order` over `tokens`; a text that ends in a token of `halting` is done.

    After tokens that never came before it gives `answers` (none: all tokens) equal shares. Room
    (`Model.reach`) is 0: the text is the only memory. Raises ValueError for an order below 0, a
    vocabulary that is empty or names a token twice, and halting tokens or answers outside it.

    >>> learner = NGram(("a", "b", "c"), order=1)
    >>> {token: str(p) for token, p in learner.distribution("abacab").items()}
    {'a': '1', 'b': '0', 'c': '0'}
    >>> {token: str(p) for token, p in learner.distribution("abacaba").items()}
    {'a': '0', 'b': '2/3', 'c': '1/3'}
    """

    tokens: tuple[Token, ...]
    order: int = 1
    halting: frozenset[Token] = frozenset()
    answers: tuple[Token, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "tokens", tuple(self.tokens))
        object.__setattr__(self, "halting", frozenset(self.halting))
        object.__setattr__(self, "answers", tuple(self.answers) or self.tokens)
        if type(self.order) is not int or self.order < 0:
            raise ValueError(f"order {self.order!r}: expected 0, 1, 2, …")
        twice = [token for token, count in Counter(self.tokens).items() if count > 1]
        if not self.tokens or twice:
            what = f"names {twice[0]!r} twice" if twice else "is empty"
            raise ValueError(f"vocabulary {what}; expected one or more different tokens")
        for name in ("halting", "answers"):
            for token in set(getattr(self, name)).difference(self.tokens):
                raise ValueError(f"{name}: {token!r}; expected a token of the vocabulary")
        if len(set(self.answers)) < len(self.answers):
            raise ValueError(f"answers {self.answers}: expected different tokens")

    def __str__(self) -> str:
        return "; ".join(write(self).splitlines())

    def begin(self, given: Any) -> tuple[Token, ...]:
        """The text so far. Raises ValueError naming the first token outside the vocabulary."""
        text = tuple(given)
        for place, token in enumerate(text):
            if token not in self.tokens:
                raise ValueError(f"token {place} is {token!r}; expected one of {self.tokens}")
        return text

    def distribution(self, text: Sequence[Token]) -> dict[Token, Fraction]:
        """The empirical next-token distribution of the text's last `order` tokens, exactly.

        Uniform over the answers where these never came before, or the text is shorter. Raises
        ValueError as `begin`.
        """
        text, k = self.begin(text), self.order
        followed = Counter(
            text[i] for i in range(k, len(text)) if text[i - k : i] == text[len(text) - k :]
        )
        if not followed:
            share = Fraction(1, len(self.answers))
            return {token: share * (token in self.answers) for token in self.tokens}
        return {token: Fraction(followed[token], followed.total()) for token in self.tokens}

    def after(self, configuration: tuple[Token, ...]) -> Taken | Outcome:
        if configuration and configuration[-1] in self.halting:
            return Outcome.halted
        chances = self.distribution(configuration)
        token = max(self.tokens, key=chances.__getitem__)
        return Taken(Written(token), (*configuration, token))

    def reach(self, configuration: tuple[Token, ...]) -> int:
        return 0

    def output(self, configuration: tuple[Token, ...]) -> tuple[Token, ...]:
        """The whole text."""
        return configuration


def parse(text: str) -> NGram:
    """A learner as text: ``order``, ``tokens``, ``answers`` and ``halting``, each with its words.

    From ``;`` to the line's end is a comment. Raises ValueError naming the line.

    >>> parse("order 2\\ntokens a b ; two letters").order
    2
    """
    told: dict[str, list[str]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        match line.partition(";")[0].split():
            case []:
                continue
            case [("order" | "tokens" | "answers" | "halting") as name, *words] if name not in told:
                told[name] = words
            case _:
                names = "order, tokens, answers or halting"
                raise ValueError(f"line {number}: {line!r}; expected {names}, once")
    order = " ".join(told.get("order", ["1"]))
    if not order.isdecimal():
        raise ValueError(f"order {order!r}: expected 0, 1, 2, …")
    tokens, answers = (tuple(told.get(name, ())) for name in ("tokens", "answers"))
    return NGram(tokens, int(order), frozenset(told.get("halting", ())), answers)


def write(machine: NGram) -> str:
    """The learner as :func:`parse` reads it, if its tokens are words.

    >>> parse(write(NGram(("a", "b")))) == NGram(("a", "b"))
    True
    """
    halting = [str(token) for token in machine.tokens if token in machine.halting]
    words = {"order": [str(machine.order)], "tokens": map(str, machine.tokens)}
    words |= {"answers": map(str, machine.answers), "halting": halting}
    return "".join(f"{' '.join((name, *given))}\n" for name, given in words.items())
