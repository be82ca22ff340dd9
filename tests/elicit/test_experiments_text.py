"""T1 to T5 can fail, and what they ask the model is what it answers."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tmsim.elicit import sources
from tmsim.elicit.experiments import _counting as counting
from tmsim.elicit.experiments import find
from tmsim.elicit.tasks.text import TextTask


@pytest.mark.parametrize("name", ["t1", "t2", "t3", "t4", "t5"])
def test_a_model_that_guesses_is_not_met(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def guess(prompts, V: int, m: int) -> np.ndarray:
        del m
        return np.random.default_rng(0).dirichlet(np.ones(V), len(prompts))

    monkeypatch.setattr(counting, "weights", guess)
    found = find(name).run(quick=True)
    assert (found.passed, found.verdict) == (False, "not met")


def empirical(prompts: counting.Prompts) -> np.ndarray:
    """Shares of the tokens after each context, by counting; uniform where there are none."""
    symbols, V, m = prompts
    answer = np.full((len(symbols), m, V), 1 / V)
    for trial, row in enumerate(symbols):
        pairs = row[row >= 0].reshape(-1, 2)
        for context in range(m):
            tokens = pairs[pairs[:, 0] == V + context, 1]
            if len(tokens):
                answer[trial, context] = np.bincount(tokens, minlength=V) / len(tokens)
    return answer


@settings(max_examples=5)
@given(st.integers(0, 99), st.booleans(), st.integers(1, 9))
def test_the_models_answers_are_the_shares_in_its_prompt(seed: int, even: bool, n: int) -> None:
    task = TextTask.zipf(np.tile(sources.zipf(5), (3, 1)), 2.0)
    draw = counting.balanced if even else counting.arriving
    prompts = draw(jax.random.key(seed), task, n, 4)
    assert prompts.symbols.shape == (4, 6 * n if even else 2 * n)
    found = counting.answers(prompts)
    assert found == pytest.approx(empirical(prompts), abs=1e-6)
    assert (found == counting.answers(prompts.to_length(32))).all()
