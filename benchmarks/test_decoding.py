"""How fast the 5-state busy beaver is decoded, and does the time a token grow with the run?

Each figure stands beside its ratio to the yardsticks: the XLA loop, the plain Python reference, and
dense attention without memories (see `yardsticks.py`).
"""

from __future__ import annotations

import pytest

import tmsim

SIZES = [10_000, 100_000, 1_000_000, 10_000_000]


@pytest.mark.parametrize("steps", SIZES)
def test_growth_of_decoding(benchmark, tell, steps: int) -> None:
    def decode() -> tmsim.Simulation:
        return tmsim.simulate("bb5", max_steps=steps, check=False, keep=0)

    if steps == SIZES[0]:
        decode()  # a small run's time is that of compiling
    run = benchmark.pedantic(decode, rounds=1 if steps > 10**6 else 3)
    # The loop is compiled for each number of steps anew; a long run's seconds leave that out.
    tell("decode", steps, run.seconds - run.compile_seconds)
    assert run.steps == steps


@pytest.mark.parametrize("rows", SIZES[1:])
def test_verifying(benchmark, tell, rows: int) -> None:
    """The reference's rows are drafted, and the transformer checks them in blocks."""

    def verify() -> tmsim.Simulation:
        return tmsim.simulate("bb5", max_steps=rows, engine="verify", keep=0)

    run = benchmark.pedantic(verify, rounds=1)
    tell("verify", rows, run.seconds - run.compile_seconds)
    assert run.matches_reference
