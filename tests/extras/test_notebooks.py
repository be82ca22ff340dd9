"""Every notebook runs, and says again what it said when it was built."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from typing import Any

import nbformat
import pytest

FOLDER = Path(__file__).parents[2] / "notebooks"
SOURCES = sorted(FOLDER.glob("[0-9]*.py"))
ADDRESS = re.compile(r" at 0x[0-9a-f]+")  # in the plain text of what shows itself otherwise
executed = runpy.run_path(str(FOLDER / "build.py"))["executed"]


def said(notebook: Any) -> list[tuple[str, str]]:
    """Each code cell with its text, but for cells whose figures differ from machine to machine."""
    told = []
    for cell in notebook.cells:
        if cell.cell_type != "code" or "varies" in cell.metadata.get("tags", ()):
            continue
        texts = (o.get("text") or o.get("data", {}).get("text/plain", "") for o in cell.outputs)
        told.append((cell.source, ADDRESS.sub("", "".join(texts))))
    return told


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning:zmq")
def test_a_notebook_says_what_it_said(source: Path) -> None:
    assert said(executed(source)) == said(nbformat.read(source.with_suffix(".ipynb"), 4))
