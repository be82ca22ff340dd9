"""How many steps a second many machines make together, and how long all of two states take.

    pytest benchmarks/test_batches.py -n 0

On a CPU, `XLA_FLAGS=--xla_force_host_platform_device_count=N` makes N devices of its cores, and the
machines are shared among them; on a GPU or TPU they go side by side on all there are. Each figure
is beside the steps a second of plain Python (`of_python`) taken in the same minute.
"""

from __future__ import annotations

import random
from itertools import product
from time import perf_counter

import jax
import numpy as np
import pytest
from jax.sharding import Mesh

from tmsim.batch import Batch, simulate_many
from tmsim.machines import TuringMachine, load, run

STEPS_IN_PYTHON = 1_000_000
READ = tuple(product("AB", "01"))


def machine(actions: tuple) -> TuringMachine:
    """A machine of two states and two symbols, by its four transitions."""
    return TuringMachine.one_tape(
        dict(zip(READ, actions, strict=True)), start="A", blank="0", states="ABZ", symbols="01",
        halting="Z",
    )  # fmt: skip


@pytest.fixture(scope="module")
def python_steps_per_second() -> float:
    bb5, began = load("bb5").machine, perf_counter()
    run(bb5, max_steps=STEPS_IN_PYTHON)
    return STEPS_IN_PYTHON / (perf_counter() - began)


@pytest.fixture(scope="module")
def mesh() -> Mesh:
    return Mesh(np.array(jax.devices()), ("machines",))


@pytest.mark.parametrize("steps", [1_000, 10_000])
def test_1024_machines_that_run_on(benchmark, python_steps_per_second, mesh, steps: int) -> None:
    draw = random.Random(0)
    going = list(product("AB", "01", "LR"))
    machines = [machine(tuple(draw.choices(going, k=4))) for _ in range(1024)]

    def decode() -> Batch:
        return simulate_many(machines, max_steps=steps, mesh=mesh)

    decode()  # compiles
    found = benchmark.pedantic(decode, rounds=3)
    speed = int(found.steps.sum()) / benchmark.stats.stats.min
    benchmark.extra_info["steps_per_second"] = round(speed)
    benchmark.extra_info["of_python"] = round(speed / python_steps_per_second, 3)
    benchmark.extra_info["devices"] = mesh.size
    assert found.matches_reference


def test_every_machine_of_two_states_to_100_steps(benchmark, mesh) -> None:
    """With the compilation: the figure is the seconds of the one round."""
    actions = list(product("ABZ", "01", "LR"))
    machines = [machine(chosen) for chosen in product(actions, repeat=4)]
    found = benchmark.pedantic(
        lambda: simulate_many(machines, max_steps=100, mesh=mesh), rounds=1, warmup_rounds=0
    )
    benchmark.extra_info["machines"] = len(machines)
    assert found.matches_reference
