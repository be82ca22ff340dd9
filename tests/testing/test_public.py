"""What `tmsim.testing` offers: every law and every model's strategy, and JAX only when asked."""

from __future__ import annotations

import pkgutil
import subprocess
import sys

import pytest
from hypothesis import find

from tmsim import testing
from tmsim.testing import laws, models, other_models


def test_every_law_is_offered_by_one_name():
    for law in (*laws.LAWS, laws.hypotheses):
        assert getattr(testing, f"check_{law.__name__}") is law
    assert testing.check is laws.check


def test_every_model_has_a_strategy_by_name():
    used = {module.name for module in pkgutil.iter_modules(models.__path__)}
    assert {name for name in used if not hasattr(other_models, name)} == set()
    public = {n for n in vars(other_models) if n in testing.__all__}
    assert len(public) == len(used)


@pytest.mark.parametrize("name", [n for n in testing.__all__ if hasattr(other_models, n)])
def test_a_models_machines_are_drawn(name):
    assert find(getattr(testing, name)(), lambda machine: True) is not None


def test_a_bound_that_nothing_meets_is_refused():
    with pytest.raises(ValueError, match=r"^max_counters=0; expected 1 or more$"):
        testing.counter_machines(max_counters=0)


def test_an_unknown_name_is_told():
    with pytest.raises(AttributeError, match="has no attribute 'check_everything'"):
        getattr(testing, "check_" + "everything")


def test_strategies_load_no_arrays():
    told = (
        "import sys; from tmsim.testing import turing_machines, programs, tapes;"
        " print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, timeout=60)
    loaded = done.stdout.split()
    assert "tmsim.testing.strategies" in loaded and "jax" not in loaded, done.stderr
