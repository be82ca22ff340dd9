"""Executes the notebooks' sources and writes each .ipynb beside its source, outputs included.

    python notebooks/build.py [NAME ...]

A name is the beginning of a file's name (`python notebooks/build.py 2 7`); none means all. Needs
the extra `notebooks`, and `viz` for the figures.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).parent
SECONDS = 90
"""The longest that one notebook may take."""


def sources() -> list[Path]:
    """The notebooks as text, in their order."""
    return sorted(FOLDER.glob("[0-9]*.py"))


def executed(source: Path) -> nbformat.NotebookNode:
    """The notebook with its outputs. Raises nbclient's CellExecutionError where a cell fails."""
    notebook = jupytext.read(source)
    for at, cell in enumerate(notebook.cells):
        cell.id = f"cell-{at}"  # jupytext draws ids at random: a rebuilt file would differ
    client = NotebookClient(
        notebook,
        timeout=SECONDS,
        record_timing=False,
        resources={"metadata": {"path": str(FOLDER)}},
    )
    client.execute()
    del notebook.metadata["language_info"]  # the version of the Python that built it
    notebook.metadata["language_info"] = {"name": "python"}
    return notebook


def build(source: Path) -> Path:
    """Writes the .ipynb of a source, and returns where it is."""
    built = source.with_suffix(".ipynb")
    nbformat.write(executed(source), built)
    return built


def main(names: list[str]) -> None:
    for source in sources():
        if not names or any(source.name.startswith(name) for name in names):
            began = time.perf_counter()
            size = build(source).stat().st_size
            print(f"{source.stem}: {time.perf_counter() - began:.1f} s, {size / 1000:.0f} kB")


if __name__ == "__main__":
    main(sys.argv[1:])
