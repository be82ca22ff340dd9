"""A README's Python, run in a process that cannot import tmsim."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

BLOCKED = "import sys; sys.modules.update(tmsim=None, constructions=None)\n"


def printed(directory: Path) -> list[str]:
    """The lines that the README's program prints, run in its directory."""
    readme = (directory / "README.md").read_text(encoding="utf-8")
    found = re.search(r"```python\n(.*?)```", readme, re.DOTALL)
    assert found, "README.md shows no program"
    ran = subprocess.run(
        [sys.executable, "-I", "-c", BLOCKED + found[1]], cwd=directory, timeout=300,
        capture_output=True, text=True, env=os.environ | {"JAX_PLATFORMS": "cpu"},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.splitlines()


def tokens(lines: list[str]) -> tuple[list[list[int]], str]:
    """What such a program prints: the tokens, and the outcome."""
    return [list(map(int, line.split())) for line in lines[:-1]], lines[-1]
