"""The notebooks in the repository: built from their sources, whole, small, and clean."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parent.parent / "notebooks"
SOURCES = sorted(FOLDER.glob("[0-9]*.py"))
LARGEST = 400_000
MARKER = re.compile(r"^# %%(?P<prose> \[markdown\])?(?: tags=.*)?$", re.MULTILINE)


def cells_of(source: str) -> list[tuple[str, str]]:
    """Kind and text of each cell of a percent script, prose without its comment signs."""
    _, *parts = MARKER.split(source)
    cells = []
    for prose, text in zip(parts[::2], parts[1::2], strict=True):
        if prose:
            text = re.sub(r"^# ?", "", text.strip("\n"), flags=re.MULTILINE)
        cells.append(("markdown" if prose else "code", text.strip("\n")))
    return cells


def built(source: Path) -> dict[str, Any]:
    return json.loads(source.with_suffix(".ipynb").read_text(encoding="utf-8"))


def test_the_notebooks_are_numbered_from_one() -> None:
    assert [int(source.name[0]) for source in SOURCES] == list(range(1, len(SOURCES) + 1))
    assert {path.stem for path in FOLDER.glob("*.ipynb")} == {path.stem for path in SOURCES}


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_a_built_notebook_is_its_source(source: Path) -> None:
    made = [(c["cell_type"], "".join(c["source"])) for c in built(source)["cells"]]
    assert made == cells_of(source.read_text(encoding="utf-8"))


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_a_built_notebook_reads_well(source: Path) -> None:
    text = source.with_suffix(".ipynb").read_text(encoding="utf-8")
    assert len(text.encode()) < LARGEST
    first, *_, last = (cell for cell in built(source)["cells"] if cell["cell_type"] == "markdown")
    assert "".join(first["source"]).startswith("# ")
    assert "".join(last["source"]).startswith("## Try\n")
    code = [cell for cell in built(source)["cells"] if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    outputs = [output for cell in code for output in cell["outputs"]]
    assert any("image/png" in output.get("data", {}) for output in outputs)
    assert not [o for o in outputs if o["output_type"] == "error" or o.get("name") == "stderr"]
    assert "site-packages" not in json.dumps(outputs)  # of whoever built it
