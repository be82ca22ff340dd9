"""Hooks of mkdocs: the pages of the constructions are made when the site is built."""

from __future__ import annotations

from typing import Any

import construction_pages
from mkdocs.structure.files import File, Files

from tmsim import catalogue

FOLDER = "constructions"
TABLE = "<!-- table of constructions -->"


def on_config(config: Any) -> None:
    """Give every construction a place in the navigation, below the page that compares them."""
    [section] = (entry for entry in config.nav if "Constructions" in entry)
    section["Constructions"] += [f"{FOLDER}/{name}.md" for name in catalogue.names()]


def on_files(files: Files, config: Any) -> None:
    """Add a page for each construction."""
    for name in catalogue.names():
        content = construction_pages.page(name)
        files.append(File.generated(config, f"{FOLDER}/{name}.md", content=content))


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Put the table of constructions where a page asks for it."""
    return markdown.replace(TABLE, construction_pages.index()) if TABLE in markdown else markdown
