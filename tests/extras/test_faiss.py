"""The nearest examples, by faiss where there are many."""

from __future__ import annotations

import numpy as np

from tmsim.elicit.prompts import Retrieve


def test_many_examples_are_searched_through_a_graph() -> None:
    x = np.random.default_rng(0).standard_normal((2000, 4))
    exact, near = (set(Retrieve(20, above).indices(x, x[7]).tolist()) for above in (None, 1999))
    assert 7 in near
    assert len(exact & near) >= 18
    assert Retrieve(20, 2000).indices(x, x[7]).tolist() == sorted(exact), "not above: exact"
