"""The suite as a user runs it: a package of one's own, with a proof that has an error."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tmsim.cli.commands import law
from tmsim.testing.laws.single import SINGLE

Run = Callable[..., subprocess.CompletedProcess[str]]
REPORT = re.compile(
    r"""
law \ + lemmas \n
under \ + LateProof\ under\ its\ own\ rules\ in\ float64,\ 1\ tape\(s\) \n
machine \ + [-_0-9A-Z]+ \n
tape \ + .+ \n
head \ + -?\d+ \n
lemma \ + the\ latest\ write\ under\ each\ head,\ and\ δ \n
row \ + \d+ \n
register \ + read\[0\] \n
expected \ + \d \n
found \ + \d \n
replay \ + (?P<replay>tmsim\ law\ lemmas\ .*) \n
""",
    re.VERBOSE,
)


@pytest.fixture
def package(tmp_path: Path, root: Path) -> Path:
    """The user's package, in a folder that has nothing else."""
    folder = tmp_path / "package"
    shutil.copytree(root / "tests" / "data" / "wrong_proof", folder)
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    return folder


@pytest.fixture
def run(package: Path, root: Path) -> Run:
    """Runs a module's command line in the package's folder."""

    def run(module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
        environment |= {"PYTHONPATH": str(root), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        # Not `python -m`, which would put the folder on the path: the plugin has to.
        command = f"import runpy, sys; sys.argv[0] = {module!r}; sys.path.remove('')\n"
        command += f"runpy.run_module({module!r}, run_name='__main__')"
        return subprocess.run(
            [sys.executable, "-c", command, *arguments],
            capture_output=True, text=True, cwd=package, env=environment, timeout=300,
        )  # fmt: skip

    return run


def suite(run: Run, *options: str) -> subprocess.CompletedProcess[str]:
    given = ["-q", "-c", "pytest.ini", "-p", "tmsim_pytest", "-p", "no:cacheprovider"]
    return run("pytest", *given, "--pyargs", "tmsim.testing.suite", *options)


def test_a_wrong_proof_is_told_and_replayed(run: Run) -> None:
    name = ("--tmsim-construction", "late_proof:LateProof")
    tested = suite(run, *name, "-k", "lemmas")
    assert tested.returncode == pytest.ExitCode.TESTS_FAILED, tested.stderr
    told = REPORT.search(tested.stdout)
    assert told is not None, tested.stdout
    assert "Traceback" not in tested.stdout and "case.py" not in tested.stdout
    again = run("tmsim", *shlex.split(told["replay"])[1:])
    assert again.returncode == 1
    assert told[0].strip() in again.stdout


def test_a_right_proof_has_a_test_for_each_law(run: Run) -> None:
    tested = suite(run, "-vv", "--tmsim-construction", "wei_2021", "-k", "lemmas or size")
    assert tested.returncode == 0, tested.stdout
    assert re.findall(r"::(\w+)\[wei_2021\] PASSED", tested.stdout) == ["test_size", "test_lemmas"]


@pytest.mark.parametrize(
    ("options", "status", "words"),
    [
        ((), pytest.ExitCode.INTERRUPTED, "expected --tmsim-construction NAME"),
        (("--tmsim-construction", "wie_2021", "-k", "size"), 1, "did you mean wei_2021"),
        (("--tmsim-construction", "late_proof:Early", "-k", "size"), 1, "has no such name"),
    ],
)
def test_bad_names_are_told_in_a_line(run: Run, options, status, words) -> None:
    tested = suite(run, *options)
    assert (tested.returncode, "Traceback" in tested.stdout) == (status, False), tested.stdout
    assert words in tested.stdout + tested.stderr


def test_the_command_knows_the_laws_that_it_can_put() -> None:
    assert tuple(SINGLE) == law.LAWS
