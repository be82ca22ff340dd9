"""The StableHLO artifact: a process without tmsim makes the same tokens from it."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import jax
import numpy as np
import pytest
from jax import export

import tmsim
from tmsim.engine.queue import begun
from tmsim.export.hlo import exported, waiting, write
from tmsim.export.rebuilding import decoded, rebuilt
from tmsim.outcome import Outcome


def helper() -> ModuleType:
    """running.py, which the tests of the extras use too."""
    spec = importlib.util.spec_from_file_location("running", Path(__file__).parent / "running.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


running = helper()
RUNS = [
    ("bb4", "tzamos_2026", "float64"),  # token feedback, tables
    ("bb2", "wei_2021", "bfloat16"),  # vector feedback, an encoder, full caches, a narrow format
    ("bb3", "looped_tape", "float32"),  # a loop
    ("bb2", "schuurmans_2024", "float32"),  # a queue
]


@pytest.mark.parametrize("machine, construction, dtype", RUNS)
def test_a_process_without_tmsim_makes_the_same_tokens(
    tmp_path: Path, machine: str, construction: str, dtype: str
):
    run = tmsim.simulate(machine, construction=construction, dtype=dtype)
    assert run.matches_reference
    write(run, tmp_path)
    made = rebuilt(run)
    expected, outcome = decoded(made.weights, made.memories, made.rows, made.encoder, made.limit)
    assert running.tokens(running.printed(tmp_path)) == (expected.tolist(), str(outcome))
    assert len(expected) == run.tokens and outcome is Outcome.halted


def test_the_process_cannot_import_tmsim(tmp_path: Path):
    (tmp_path / "README.md").write_text("```python\nimport tmsim\n```\n", encoding="utf-8")
    with pytest.raises(AssertionError, match="import of tmsim halted"):
        running.printed(tmp_path)


def test_another_prompt_of_another_length_runs_in_the_same_artifact():
    runs = [tmsim.simulate("palindrome", word, max_steps=40) for word in ("abba", "abb")]
    with jax.enable_x64(True):
        made, other = map(rebuilt, runs)
        assert made.weights.d_model == other.weights.d_model
        artifact = export.deserialize(bytearray(exported(made, ("cpu",)).serialize()))
        told, count, code = artifact.call(other.rows)
    expected, outcome = decoded(
        other.weights, other.memories, other.rows, other.encoder, other.limit
    )
    assert len(made.rows) != len(other.rows) and int(count) == len(expected)
    assert np.array_equal(np.asarray(told)[: int(count)], expected)
    assert tuple(Outcome)[int(code)] is outcome


def test_a_queue_is_begun_as_the_engine_begins_it():
    made = rebuilt(tmsim.simulate("bb2", construction="schuurmans_2024"))
    t, symbols = made.weights, [2, 3, 1, 3, 2, 2, 1]
    rows = np.zeros((len(symbols), t.d_model))
    [target] = {target for _, target in t.carry}
    rows[np.arange(len(symbols)), target.start + np.array(symbols)] = 1
    theirs, mine = begun(t, rows), waiting(t, jax.numpy.asarray(rows))
    assert np.array_equal(theirs.symbols, mine.symbols) and theirs.end == mine.end == 7


def test_a_run_of_so_many_rows_ends_out_of_steps():
    with jax.enable_x64(True):
        made = rebuilt(tmsim.simulate("sweeper", max_steps=9))
        told, count, code = exported(made, ("cpu",)).call(made.rows)
    assert (int(count), len(told)) == (9, 9)
    assert tuple(Outcome)[int(code)] is Outcome.out_of_steps


def test_a_context_that_is_rewritten_is_refused(tmp_path: Path):
    run = tmsim.simulate("bb2", construction="pencil_2025")
    with pytest.raises(ValueError, match="stablehlo: Reduce rewrites the context"):
        write(run, tmp_path)
    assert not list(tmp_path.iterdir())
