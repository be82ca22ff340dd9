"""The construction that the pages tell how to write is a theorem, and the made pages are true."""

from __future__ import annotations

import doctest
import re

import pytest

from docs import construction_pages
from docs.examples.carried_tape import CarriedTape
from tmsim import catalogue
from tmsim.cli import main
from tmsim.testing import laws


@pytest.mark.parametrize(
    "law", [laws.size, laws.lemmas, laws.readings_agree, laws.outcomes, laws.theorem]
)
def test_the_example_passes_the_laws(law) -> None:
    law(CarriedTape())


@pytest.mark.parametrize("name", ["tzamos_2026", "wei_2021", "schuurmans_2024"])
def test_a_page_has_what_the_commands_print(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    made = {line.strip() for line in construction_pages.page(name).splitlines()}
    capsys.readouterr()
    assert main(["explain", name]) == 0
    _claim, equations = re.split(r"(?m)^(?=register +kind)", capsys.readouterr().out)
    assert {line.strip() for line in equations.splitlines()} <= made
    assert main(["cite", name]) == 0
    assert {line.strip() for line in capsys.readouterr().out.splitlines()} <= made


def test_every_construction_has_its_text_and_departures() -> None:
    index = construction_pages.index()
    for name in catalogue.names():
        made = construction_pages.page(name)
        assert made.count("\n## Departures\n") == 1, name
        assert "```text\n" in made, name
        assert f"[{name}](constructions/{name}.md)" in index


def test_the_generator_s_examples_hold() -> None:
    results = doctest.testmod(construction_pages)
    assert results.attempted and not results.failed
