"""Many machines at once: each run is the machine's, and what is not its own is told."""

from __future__ import annotations

import itertools
import json
import socket
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.laws.planted import WrongMoves
from tmsim.batch import simulate_many
from tmsim.compiling import CompileTimer
from tmsim.machines import TuringMachine, load, run
from tmsim.outcome import Outcome
from tmsim.testing import tapes, turing_machines, walkers

TOGETHER = 6
LARGEST = load("1RB2LA1RZ_0LC1RA2RB_1RC2LB0RA").machine
"""Three states and the halting one, three symbols: its frame holds all that are drawn."""

machines = turing_machines(max_states=3, max_symbols=3) | walkers(max_states=4, max_symbols=3)
cases = st.lists(
    machines.flatmap(lambda m: st.tuples(st.just(m), tapes(m, max_length=3))),
    min_size=TOGETHER, max_size=TOGETHER,
)  # fmt: skip


@settings(max_examples=25)
@given(cases)
def test_each_run_is_the_machines(drawn):
    own, words = [LARGEST, *(m for m, _ in drawn)], [("111",), *(w for _, w in drawn)]
    found = simulate_many(own, words, max_steps=40)
    assert found.matches_reference
    for i, (machine, word) in enumerate(zip(own, words, strict=True)):
        wanted = run(machine, word, max_steps=40)
        last = wanted.configuration
        assert (found.outcomes[i], found.steps[i]) == (wanted.outcome, wanted.steps)
        assert machine.states[found.states[i]] == last.state
        assert tuple(found.heads[i]) == last.heads
        assert found.sigma[i] == sum(len(tape) for tape in last.tapes)


def test_several_tapes():
    machine = load("palindrome-2-tapes").machine
    words = [("",), ("abba",), ("abab",)]
    found = simulate_many([machine] * 3, words, max_steps=60)
    wanted = [run(machine, word, max_steps=60) for word in words]
    assert found.matches_reference
    assert found.steps.tolist() == [w.steps for w in wanted]
    assert found.outcomes == [w.outcome for w in wanted]
    assert [tuple(h) for h in found.heads] == [w.configuration.heads for w in wanted]


@pytest.mark.parametrize("construction", ["wei_2021", "perez_2021"])
def test_an_encoder_s_rows_are_each_machine_s_own(construction):
    own, words = [LARGEST, load("bb2").machine, load("bb3").machine], [("121",), ("11",), ("",)]
    found = simulate_many(own, words, construction=construction, max_steps=40)
    assert found.matches_reference
    assert found.steps.tolist() == [
        run(m, w, max_steps=40).steps for m, w in zip(own, words, strict=True)
    ]


def test_heads_that_leave_the_cells():
    right = load("1RA1RA").machine
    found = simulate_many([right, load("bb2").machine], max_steps=50, cells=6)
    assert found.outcomes == [Outcome.out_of_cells, Outcome.halted]
    assert (found.steps.tolist(), found.matches_reference) == ([7, 6], True)


def test_precision_ends_where_the_claim_says():
    [found] = simulate_many([load("1RA1RA").machine], max_steps=600, dtype="float32").outcomes
    assert found is Outcome.out_of_precision


def test_a_wrong_proof_is_told_for_the_machines_that_show_it():
    own = [load("bb2").machine, load("1RA1RA").machine]
    found = simulate_many(own, construction=WrongMoves(), max_steps=20)
    alone = [first_wrong(m) for m in own]
    assert found.wrong.tolist() == alone
    assert (found.matches_reference, "differ from the reference" in repr(found)) == (False, True)


def first_wrong(machine: TuringMachine) -> int:
    """The first wrong step of its own run, by the front door."""
    from tmsim import simulate

    told = simulate(machine, construction=WrongMoves(), max_steps=20).disagreement
    assert told is not None
    return int(told.split("step ")[1].split(" ")[0])


def test_other_machines_of_the_frame_compile_nothing():
    first = [load("bb2").machine, load("bb3").machine]
    simulate_many(first, max_steps=30)
    with CompileTimer() as timer:
        found = simulate_many([load("bb3").machine, load("1RB---_0LA1RZ").machine], max_steps=30)
    assert (timer.compilations, found.matches_reference) == (0, True)


