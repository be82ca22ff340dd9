"""A run that was killed goes on as if nothing had been."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest

import tmsim
from tmsim import catalogue, checkpoint, resuming
from tmsim.choices import Choices
from tmsim.proofs import Bounds
from tmsim.simulation import Simulation

STEPS = 60_000
KILLED = """
import os, random, signal, sys, threading
import tmsim
folder, steps, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
begun = []
def die(chunk):
    if not begun:
        begun.append(1)
        delay = random.Random(seed).uniform(0, 0.05)
        threading.Timer(delay, os.kill, (os.getpid(), 9)).start()
run = tmsim.simulate(
    "bb5", max_steps=steps, keep=100, checkpoint=folder, every=1, watch=die if seed else None
)
print(run.trace_hash, run.matches_reference)
"""


class Killed(Exception):
    pass


def killed(folder: Path, after: int, **options: Any) -> None:
    """Begin the run, and leave it after so many blocks."""
    seen = []

    def watch(chunk: object) -> None:
        seen.append(chunk)
        if len(seen) == after:
            raise Killed

    with pytest.raises(Killed):
        tmsim.simulate(checkpoint=folder, every=1, watch=watch, **options)


def same(ours: Simulation, theirs: Simulation) -> bool:
    timed = ("seconds", "compile_seconds", "tokens_per_second")
    told = [{k: v for k, v in run.as_json().items() if k not in timed} for run in (ours, theirs)]
    ends = [(run.hashes, run.final, run.disagreement) for run in (ours, theirs)]
    return told[0] == told[1] and ends[0] == ends[1]


CASES = [
    {"machine": "bb5", "max_steps": 9000, "keep": 50},
    {"machine": "sweeper", "max_steps": 700, "memory": "scan", "dtype": "bfloat16"},
    {"machine": "bb4", "construction": "looped_tape"},
    {"machine": "sweeper", "max_steps": 700, "construction": "pencil_2025"},
]


@pytest.mark.parametrize("options", CASES, ids=lambda o: " ".join(map(str, o.values())))
def test_a_run_that_goes_on_is_the_run(options: dict[str, Any], tmp_path, monkeypatch) -> None:
    # A context that is rewritten comes in blocks by the clock: here at each of its segments.
    monkeypatch.setattr("tmsim.engine.contexts.SECONDS_PER_BLOCK", 0.0)
    whole = tmsim.simulate(**options)
    killed(tmp_path, 2, **options)
    saved = checkpoint.read(tmp_path)
    assert saved is not None and saved[0]["finished"] is None and saved[0]["tokens"] > 0
    chunks: list[Any] = []
    made = tmsim.simulate(checkpoint=tmp_path, every=10**9, watch=chunks.append, **options)
    assert same(made, whole)
    assert chunks[0].first > 1 and chunks[0].before is not None
    assert [chunk.before for chunk in chunks[1:]] == [None] * (len(chunks) - 1)
    chunks.clear()
    again = tmsim.simulate(checkpoint=tmp_path, watch=chunks.append, **options)
    assert same(again, whole) and not chunks, "a finished run is not made again"


def test_a_wrong_run_stays_wrong(tmp_path) -> None:
    options: dict[str, Any] = {"machine": "bb4", "rule": "leftmost"}
    whole = tmsim.simulate(**options)
    assert whole.matches_reference is False
    killed(tmp_path, 2, **options)
    saved = checkpoint.read(tmp_path)
    assert saved is not None and saved[0]["wrong"] == whole.disagreement
    assert same(tmsim.simulate(checkpoint=tmp_path, **options), whole)


@pytest.fixture(scope="module")
def begun(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("begun")
    killed(folder, 2, machine="bb4", construction="tzamos_2026", max_steps=1000)
    return folder


@pytest.mark.parametrize(
    ("item", "other"),
    [
        ("machine", {"machine": "bb3"}),
        ("tape", {"tape": "11"}),
        ("head", {"head": 3}),
        ("construction", {"construction": "looped_tape"}),
        ("dtype", {"dtype": "float32"}),
        ("rule", {"rule": "leftmost"}),
        ("memory", {"memory": "scan"}),
        ("max_steps", {"max_steps": 999}),
        ("cells", {"cells": 50}),
        ("check", {"check": False}),
        ("keep", {"keep": 5}),
    ],
)
def test_another_runs_checkpoint_is_refused(begun, item: str, other: dict[str, Any]) -> None:
    options: dict[str, Any] = {"machine": "bb4", "max_steps": 1000} | other
    with pytest.raises(ValueError, match=f"of another run: {item} is ") as told:
        tmsim.simulate(checkpoint=begun, **options)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("name", ["__version__", "digest"])
def test_another_version_or_text_is_refused(begun, name: str, monkeypatch) -> None:
    item = {"__version__": "version", "digest": "weights"}[name]
    other = "0.0.0" if name == "__version__" else lambda weights: "0" * 64
    monkeypatch.setattr(resuming, name, other)
    with pytest.raises(ValueError, match=f"{item} is .*, expected 0.0"):
        tmsim.simulate("bb4", max_steps=1000, checkpoint=begun)


def test_every_weight_makes_the_digest() -> None:
    [weights] = _weights("bb2")
    again, other = _weights("bb2", "bb3")
    assert resuming.digest(weights) == resuming.digest(again) != resuming.digest(other)
    leaves, tree = jax.tree.flatten(weights)
    for i, leaf in enumerate(leaves):
        if np.size(leaf):
            damaged = np.array(leaf)
            damaged.flat[-1] = 1 - damaged.flat[-1]
            changed = jax.tree.unflatten(tree, [*leaves[:i], damaged, *leaves[i + 1 :]])
            assert resuming.digest(changed) != resuming.digest(weights)


def _weights(*names: str) -> list[Any]:
    choices = Choices(
        construction=catalogue.find("tzamos_2026"), name="tzamos_2026", max_steps=9,
        check=True, dtype="float64", rule=None, memory="auto", cells=None,
    )  # fmt: skip
    with jax.enable_x64(True):
        machines = (tmsim.load(name).machine for name in names)
        return [choices.assembled(m, ((),), (0,), Bounds(14, 14)).weights for m in machines]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"every": 10}, "there is no checkpoint"),
        ({"every": 0, "checkpoint": "x"}, "expected 1 or more"),
        ({"keep": -1}, "keep is -1"),
        ({"checkpoint": "x", "engine": "verify"}, "expected engine auto or decode"),
        ({"checkpoint": "x", "construction": "schuurmans_2024"}, "runs a translation"),
        ({"checkpoint": "x", "machine": "subleq/factorial"}, "has no such choice"),
    ],
)
def test_what_cannot_be_saved_is_said(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        tmsim.simulate(**{"machine": "bb2", **options})
    assert not Path("x").exists()


def test_a_killed_process_loses_nothing(tmp_path) -> None:
    def process(seed: int) -> subprocess.CompletedProcess[str]:
        argv = [sys.executable, "-c", KILLED, str(tmp_path), str(STEPS), str(seed)]
        return subprocess.run(argv, capture_output=True, text=True, timeout=120)

    for seed in random.Random(7).sample(range(1, 1000), 2):
        ended = process(seed)
        assert ended.returncode == -signal.SIGKILL, (ended.returncode, ended.stderr)
        saved = checkpoint.read(tmp_path)
        assert saved is None or saved[0]["finished"] is None, "what is there is whole"
    whole = tmsim.simulate("bb5", max_steps=STEPS)
    assert process(0).stdout.split() == [whole.trace_hash, "True"]


def test_the_command_refuses_a_damaged_checkpoint(tmp_path, capsys) -> None:
    from tmsim.cli import main

    argv = ["run", "bb2", "--json", "--checkpoint", str(tmp_path)]
    assert main(argv) == 0
    first = json.loads(capsys.readouterr().out)
    assert main(argv) == 0
    assert json.loads(capsys.readouterr().out) == first
    assert main(["run", "bb2", "--checkpoint", str(tmp_path)]) == 0
    assert "matches the reference: 6 steps" in capsys.readouterr().out
    path = tmp_path / checkpoint.NAME
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    assert main(argv) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1) and "damaged" in err
    assert os.listdir(tmp_path) == [checkpoint.NAME]
