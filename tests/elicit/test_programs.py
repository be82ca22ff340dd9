"""Learning programs: what the machine says is what the same algorithm says on arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import optax
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tmsim import catalogue
from tmsim.elicit.distance import total_variation
from tmsim.elicit.fine_tuned import tabular
from tmsim.elicit.price import price
from tmsim.elicit.programs.counting import Counting, Majority, distribution
from tmsim.elicit.programs.perceptron import Perceptron, perceptron
from tmsim.elicit.programs.program import LearningProgram, calculated, elicited
from tmsim.elicit.tasks.linear import LinearData
from tmsim.elicit.tasks.text import TextData
from tmsim.machines import initial, run
from tmsim.outcome import Outcome
from tmsim.proofs import Bounds, Frame
from tmsim.testing.laws import Case, Setting
from tmsim.testing.laws.engine import decoded

CONTEXTS, VOCABULARY = 3, 4
COUNTING, MAJORITY = Counting(CONTEXTS, VOCABULARY), Majority(CONTEXTS, VOCABULARY)
PERCEPTRON = Perceptron(width=6)


@st.composite
def texts(draw: Any) -> tuple[TextData, int]:
    """A dataset of up to 12 examples, and a query."""
    n = draw(st.integers(1, 12))
    contexts = draw(arrays(np.int64, n, elements=st.integers(0, CONTEXTS - 1)))
    tokens = draw(arrays(np.int64, (n, 1), elements=st.integers(0, VOCABULARY - 1)))
    return TextData(contexts, tokens), draw(st.integers(0, CONTEXTS - 1))


@st.composite
def points(draw: Any) -> tuple[LinearData, np.ndarray]:
    """Up to 8 points of up to 4 entries with any labels, and a query."""
    n, d = draw(st.integers(1, 8)), draw(st.integers(1, 4))
    entries, signs = st.integers(-1, 1), st.sampled_from([-1, 1])
    x = draw(arrays(np.int64, (n, d), elements=entries))
    y = draw(arrays(np.int64, n, elements=signs))
    return LinearData(x, y), draw(arrays(np.int64, d, elements=entries))


def counts(data: TextData, query: int, vocabulary: int) -> np.ndarray:
    return np.bincount(data.tokens[data.contexts == query, 0], minlength=vocabulary)


@given(texts())
def test_counting_counts(drawn: tuple[TextData, int]) -> None:
    data, query = drawn
    expected = counts(data, query, VOCABULARY)
    assert calculated(COUNTING, data, query).tolist() == expected.tolist()


def test_counting_is_what_training_tends_to() -> None:
    """A table of logits trained by optax on the same examples, where it reaches the same answer:
    every token was seen."""
    tokens = np.concatenate([np.arange(VOCABULARY), np.zeros(5, np.int64)])
    data = TextData(np.ones(len(tokens), np.int64), tokens[:, None])
    table = tabular.counts(data.contexts, tokens, 2, VOCABULARY)
    model = tabular.fine_tune(table, optax.sgd(4.0), 400).model
    assert isinstance(model, tabular.Tabular)
    trained = model.distribution()
    found = distribution(calculated(COUNTING, data, 1))
    assert total_variation(found, trained[1]) < 1e-4
    unseen = distribution(calculated(COUNTING, data, 0))
    assert total_variation(unseen, trained[0]) < 1e-12


@given(texts())
def test_majority_is_the_first_of_the_most_frequent(drawn: tuple[TextData, int]) -> None:
    data, query = drawn
    assert calculated(MAJORITY, data, query) == counts(data, query, VOCABULARY).argmax()


@given(texts())
def test_their_steps_are_those_that_they_say(drawn: tuple[TextData, int]) -> None:
    data, query = drawn
    n, matching = len(data.contexts), int((data.contexts == query).sum())
    for program, due in (
        (COUNTING, n + VOCABULARY * (matching + 1) + 2),
        (MAJORITY, n + VOCABULARY * (matching + 2) + matching + 2),
    ):
        assert run(program.machine, program.words(data, query)).steps == due


@given(points())
def test_the_perceptron_learns_what_its_array_form_learns(
    drawn: tuple[LinearData, np.ndarray],
) -> None:
    data, query = drawn
    learned, expected = calculated(PERCEPTRON, data, query), perceptron(data.x, data.y)
    assert learned.weights.tolist() == expected.tolist()
    assert learned.label == (1 if expected @ query >= 0 else -1)


def test_sums_that_use_all_digits() -> None:
    """All points alike and all labels wrong: the weights go from one end to the other."""
    x = np.ones((15, 4), np.int64)
    for y in (np.full(15, -1), np.full(15, 1), np.tile([1, -1, -1], 5)):
        learned = calculated(Perceptron(5), LinearData(x, y), x[0])
        assert learned.weights.tolist() == perceptron(x, y).tolist()


def test_one_machine_for_all_dimensions_and_widths() -> None:
    assert Perceptron(4).machine == Perceptron(12).machine


@pytest.mark.parametrize("d", [1, 3])
def test_the_perceptron_in_the_transformer(d: int) -> None:
    rng = np.random.default_rng(d)
    x, y = rng.integers(-1, 2, (4, d)), rng.choice([-1, 1], 4)
    learned, simulation = elicited(Perceptron(4), LinearData(x, y), x[0])
    assert learned.weights.tolist() == perceptron(x, y).tolist()
    assert simulation.matches_reference


@settings(max_examples=3)
@given(texts())
def test_tables_in_the_transformer(drawn: tuple[TextData, int]) -> None:
    data, query = drawn
    found, simulation = elicited(COUNTING, data, query)
    assert found.tolist() == counts(data, query, VOCABULARY).tolist()
    assert simulation.tokens == simulation.steps


def full_text() -> tuple[TextData, int]:
    rng = np.random.default_rng(0)
    return TextData(rng.integers(0, 8, 256), rng.integers(0, 16, (256, 1))), 3


@pytest.mark.parametrize("kind", [Counting, Majority])
def test_256_examples_of_8_contexts_and_16_tokens_in_the_transformer(kind: Any) -> None:
    data, query = full_text()
    expected: Any = counts(data, query, 16)
    if kind is Majority:
        expected = expected.argmax()
    program = kind(8, 16)
    found, simulation = elicited(program, data, query)
    assert np.array_equal(found, expected)
    paid = price(program, data, query)
    assert (paid.tokens, paid.context) == (simulation.tokens, simulation.context)
    assert (paid.program + paid.data, paid.examples) == (paid.context - paid.tokens, 256)


def test_64_points_of_8_entries_in_8_bit_words() -> None:
    """By the machine itself; in the transformer it is the same run, of some 15,000 tokens."""
    rng = np.random.default_rng(0)
    x, teacher = rng.integers(-1, 2, (64, 8)), rng.integers(-3, 4, 8)
    data = LinearData(x, np.where(x @ teacher >= 0, 1, -1))
    learned, expected = calculated(Perceptron(8), data, x[0]), perceptron(*data)
    assert learned.weights.tolist() == expected.tolist()
    paid = price(Perceptron(8), data, x[0])
    assert paid.program < 150 and paid.steps_per_example < 300
    # d + 3 symbols of a point, d + 2 of the query: each cell but the last is left, so typed.
    assert paid.data >= 64 * (8 + 3) + 8 + 2


def test_one_transformer_for_both_programs() -> None:
    """The same weights, compiled once: what is counted and what is answered is in the prompt."""
    setting = Setting.default(catalogue.find("sharma_2025"), Frame(32, 16, 5, Bounds(63, 63)))
    data, query = TextData(np.array([0, 2, 0, 0]), np.array([[1], [0], [3], [3]])), 0
    for program, answer in ((COUNTING, [0, 1, 0, 2]), (MAJORITY, 3)):
        words = program.words(data, query)
        trace, outcome = decoded(setting, Case(program.machine, words, (0,) * 5))
        assert outcome is Outcome.halted
        last = trace.last(initial(program.machine, words))
        assert np.array_equal(program.answer(last), answer)


def test_the_distribution_is_the_fraction_of_counts() -> None:
    assert distribution(np.array([2, 6])).tolist() == [0.25, 0.75]
    assert distribution(np.zeros(4, int)).tolist() == [0.25] * 4


TEXT = TextData(np.array([0, 1]), np.array([[1], [2]]))
LINE = LinearData(np.array([[1, 0], [-1, 1]]), np.array([1, -1]))


@pytest.mark.parametrize(
    ("program", "data", "query", "message"),
    [
        (COUNTING, TEXT, 3, "data: query 3; expected 0 … 2"),
        (COUNTING, TEXT, -1, "data: query -1; expected 0 … 2"),
        (COUNTING, TEXT._replace(tokens=np.array([[4], [0]])), 0, "data: token 4; expected 0 … 3"),
        (COUNTING, TEXT._replace(contexts=np.array([7, 0])), 0, "data: context 7; expected 0 … 2"),
        (MAJORITY, TextData(np.array([]), np.array([])), 0,
         "data: 0 contexts, 0 tokens; expected as many, 1 or more"),
        (PERCEPTRON, LINE._replace(x=LINE.x * 2), [1, 0],
         "data: x has an entry 2; expected [-1, 0, 1]"),
        (PERCEPTRON, LINE._replace(y=np.array([1, 0])), [1, 0],
         "data: y has an entry 0; expected [-1, 1]"),
        (PERCEPTRON, LINE, [1.0, np.nan], "data: query has an entry nan; expected [-1, 0, 1]"),
        (PERCEPTRON, LINE, [1, 0, 1],
         "data: x (2, 2), y (2,), query (3,); expected [n, d], [n] and [d], n and d 1 or more"),
        (Perceptron(2), LINE, [1, 0],
         "Perceptron: width=2 for sums up to 2·√2; expected 3 or more"),
    ],
)  # fmt: skip
def test_bad_data_is_named(program: LearningProgram, data: Any, query: Any, message: str) -> None:
    with pytest.raises(ValueError) as raised:
        calculated(program, data, query)
    assert str(raised.value) == message


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Counting(0, 3), "Counting: contexts=0, expected 1 or more"),
        (lambda: Majority(3, 0), "Majority: vocabulary=0, expected 1 or more"),
        (lambda: Perceptron(1), "Perceptron: width=1, expected 2 or more"),
        (lambda: price(COUNTING, TEXT, 0, construction="qiu_2024"),
         "qiu_2024: expected Turing machines, a token per step"),
        (lambda: elicited(COUNTING, TEXT, 0, max_steps=5),
         "Counting: out_of_steps after 5 steps; expected it to halt"),
    ],
)  # fmt: skip
def test_bad_sizes_are_named(make: Any, message: str) -> None:
    with pytest.raises(ValueError) as raised:
        make()
    assert str(raised.value) == message
