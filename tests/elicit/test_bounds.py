"""The bounds: each is a law of its arguments, and each is where it must be beside the others."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from math import ceil, inf, log, pi, sqrt

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tmsim.elicit import distance, sources
from tmsim.elicit.bounds import claims, linear, simulated, table, text, text_lower, verdicts

units = st.floats(0.02, 0.9)
vocabularies, contexts = st.integers(2, 60), st.integers(1, 50)

# Sizes of (V, m, ε, δ).
OF_TEXT: list[Callable[[int, int, float, float], float]] = [
    claims.text,
    text.bretagnolle_huber_carol,
    text.mcdiarmid,
    text_lower.minimax,
    lambda V, m, e, d: text.of_texts(V, m, 3, e, d),
    lambda V, m, e, d: text.gaussian(sources.uniform(V), m, e, min(d, 0.5)),
]


@pytest.mark.parametrize("size", OF_TEXT)
@settings(max_examples=25)
@given(vocabularies, contexts, units, units)
def test_sizes_of_text_are_monotone(size, V: int, m: int, eps: float, delta: float) -> None:
    n = size(V, m, eps, delta)
    # A lower bound by a bisection to 1 % may fall by as much.
    assert 0 <= n < inf
    assert size(2 * V, m, eps, delta) >= 0.99 * n
    assert size(V, m + 1, eps, delta) >= 0.99 * n
    assert size(V, m, eps / 2, delta) >= 0.99 * n
    assert size(V, m, eps, delta / 2) >= 0.99 * n


@given(vocabularies, contexts, units, units)
def test_what_is_necessary_is_below_what_is_sufficient(
    V: int, m: int, eps: float, delta: float
) -> None:
    sizes = text.bretagnolle_huber_carol(V, m, eps, delta), text.mcdiarmid(V, m, eps, delta)
    assert text_lower.minimax(V, m, eps, delta) <= min(map(ceil, sizes)) + m


@given(vocabularies, contexts, units, units)
def test_the_union_bound_is_spent_exactly(V: int, m: int, eps: float, delta: float) -> None:
    n = text.bretagnolle_huber_carol(V, m, eps, delta) / m
    assert log(m) + V * log(2) - 2 * n * eps**2 == pytest.approx(log(delta))
    n = text.mcdiarmid(V, m, eps, delta) / m
    above = eps - sqrt((V - 1) / n) / 2  # what is left for McDiarmid's inequality
    assert log(m) - 2 * n * above**2 == pytest.approx(log(delta))


def brute_expected(p: np.ndarray, n: int) -> float:
    """E[TV] over all counts, with the multinomial's probabilities."""
    from scipy import stats

    every = [k for k in product(range(n + 1), repeat=len(p)) if sum(k) == n]
    tv = np.abs(np.array(every) / n - p).sum(1) / 2
    return float(tv @ stats.multinomial.pmf(every, n, p))


@given(st.lists(st.integers(0, 6), min_size=1, max_size=4).filter(any), st.integers(1, 6))
def test_de_moivres_formula_is_the_sum_over_all_counts(weights: list[int], n: int) -> None:
    p = np.array(weights) / sum(weights)
    assert distance.expected_total_variation(p, n) == pytest.approx(brute_expected(p, n), abs=1e-12)


@given(st.integers(2, 2000), st.data())
def test_few_examples_of_a_uniform_source_are_missed_exactly(V: int, data: st.DataObject) -> None:
    n = data.draw(st.integers(1, V))
    found = distance.expected_total_variation(sources.uniform(V), n)
    assert found == pytest.approx((1 - 1 / V) ** n, rel=1e-8)