def every_two_state_machine() -> list[TuringMachine]:
    """All 20,736: a next state (or the halt), a symbol and a move for each of four transitions."""
    actions = list(itertools.product("ABZ", "01", "LR"))
    read = list(itertools.product("AB", "01"))
    return [
        TuringMachine.one_tape(
            dict(zip(read, chosen, strict=True)), start="A", blank="0", states="ABZ", symbols="01",
            halting="Z",
        )
        for chosen in itertools.product(actions, repeat=4)
    ]  # fmt: skip


def test_every_two_state_machine_on_the_blank_tape():
    found = simulate_many(every_two_state_machine(), max_steps=100)
    assert (len(found), found.matches_reference) == (20_736, True)
    halted = np.array([outcome is Outcome.halted for outcome in found.outcomes])
    assert Counter(found.outcomes) == {Outcome.halted: 9_784, Outcome.out_of_steps: 10_952}
    # BB(2): 6 steps, 4 ones.
    assert (found.steps[halted].max(), found.sigma[halted].max()) == (6, 4)


TWO = [load("bb2").machine, load("palindrome-2-tapes").machine]


@pytest.mark.parametrize(("make", "words"), [
    (lambda: simulate_many([]), "0 machines"),
    (lambda: simulate_many(TWO), "machine 1 has 2 tapes; expected 1"),
    (lambda: simulate_many(TWO[:1], [("2",)]), "machine 0: tape 1, cell 0"),
    (lambda: simulate_many(TWO[:1], []), "0 entries in tapes for 1 machines"),
    (lambda: simulate_many(TWO[:1], dtype="float16"), "dtype 'float16'"),
    (lambda: simulate_many(TWO[:1], construction="looped_tape"), "LoopedTape: expected a decoder"),
    (lambda: simulate_many(TWO[:1], construction="qiu_2024"), "Qiu2024: expected a decoder"),
    (lambda: simulate_many(TWO[:1], max_steps=0), "max_steps 0"),
])  # fmt: skip
def test_bad_input_is_told_in_a_line(make, words):
    with pytest.raises(ValueError, match=words) as error:
        make()
    assert "\n" not in str(error.value)


SHARED = """
import json, sys
import jax
coordinator, processes, process = sys.argv[1:]
if int(processes) > 1:
    jax.config.update("jax_cpu_collectives_implementation", "gloo")
    jax.distributed.initialize(coordinator, int(processes), int(process))
import numpy as np
from jax.sharding import Mesh
from tmsim.batch import simulate_many
from tmsim.machines import load
names = ("bb2", "bb3", "bb4", "1RB---_0LA1RZ", "0RA---", "1RA1RA", "1LB1RA_1RA1RA")
mesh = Mesh(np.array(jax.devices()), ("machines",))
found = simulate_many([load(name).machine for name in names], max_steps=120, mesh=mesh)
print(json.dumps([mesh.size, found.steps.tolist(), found.codes.tolist(), found.sigma.tolist(),
                  found.heads.tolist(), found.wrong.tolist()]))
"""


def shared(root: Path, processes: int, devices: int) -> list[list]:
    """What each of the processes tells, of so many devices each."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    flags = f"--xla_force_host_platform_device_count={devices}"
    command = [sys.executable, "-c", SHARED, address, str(processes)]
    running = [
        subprocess.Popen(
            [*command, str(process)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            cwd=root, env={"PATH": "", "PYTHONPATH": str(root), "XLA_FLAGS": flags},
        )
        for process in range(processes)
    ]  # fmt: skip
    told = [process.communicate(timeout=180) for process in running]
    assert all(process.returncode == 0 for process in running), told
    return [json.loads(out.strip().splitlines()[-1]) for out, _ in told]


def test_devices_and_processes_share_the_machines(root):
    [alone], [eight], two = (shared(root, *how) for how in ((1, 1), (1, 8), (2, 2)))
    assert [alone[0], eight[0], *(told[0] for told in two)] == [1, 8, 4, 4]
    assert alone[1:] == eight[1:] == two[0][1:] == two[1][1:]
