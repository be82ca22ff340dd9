"""Examples that need an extra are left out where it is not installed; tests/extras runs them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.util import find_spec

import pytest

collect_ignore = []
if not (find_spec("matplotlib") and find_spec("treescope")):
    collect_ignore += ["tmsim/viz/plots", "docs/pages/plots.md"]


@pytest.fixture(autouse=True)
def _figures_are_closed() -> Iterator[None]:
    """matplotlib keeps every figure until it is closed, and warns when they are many."""
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")
