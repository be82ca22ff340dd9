"""How much memory a run takes at its peak, in a process of its own, and how long it is from start.

The peak is the largest resident set that the system has counted.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from time import perf_counter

import pytest

# Not `ru_maxrss`, which counts what the parent had when it forked.
PROGRAM = """
import sys, tmsim
run = tmsim.simulate("bb5", max_steps=int(sys.argv[1]))
assert run.matches_reference
with open("/proc/self/status") as status:
    print(*(line.split()[1] for line in status if line.startswith("VmHWM")))
"""
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


@pytest.mark.skipif(sys.platform != "linux", reason="/proc/self/status tells the peak")
@pytest.mark.parametrize("steps", [10_000, 1_000_000, 10_000_000])
def test_peak_of_a_checked_run(benchmark, steps: int) -> None:
    def peak() -> int:
        argv = [sys.executable, "-c", PROGRAM, str(steps)]
        return int(subprocess.run(argv, capture_output=True, text=True, check=True).stdout)

    kib = benchmark.pedantic(peak, rounds=1)
    benchmark.extra_info.update(kind="memory", rows=steps, peak_mib=round(kib / 1024))
    assert kib > 0


@pytest.mark.parametrize("when", ["cold", "warm"])
def test_start(benchmark, tmp_path: Path, when: str) -> None:
    """`tmsim run bb4` from the shell, without and with compiled code from an earlier run."""
    environment = ENVIRONMENT | {"XDG_CACHE_HOME": str(tmp_path)}
    argv = [sys.executable, "-m", "tmsim", "run", "bb4", "--json"]

    def run() -> float:
        began = perf_counter()
        made = subprocess.run(argv, env=environment, capture_output=True, text=True, check=True)
        assert json.loads(made.stdout)["matches_reference"]
        return perf_counter() - began

    if when == "warm":
        run()
    seconds = benchmark.pedantic(run, rounds=1 if when == "cold" else 3)
    benchmark.extra_info.update(kind="start", rows=107, when=when, seconds=round(seconds, 2))


@pytest.mark.parametrize("argv", [["list"], ["--help"]], ids=str)
def test_what_runs_nothing(benchmark, argv: list[str]) -> None:
    def run() -> None:
        command = [sys.executable, "-m", "tmsim", *argv]
        subprocess.run(command, env=ENVIRONMENT, capture_output=True, check=True)

    benchmark.pedantic(run, rounds=5)
    least = round(benchmark.stats.stats.min, 2)
    benchmark.extra_info.update(kind="start", rows=0, when=f"tmsim {argv[0]}", seconds=least)
