"""The promises of the house: who may import what, how long a file may be, what is depended on.

The import contracts between our own modules are import-linter's (see pyproject.toml); here are the
promises that only a running interpreter, or the text of the files, can show.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest

ARRAY_LIBRARIES = ("jax", "jaxlib", "numpy", "flax", "optax")
LONGEST_FILE = 250

# Imports each package named on the command line and every module below it, the array libraries
# blocked (None in sys.modules makes an import raise ModuleNotFoundError).
IMPORT_WITHOUT_ARRAYS = f"""
import importlib, pkgutil, sys
sys.modules.update(dict.fromkeys({ARRAY_LIBRARIES!r}))
def fail(name): raise
for name in sys.argv[1:]:
    package = importlib.import_module(name)
    for module in pkgutil.walk_packages(package.__path__, name + ".", onerror=fail):
        importlib.import_module(module.name)
        print(module.name)
"""

LOADED_BY_TMSIM = """
import sys
before = set(sys.modules)
import tmsim
print(*sorted(set(sys.modules) - before))
"""


def python(program: str, *arguments: str, path: Path) -> subprocess.CompletedProcess[str]:
    """Runs a program in a fresh interpreter that sees `path` first."""
    program = f"import sys; sys.path.insert(0, {str(path)!r})\n{program}"
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        capture_output=True,
        text=True,
        cwd=path,
        timeout=120,
    )


@pytest.mark.parametrize("package", ["tmsim.machines", "tmsim.proofs", "constructions"])
def test_imports_without_the_array_libraries(package: str, root: Path) -> None:
    run = python(IMPORT_WITHOUT_ARRAYS, package, path=root)
    assert run.returncode == 0, run.stderr
    files = {path for path in (root / package.replace(".", "/")).rglob("*.py")}
    assert len(run.stdout.split()) == len(files) - 1, "each file but the package's own is a module"


@pytest.mark.parametrize("library", ARRAY_LIBRARIES)
def test_the_import_check_can_fail(library: str, tmp_path: Path) -> None:
    (tmp_path / "guilty").mkdir()
    (tmp_path / "guilty" / "__init__.py").touch()
    (tmp_path / "guilty" / "weights.py").write_text(f"import {library}\n", encoding="utf-8")
    run = python(IMPORT_WITHOUT_ARRAYS, "guilty", path=tmp_path)
    assert run.returncode != 0
    assert f"import of {library} halted" in run.stderr


def test_import_tmsim_is_light(root: Path) -> None:
    run = python(LOADED_BY_TMSIM, path=root)
    assert run.returncode == 0, run.stderr
    loaded = run.stdout.split()
    assert "tmsim" in loaded
    assert not set(loaded) & set(ARRAY_LIBRARIES)


def test_the_lightness_check_can_fail(tmp_path: Path) -> None:
    (tmp_path / "tmsim.py").write_text("import numpy\n", encoding="utf-8")
    run = python(LOADED_BY_TMSIM, path=tmp_path)
    assert "numpy" in run.stdout.split(), run.stderr


def long_files(folders: Iterable[Path]) -> list[str]:
    """`path: lines` of each Python file that is longer than a reader holds in mind."""
    return [
        f"{path}: {lines} lines"
        for folder in folders
        for path in sorted(folder.rglob("*.py"))
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE
    ]


def test_no_file_is_long(root: Path) -> None:
    found = long_files(root / name for name in ("tmsim", "constructions", "tests"))
    assert not found, f"over {LONGEST_FILE} lines: " + "; ".join(found)


def test_the_length_check_can_fail(tmp_path: Path) -> None:
    (tmp_path / "short.py").write_text("x = 0\n" * LONGEST_FILE, encoding="utf-8")
    (tmp_path / "long.py").write_text("x = 0\n" * (LONGEST_FILE + 1), encoding="utf-8")
    assert long_files([tmp_path]) == [f"{tmp_path / 'long.py'}: 251 lines"]


def imported(files: Iterable[Path]) -> set[str]:
    """The top-level names that the files import, anywhere in their text."""

    def names(tree: ast.AST) -> Iterator[str]:
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield node.module

    trees = (ast.parse(path.read_text(encoding="utf-8"), str(path)) for path in files)
    return {name.partition(".")[0] for tree in trees for name in names(tree)}


def normal(name: str) -> str:
    """A distribution's name as the packaging standards compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def unused(requirements: Iterable[str], imports: set[str]) -> list[str]:
    """The requirements none of whose modules is imported."""
    installed = packages_distributions()
    used = {normal(d) for name in imports for d in installed.get(name, ())}
    names = (re.split(r"[^\w.-]", requirement, maxsplit=1)[0] for requirement in requirements)
    return sorted(name for name in names if normal(name) not in used)


def test_every_runtime_dependency_is_imported(root: Path, pyproject: dict[str, Any]) -> None:
    # The tests count: tmsim.engine.nnx is trained by whatever optimiser its user brings, and there
    # that is optax.
    files = [*(root / "tmsim").rglob("*.py"), root / "tmsim_pytest.py"]
    files += (root / "tests").rglob("*.py")
    assert unused(pyproject["project"]["dependencies"], imported(files)) == []


def test_the_dependency_check_can_fail() -> None:
    requirements = ["pytest>=8.4", "Hypothesis>=6", "rich"]
    assert unused(requirements, {"pytest", "hypothesis", "ast"}) == ["rich"]


def test_tests_of_extras_are_named_after_them(root: Path, pyproject: dict[str, Any]) -> None:
    extras = set(pyproject["project"]["optional-dependencies"])
    named = {path.stem.removeprefix("test_") for path in (root / "tests/extras").glob("test_*.py")}
    assert named <= extras
