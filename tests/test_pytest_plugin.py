"""tmsim_pytest in pytest runs of its own: light until it is used, and then what it says."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Pytest = Callable[..., subprocess.CompletedProcess[str]]

HEAVY = """
import sys
def test_nothing_heavy_is_loaded():
    assert not {"jax", "numpy", "hypothesis", "tmsim"} & set(sys.modules)
"""

SETTINGS = """
from hypothesis import HealthCheck, settings
def test_settings():
    now = settings()
    clock = now.deadline or HealthCheck.too_slow not in now.suppress_health_check
    print("SETTINGS", now.max_examples, clock, now.derandomize, now.database is None)
"""


@pytest.fixture
def run_pytest(tmp_path: Path, root: Path) -> Pytest:
    """Runs pytest on one file in an empty folder, with our plugin and no other."""

    def run(test: str, *options: str, ini: str = "") -> subprocess.CompletedProcess[str]:
        (tmp_path / "test_it.py").write_text(test, encoding="utf-8")
        (tmp_path / "pytest.ini").write_text(f"[pytest]\n{ini}\n", encoding="utf-8")
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
        environment |= {"PYTHONPATH": str(root), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        command = [sys.executable, "-m", "pytest", "-q", "-s", "-p", "tmsim_pytest", *options]
        return subprocess.run(
            command, capture_output=True, text=True, cwd=tmp_path, env=environment, timeout=120
        )

    return run


def test_unused_it_imports_nothing_heavy(run_pytest: Pytest) -> None:
    run = run_pytest(HEAVY)
    assert run.returncode == 0, run.stdout


def test_the_lightness_check_can_fail(run_pytest: Pytest) -> None:
    run = run_pytest(HEAVY, "--tmsim-profile=ci")
    assert run.returncode == 1
    assert "'hypothesis'" in run.stdout


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        ("ci", "100 False True True"),
        ("dev", "100 False False False"),
        ("deep", "5000 False False False"),
    ],
)
def test_profiles(profile: str, expected: str, run_pytest: Pytest) -> None:
    assert f"SETTINGS {expected}" in run_pytest(SETTINGS, f"--tmsim-profile={profile}").stdout


def test_the_ini_value_is_the_default_of_the_option(run_pytest: Pytest) -> None:
    ini = "tmsim_profile = deep"
    assert "SETTINGS 5000" in run_pytest(SETTINGS, ini=ini).stdout
    assert "SETTINGS 100 False True" in run_pytest(SETTINGS, "--tmsim-profile=ci", ini=ini).stdout


def test_an_unknown_profile_is_refused(run_pytest: Pytest) -> None:
    run = run_pytest(SETTINGS, ini="tmsim_profile = fast")
    assert run.returncode == pytest.ExitCode.USAGE_ERROR
    assert "tmsim_profile = 'fast': expected one of ci, deep, dev" in run.stderr


def test_a_hypothesis_profile_replaces_the_ini_value(run_pytest: Pytest) -> None:
    options = ["-p", "_hypothesis_pytestplugin", "--hypothesis-profile=default"]
    run = run_pytest(SETTINGS, *options, ini="tmsim_profile = deep")
    assert "SETTINGS 100" in run.stdout, run.stderr
    run = run_pytest(SETTINGS, *options, "--tmsim-profile=ci")
    assert run.returncode == pytest.ExitCode.USAGE_ERROR
    assert "--tmsim-profile=ci and --hypothesis-profile=default" in run.stderr


COMPILED = """
import jax, pytest, tmsim_pytest
tmsim_pytest.SECONDS_BETWEEN_LOOKS = 0
kept = []
@pytest.mark.parametrize("number", range(2))
def test_compiled_code(number):
    if number == 0:
        for i in range(3):
            kept.append(jax.jit(lambda x, i=i: jax.numpy.sort(x) + i))
            kept[-1](jax.numpy.arange(5.0))
        tmsim_pytest.MOST_MAPPINGS = LIMIT
    print("KEPT", sum(f._cache_size() for f in kept))
"""


def test_compiled_code_is_let_go_of_where_there_is_too_much(run_pytest: Pytest) -> None:
    option = "--tmsim-profile=ci"
    assert "KEPT 3\n.KEPT 0" in run_pytest(COMPILED.replace("LIMIT", "0"), option).stdout
    assert "KEPT 3\n.KEPT 3" in run_pytest(COMPILED.replace("LIMIT", "10**9"), option).stdout
    assert "KEPT 3\n.KEPT 3" in run_pytest(COMPILED.replace("LIMIT", "0")).stdout