@pytest.mark.parametrize(
    ("V", "n", "simulated_value", "limit"),
    [(50, 1000, 0.0874, 0.0883), (50, 10_000, 0.0278, 0.0279), (1000, 10_000, 0.1250, 0.1261)],
)
def test_the_limit_of_a_uniform_source(V, n, simulated_value, limit) -> None:
    mean, _ = text.limit_moments(sources.uniform(V))
    assert mean / sqrt(n) == pytest.approx(sqrt((V - 1) / (2 * pi * n)))
    assert mean / sqrt(n) == pytest.approx(limit, abs=1e-4)
    assert distance.expected_total_variation(sources.uniform(V), n) == pytest.approx(
        simulated_value, rel=0.01
    )


@given(st.lists(st.integers(1, 5), min_size=1, max_size=5))
@settings(max_examples=10)
def test_the_limit_has_the_moments_of_gaussian_vectors(weights: list[int]) -> None:
    p = np.array(weights) / sum(weights)
    root = np.diag(np.sqrt(p)) - np.outer(p, np.sqrt(p))  # root @ root.T = diag(p) − p pᵀ
    G = np.random.default_rng(len(p)).standard_normal((100_000, len(p))) @ root.T
    drawn = np.abs(G).sum(1) / 2
    mean, deviation = text.limit_moments(p)
    assert drawn.mean() == pytest.approx(mean, rel=0.02, abs=1e-9)
    assert drawn.std() == pytest.approx(deviation, rel=0.03, abs=1e-7)


@given(st.integers(2, 200), st.integers(1, 2000))
def test_the_mean_is_between_bayes_risk_and_cauchy_schwarz(V: int, n: int) -> None:
    p = sources.uniform(V)
    mean = distance.expected_total_variation(p, n)
    assert mean <= min(1, sqrt((V - 1) / n) / 2) + 1e-12
    # Counting is a learner, so its worst mean, here over a few sources, is above every Bayes risk.
    worst = max(
        mean, *(distance.expected_total_variation(sources.zipf(V, a), n) for a in (0.2, 0.5))
    )
    for a in (1.0, 4.0):
        assert text_lower.bayes_risk(V, n, a) <= max(worst, sqrt((V - 1) / (2 * pi * n)) * 1.01)


@given(st.integers(2, 12), st.integers(0, 60), st.floats(0.3, 8))
@settings(max_examples=10)
def test_bayes_risk_is_what_the_medians_miss(V: int, n: int, a: float) -> None:
    from scipy import special

    rng = np.random.default_rng(V * 1000 + n)
    p = rng.dirichlet([a] * V, 4000)
    K = np.array([rng.multinomial(n, each) for each in p])
    medians = special.betaincinv(a + K, (V - 1) * a + n - K, 0.5)
    found = np.abs(p - medians).sum(1) / 2
    error = 5 * found.std() / sqrt(len(found)) + 1e-9
    assert text_lower.bayes_risk(V, n, a) == pytest.approx(found.mean(), abs=error)


def test_the_two_claims_at_the_published_sizes() -> None:
    sizes = [2, 16, 64, 256, 1024]
    told = [round(claims.text(V, 1, 0.1, 0.05)) for V in sizes]
    assert told == [599, 4793, 19_173, 76_691, 306_763]
    told = [round(claims.text_of_fixed_length(V, 1, 0.1, 0.05)) for V in sizes]
    assert told == [208, 831, 1246, 1661, 2076]
    told = [round(text.bretagnolle_huber_carol(V, 1, 0.1, 0.05)) for V in sizes]
    assert told == [219, 704, 2368, 9022, 35_639]


@pytest.mark.parametrize(
    ("V", "needed"), [(2, 88), (16, 400), (64, 1358), (256, 4730), (1024, 17_578)]
)
def test_measured_sizes_are_between_the_bounds(V: int, needed: int) -> None:
    p = sources.uniform(V)
    found = simulated.text(jax.random.key(V), p, 0.1, 0.05)
    assert found.interval.low <= found.n <= found.interval.high
    assert found.n == pytest.approx(needed, rel=0.1)
    assert text_lower.minimax(V, 1, 0.1, 0.05) <= found.interval.low
    assert found.interval.high <= text.bretagnolle_huber_carol(V, 1, 0.1, 0.05)
    assert found.n == pytest.approx(text.gaussian(p, 1, 0.1, 0.05), rel=0.15)


