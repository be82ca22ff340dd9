"""n-gram learners: the empirical distribution, its text form, and what is refused."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmsim.machines.models import listings
from tmsim.machines.models.ngram import NGram, parse, write
from tmsim.outcome import Outcome
from tmsim.testing.models.ngram import FRAME, machines

LETTERS = tuple("abc")
texts = st.lists(st.sampled_from(LETTERS), max_size=20)


@given(texts, st.integers(0, 3))
def test_the_distribution_is_the_table_of_counts(text: list[str], order: int) -> None:
    counts = np.zeros((3,) * (order + 1), int)
    numbers = [LETTERS.index(token) for token in text]
    for i in range(order, len(text)):
        counts[tuple(numbers[i - order : i + 1])] += 1
    row = counts[tuple(numbers[len(text) - order :])] if len(text) >= order else np.zeros(3, int)
    total = int(row.sum())
    expected = [Fraction(int(x), total) if total else Fraction(1, 3) for x in row]
    assert [*NGram(LETTERS, order).distribution(text).values()] == expected


@pytest.mark.parametrize("order", range(4))
def test_a_periodic_text_goes_on(order: int) -> None:
    text = "abcb" * 4 + "ab"
    run = NGram(LETTERS, max(order, 2)).run(text, 6)
    assert "".join(str(token) for token in run.configuration) == "abcb" * 6
    assert run.outcome is Outcome.out_of_steps


@given(machines(FRAME))
def test_text(machine: NGram) -> None:
    assert parse(write(machine)) == machine


@pytest.mark.parametrize("name", listings.of("ngram"))
def test_the_zoo_runs(name: str) -> None:
    listing = listings.load(f"ngram/{name}")
    assert parse(write(listing.machine)) == listing.machine
    halts = {"echo": True, "majority": True, "loop": False}[name]
    run = listing.machine.run(listing.given, 50)
    assert run.outcome is (Outcome.halted if halts else Outcome.out_of_steps)


def test_shares_sum_to_one_on_every_short_text() -> None:
    for text in product("ab", repeat=5):
        learner = NGram(("a", "b"), 2, answers=("b",))
        assert sum(learner.distribution(text).values()) == 1


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: NGram(LETTERS, -1), "order -1: expected 0, 1, 2, …"),
        (lambda: NGram(()), "vocabulary is empty; expected one or more different tokens"),
        (lambda: NGram(tuple("aba")), "vocabulary names 'a' twice"),
        (lambda: NGram(LETTERS, halting=frozenset("z")), "halting: 'z'; expected a token of"),
        (lambda: NGram(LETTERS, answers=("a", "a")), "expected different tokens"),
        (lambda: NGram(LETTERS).begin("abz"), "token 2 is 'z'; expected one of"),
        (lambda: parse("tokens a\norder one"), "order 'one': expected 0, 1, 2, …"),
        (lambda: parse("tokens a\ntoken b"), "line 2: 'token b'; expected order, tokens, answers"),
    ],
)
def test_what_is_wrong_is_named(make, message: str) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]*$") as caught:
        make()
    assert message in str(caught.value)
