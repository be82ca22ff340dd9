"""Sources: distributions, by the law that names them."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmsim.elicit import sources
from tmsim.elicit.distance import total_variation

vocabularies = st.integers(1, 300)


@given(vocabularies, st.floats(0.1, 4), st.integers(0, 1000))
def test_a_source_is_a_distribution(V: int, parameter: float, seed: int) -> None:
    key = jax.random.key(seed)
    for p in (
        sources.uniform(V),
        sources.zipf(V, parameter),
        sources.dirichlet(key, V, parameter),
    ):
        assert p.shape == (V,) and p.dtype == np.float64
        assert (p >= 0).all() and p.sum() == pytest.approx(1, abs=1e-12)


@given(st.integers(2, 100), st.floats(0.1, 3))
def test_zipf_falls_as_its_power(V: int, exponent: float) -> None:
    p = sources.zipf(V, exponent)
    assert p[0] / p[-1] == pytest.approx(V**exponent)
    assert (np.diff(p) < 0).all()


def test_a_dirichlet_draw_follows_its_key_and_concentrates() -> None:
    key = jax.random.key(3)
    assert (sources.dirichlet(key, 9) == sources.dirichlet(key, 9)).all()
    assert (sources.dirichlet(key, 9) != sources.dirichlet(jax.random.key(4), 9)).any()
    far, near = (
        np.mean([
            total_variation(sources.dirichlet(k, 9, a), sources.uniform(9))
            for k in jax.random.split(key, 50)
        ])
        for a in (0.1, 100.0)
    )  # fmt: skip
    assert far > 0.5 > 0.1 > near


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: sources.uniform(0), "vocabulary is 0"),
        (lambda: sources.uniform(True), "vocabulary is True"),
        (lambda: sources.zipf(3, float("nan")), "exponent is nan"),
        (lambda: sources.dirichlet(jax.random.key(0), 3, 0), "concentration is 0"),
    ],
)
def test_bad_input_is_named(make, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make()