def test_at_the_claimed_l_log_V_the_distance_is_large_and_grows_with_V() -> None:
    known = {16: 0.051, 128: 0.117, 1024: 0.271, 8192: 0.719}
    for V, measured in known.items():
        n = round(claims.text_of_fixed_length(V, 1, 0.1, 0.05))
        mean = distance.expected_total_variation(sources.uniform(V), n)
        assert mean == pytest.approx(measured, abs=0.005)


def test_a_prompt_of_any_kind_needs_the_entropy_of_the_simplex() -> None:
    # One parameter, V = 2: intervals of length 2ε cover [0, 1].
    assert text_lower.prompt_tokens(2, 1, 1 / 16) == pytest.approx(3)
    assert text_lower.prompt_tokens(2, 5, 1 / 16) == pytest.approx(15)
    # The difference body of a triangle is a hexagon of six times its area.
    known = (2 * log(20) - log(6)) / log(3)
    assert text_lower.prompt_tokens(3, 1, 0.05) == pytest.approx(known)
    assert text_lower.prompt_tokens(2, 1, 0.6) == 0


def test_the_verdicts_of_both_tasks() -> None:
    told = verdicts.text(64, 1, 1, 0.1, 0.05, 1360) + verdicts.text(4, 2, 3, 0.1, 0.05, 10_000)
    assert [v.verdict for v in told] == [
        "loose by a factor 14.1",
        *["false for every constant"] * 3,
    ]
    assert verdicts.text(2, 1, 1, 0.1, 0.05, 500.0)[0].verdict == "tight"
    told = verdicts.half_space(20, 0.1, 0.05, needed=145.0)
    assert [v.verdict for v in told] == ["tight", "tight", *["false for every constant"] * 4]
    assert verdicts.compared("c", "s", 10, 50, "…").verdict == "too small by a factor 5"


@pytest.mark.parametrize(("eps", "delta"), [(0.001, 0.001), (0.9, 0.9), (0.5, 0.01), (0.02, 0.5)])
def test_extreme_sizes_have_tables_and_verdicts(eps: float, delta: float) -> None:
    rows = table.text(8, 3, 2, eps, delta, trials=None) + table.linear(5, eps, delta, trials=None)
    assert all(row.n is None or 0 <= row.n < inf for row in rows)
    assert verdicts.text(8, 3, 1, eps, delta, 1.0) and verdicts.half_space(5, eps, delta)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: claims.text(0, 1, 0.1, 0.1), "vocabulary is 0"),
        (lambda: claims.text(2, 1, 0.1, 0.1, constant=0), "constant is 0"),
        (lambda: text.mcdiarmid(2, 0, 0.1, 0.1), "contexts is 0"),
        (lambda: text.bretagnolle_huber_carol(2, 1, 1.0, 0.1), "epsilon is 1"),
        (lambda: distance.expected_total_variation([0.5, 0.5], 0), "n is 0"),
        (lambda: distance.expected_total_variation([0.5, float("nan")], 1), "entry nan"),
        (lambda: text_lower.minimax(2, 1, 0.1, 0.0), "delta is 0"),
        (lambda: linear.consistent(0, 0.1, 0.1), "dimension is 0"),
        (lambda: linear.hebb_error(2, 0), "n is 0"),
        (lambda: simulated.text(jax.random.key(0), [[1.0]], 0.1, 0.05, 10), "trials is 10"),
        (lambda: simulated.linear(jax.random.key(0), "svm", 2, 0.1, 0.05), "learner is 'svm'"),
        (lambda: table.text(4, 1, 1, 0.1, 0.05, source="english"), "source is 'english'"),
    ],
)  # fmt: skip
def test_bad_input_is_named(make, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make()
