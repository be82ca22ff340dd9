"""Compiled code is kept between runs of the command; nothing that happens to it breaks a run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import warnings
from pathlib import Path

import jax
import pytest

import tmsim
from tmsim.cli import caching, main
from tmsim.compiling import CompileTimer
from tmsim.engine.assemble import assemble
from tmsim.proofs import Layer, Neuron, Program, Stream, Vector

RUN = [sys.executable, "-m", "tmsim", "run", "bb2", "--json"]


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """As in a process that has not loaded JAX; returns the directory that would be used."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(caching, "place", lambda: tmp_path / "tmsim" / "compiled")
    for name in (caching.DIRECTORY, *caching.EVERYTHING):
        monkeypatch.setenv(name, "unset at the end")
        monkeypatch.delenv(name)
    monkeypatch.delitem(sys.modules, "jax")
    with warnings.catch_warnings():
        yield tmp_path / "tmsim" / "compiled"


def test_the_directory_is_made_and_told_to_jax(alone: Path):
    assert caching.keep_compiled_code() == alone and alone.is_dir()
    assert os.environ[caching.DIRECTORY] == str(alone)


@pytest.mark.parametrize("own", ["/elsewhere", ""])
def test_what_the_user_says_stands(alone: Path, monkeypatch: pytest.MonkeyPatch, own: str):
    monkeypatch.setenv(caching.DIRECTORY, own)
    assert caching.keep_compiled_code() is None
    assert os.environ[caching.DIRECTORY] == own and not alone.exists()


def test_a_threshold_of_the_user_stands(alone: Path, monkeypatch: pytest.MonkeyPatch):
    name = next(iter(caching.EVERYTHING))
    monkeypatch.setenv(name, "2")
    assert caching.keep_compiled_code() == alone and os.environ[name] == "2"


def test_a_process_that_has_loaded_jax_is_left_as_it_is(
    alone: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(sys.modules, "jax", jax)
    assert caching.keep_compiled_code() is None and caching.DIRECTORY not in os.environ


def test_a_directory_that_cannot_be_made_is_done_without(
    alone: Path, monkeypatch: pytest.MonkeyPatch
):
    alone.parents[0].write_text("a file", encoding="utf-8")
    assert caching.keep_compiled_code() is None and caching.DIRECTORY not in os.environ


def test_a_directory_that_cannot_be_written_is_done_without(
    alone: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert caching.keep_compiled_code() is None and caching.DIRECTORY not in os.environ


def test_only_the_command_keeps_code(alone: Path):
    assert main(["--version"]) == 0
    assert not alone.exists() and caching.DIRECTORY not in os.environ


def ran(folder: Path) -> tuple[dict, int]:
    """What the command printed, and how many programs it fetched rather than compiled."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("JAX_")}
    environment |= {"XDG_CACHE_HOME": str(folder), "JAX_LOG_COMPILES": "1"}
    done = subprocess.run(RUN, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and "Warning" not in done.stderr
    return json.loads(done.stdout), done.stderr.count("Persistent compilation cache hit")


@pytest.mark.skipif(sys.platform != "linux", reason="the directory is told by XDG_CACHE_HOME")
def test_a_second_run_fetches_what_the_first_compiled_and_damage_is_compiled_anew(tmp_path: Path):
    told, fetched = ran(tmp_path)
    kept = sorted((tmp_path / "tmsim" / "compiled").glob("*-cache"))
    assert fetched == 0 and kept
    again, fetched = ran(tmp_path)
    assert fetched == len(kept) and again["trace_hash"] == told["trace_hash"]
    for entry in kept:
        entry.write_bytes(entry.read_bytes()[:-20])
    again, fetched = ran(tmp_path)
    assert fetched == 0 and again["trace_hash"] == told["trace_hash"]


def test_a_second_machine_of_the_same_frame_compiles_nothing():
    """Through the front door, from its name to its verdict."""
    tmsim.simulate("bb4", max_steps=90)
    tmsim.simulate("bb4", max_steps=90)
    with CompileTimer() as timer:
        run = tmsim.simulate("bb5", max_steps=90)
    assert run.matches_reference and timer.compilations == 0


def test_code_that_is_fetched_was_not_compiled():
    with CompileTimer() as timer:
        jax.monitoring.record_event_duration_secs("/jax/core/compile/backend_compile_duration", 1)
        jax.monitoring.record_event("/jax/compilation_cache/cache_hits")
    assert (timer.compilations, timer.seconds) == (0, 1)


def test_weights_are_placed_without_a_program():
    """One for each shape would be a third of a second before every small run."""
    stream = Stream()
    y, *xs = (stream.scalar(f"x{i}") for i in range(37))  # a shape that no other test has
    layer = Layer("sum", neurons=[Neuron(x, 1 * y) for x in xs])
    program = Program(stream, [layer], [], Vector(()), [], [y])
    with CompileTimer() as timer:
        assemble(program, {}, "float32")
    assert timer.compilations == 0
