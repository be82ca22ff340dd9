"""The command as a process: what it imports, pipes that close, terminals, Ctrl-C."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from collections.abc import Sequence

import pytest

MAIN = "import sys; from tmsim.cli import main; status = main(sys.argv[1:])"
LOADED = MAIN + "; print(*sorted(sys.modules), file=sys.stderr)"
HEAVY = {"jax", "jaxlib", "numpy", "rich"}


def python(program: str, *argv: str, **options) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", f"{program}; sys.exit(status)", *argv],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options,
    )  # fmt: skip


@pytest.mark.parametrize(
    "argv", [["--help"], ["list"], ["list", "--json"], ["run", "--help"], ["explain", "wei_2021"]]
)
def test_what_runs_nothing_loads_no_arrays(argv: Sequence[str]):
    process = python(LOADED, *argv)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "tmsim.cli" in err.split() and not HEAVY & set(err.split())


def test_a_command_loads_no_other_command():
    _, err = python(LOADED, "list").communicate(timeout=60)
    mine = [name for name in err.split() if name.startswith("tmsim.cli.commands.")]
    assert mine == ["tmsim.cli.commands.list"]


def test_the_lightness_check_can_fail():
    _, err = python("import numpy; " + LOADED, "list").communicate(timeout=60)
    assert "numpy" in err.split()


def test_a_reader_that_leaves_early_is_no_error():
    process = python(MAIN, "run", "sweeper", "--max-steps", "20000", "--trace")
    assert process.stdout is not None and process.stderr is not None
    assert process.stdout.readline().startswith(" step")
    process.stdout.close()
    assert process.stderr.read() == ""
    assert process.wait(timeout=60) == 3
    process.stderr.close()


def test_symbols_that_the_encoding_lacks_are_escaped():
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    process = python(MAIN, "run", "sweeper", "--max-steps", "200", env=environment)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (3, "") and "\\u22ee" in out


def test_a_proof_of_the_current_folder_is_found(tmp_path):
    (tmp_path / "my_module.py").write_text(
        "from constructions.tzamos_2026 import Tzamos2026\nclass MyProof(Tzamos2026): pass\n",
        encoding="utf-8",
    )
    argv = ("run", "bb2", "--construction", "my_module:MyProof")
    process = python(f"import sys; sys.path.remove(''); {MAIN}", *argv, cwd=tmp_path)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    assert out.splitlines()[-1] == "matches the reference: 6 steps, 4 ones"


def on_a_terminal(*argv: str, until: str = "", press: bool = False) -> tuple[int, str]:
    """Status and screen of the command; Ctrl-C once the screen shows `until`."""
    near, far = pty.openpty()
    environment = os.environ | {"COLUMNS": "100", "TERM": "xterm"}
    process = subprocess.Popen(
        [sys.executable, "-c", f"{MAIN}; sys.exit(status)", *argv],
        stdout=far, stderr=far, stdin=far, env=environment, start_new_session=True,
    )  # fmt: skip
    os.close(far)
    screen = b""
    while True:
        try:
            read = os.read(near, 1 << 16)
        except OSError:  # the terminal's other side is closed
            break
        screen += read
        if press and until.encode() in screen:
            press = False
            process.send_signal(signal.SIGINT)
    os.close(near)
    return process.wait(timeout=60), screen.decode()


def test_a_long_run_shows_a_bar_and_ctrl_c_ends_it():
    status, screen = on_a_terminal("run", "bb5", until="steps", press=True)
    assert status == 130
    assert "running" in screen and "━" in screen
    assert "matches the reference" in screen and "Traceback" not in screen
