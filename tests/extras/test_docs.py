"""The site: built without a warning, with a page for each construction, and asking nobody."""

from __future__ import annotations

import doctest
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from docs import docstrings
from tmsim import catalogue

FETCHED = re.compile(
    r"""<(?:script|img|link|iframe|source)\b[^>]*?\b(?:src|href)=["']?([^"'\s>]+)"""
)
IMPORTED = re.compile(r"""(?:@import\s+|url\()["']?(https?:[^"')\s]+)""")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = ["mkdocs", "build", "--strict", "-f", "docs/mkdocs.yml", "-d", str(folder)]
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=root, capture_output=True, text=True, timeout=300,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder


def test_every_construction_has_a_page(site: Path) -> None:
    for name in catalogue.names():
        html = (site / "constructions" / name / "index.html").read_text(encoding="utf-8")
        for heading in (
            "the-claim",
            "sizes",
            "what-was-measured",
            "the-proof-as-equations",
            "cite",
        ):
            assert f'id="{heading}"' in html, (name, heading)


def test_no_page_fetches_anything_from_elsewhere(site: Path) -> None:
    for page in site.rglob("*.html"):
        fetched = FETCHED.findall(page.read_text(encoding="utf-8"))
        assert [place for place in fetched if place.startswith(("http", "//"))] == [], page
    for style in site.rglob("*.css"):
        assert IMPORTED.findall(style.read_text(encoding="utf-8")) == [], style


def test_every_page_is_in_the_navigation(site: Path, root: Path) -> None:
    """What is in nobody's navigation is found by nobody."""
    nav = (root / "docs" / "mkdocs.yml").read_text(encoding="utf-8")
    pages = root / "docs" / "pages"
    names = [str(page.relative_to(pages).as_posix()) for page in pages.rglob("*.md")]
    assert [name for name in names if f": {name}\n" not in nav] == []


def test_docstrings_become_markdown() -> None:
    results = doctest.testmod(docstrings)
    assert results.attempted and not results.failed
