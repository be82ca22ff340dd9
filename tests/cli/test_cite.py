"""`tmsim cite`, and the citation of tmsim itself."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tmsim import catalogue

FIELD = re.compile(r"^  (\w+) = \{(.*)\},$", re.MULTILINE)


@pytest.mark.parametrize("name", catalogue.names())
def test_an_entry_is_the_citation(tmsim, name):
    result, citation = tmsim("cite", name), catalogue.find(name).citation
    assert (result.status, result.err) == (0, "")
    assert re.match(rf"@(inproceedings|misc)\{{{name},\n", result.out)
    assert result.out.count("{") == result.out.count("}")
    found = dict(FIELD.findall(result.out))
    assert found["author"].split(" and ") == list(citation.authors)
    assert found["title"] == f"{{{citation.title}}}" and found["year"] == str(citation.year)
    assert found.get("eprint", "") == citation.arxiv
    unescaped = set(re.findall(r"(?<!\\)[&%$#_^~]", found["title"] + found["author"]))
    assert not unescaped, "BibTeX hands these to TeX, which gives them a meaning"


def test_several_entries_have_a_line_between_them(tmsim):
    out = tmsim("cite", "wei_2021", "perez_2021").out
    assert re.findall(r"^@\w+\{(\w+),$", out, re.MULTILINE) == ["wei_2021", "perez_2021"]
    assert "}\n\n@" in out


def test_an_unknown_construction_prints_no_entry(tmsim):
    result = tmsim("cite", "wei_2021", "wei_2022")
    assert (result.status, result.out) == (2, "") and "wei_2021" in result.err


def test_the_citation_file_says_what_the_project_says(root: Path, pyproject: dict[str, Any]):
    told = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    required = {"cff-version", "message", "title", "authors"}
    assert required <= set(told) <= required | {"type", "abstract", "license", "keywords"}
    project = pyproject["project"]
    assert (told["cff-version"], told["type"]) == ("1.2.0", "software")
    assert (told["title"], told["license"]) == (project["name"], project["license"])
    assert told["authors"] == project["authors"]
    assert told["abstract"] == project["description"] and told["keywords"] == project["keywords"]
