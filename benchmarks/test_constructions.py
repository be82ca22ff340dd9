"""Tokens a second of every construction, on the 4-state busy beaver or a program of its model.

    pytest benchmarks/test_constructions.py -n 0 --record

keeps them, with the day and the machine, beside the constructions: `tmsim compare` quotes that
file. `of_python` is the ratio to the steps a second of `tmsim.machines.run` taken beside it.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterator
from datetime import date
from time import perf_counter

import jax
import pytest

import tmsim
from tmsim import catalogue
from tmsim.machines import run
from tmsim.machines.models import listings
from tmsim.measure import findings
from tmsim.modelled import runs_turing_machines


@pytest.fixture(scope="module")
def python_steps_per_second() -> float:
    machine, steps, began = tmsim.load("bb5").machine, 1_000_000, perf_counter()
    run(machine, max_steps=steps)
    return steps / (perf_counter() - began)


@pytest.fixture(scope="module")
def measured(request: pytest.FixtureRequest) -> Iterator[dict[str, int]]:
    """Tokens a second by construction; kept at the end where asked for."""
    speeds: dict[str, int] = {}
    yield speeds
    if request.config.getoption("--record"):
        about = {"date": date.today().isoformat(), "jax": jax.__version__}
        about["machine"] = f"{platform.machine()}, {os.cpu_count()} cores, {jax.default_backend()}"
        path = findings.place(catalogue.names()[0]).parent / "speed.json"
        told = about | {"tokens_per_second": dict(sorted(speeds.items()))}
        path.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


@pytest.mark.parametrize("name", catalogue.names())
def test_tokens_per_second(
    benchmark, measured: dict[str, int], python_steps_per_second: float, name: str
) -> None:
    construction = catalogue.find(name)
    machine = "bb4"
    if not runs_turing_machines(construction):
        machine = listings.of_model(construction.model)[0]

    def decode() -> tmsim.Simulation:
        return tmsim.simulate(machine, construction=name, check=False)

    decode()  # compiles
    made = benchmark.pedantic(decode, rounds=3)
    speed = made.tokens / benchmark.stats.stats.min
    measured[name] = round(speed)
    benchmark.extra_info["tokens_per_second"] = round(speed)
    benchmark.extra_info["of_python"] = round(speed / python_steps_per_second, 5)
    assert made.tokens >= made.steps
