"""What a notebook's cell shows of machines, runs and constructions."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given

import tmsim
from tmsim import catalogue
from tmsim.machines import TuringMachine, load
from tmsim.proofs.construction import SHOWN
from tmsim.testing import turing_machines

HOSTILE = TuringMachine.one_tape(
    {("<script>alert(1)</script>", "&"): ("b'\"", "<td>", "R")},
    start="<script>alert(1)</script>",
    blank="&",
)


class Table(HTMLParser):
    """The cells of a table by rows, and its caption; any other tag is an error."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.rows: list[list[str]] = []
        self.caption = ""
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs) -> None:
        assert tag in {"table", "caption", "thead", "tbody", "tr", "th", "td"} and not attrs
        self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in ("th", "td"):
            self.rows[-1].append("")

    def handle_endtag(self, tag) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data) -> None:
        if self.open[-1] == "caption":
            self.caption += data
        else:
            self.rows[-1][-1] += data


@given(turing_machines(max_tapes=2))
def test_a_machine_is_its_table(machine):
    head, *rows = Table(machine._repr_html_()).rows
    named = {f"read {' '.join(map(str, a))}": a for _, a in machine.transitions}
    assert set(head[1:]) == set(named) and len(rows) == len(machine.states)
    for state, row in zip(machine.states, rows, strict=True):
        assert row[0].startswith(str(state))
        assert ("start" in row[0], "halts" in row[0]) == (
            state == machine.start,
            state in machine.halting,
        )
        for title, cell in zip(head[1:], row[1:], strict=True):
            taken = machine.transitions.get((state, named[title]))
            if state in machine.halting:
                assert cell == ""
            elif taken is None:
                assert cell == "–"
            else:
                then, write, moves = taken
                assert cell.split() == [*map(str, write), *(m.name for m in moves), str(then)]


def test_names_are_shown_and_not_run():
    found = Table(HOSTILE._repr_html_())
    assert found.rows[1][0] == "<script>alert(1)</script> (start)"
    assert found.rows[1][1] == "<td> R b'\""
    assert found.caption == "1 tape, blank &"


def test_a_run_is_its_summary():
    run = tmsim.simulate("bb2")
    found = Table(run._repr_html_())
    assert dict(found.rows) == run.summary()
    assert found.caption == run.verdict()


@pytest.mark.parametrize("name", catalogue.names())
def test_a_construction_is_its_paper_its_claim_and_its_equations(name):
    construction = catalogue.find(name)
    latex, markdown = construction._repr_latex_(), construction._repr_markdown_()
    assert markdown.strip().endswith(latex)
    assert construction.citation.authors[0].split()[-1] in markdown.splitlines()[0]
    registers = construction.program(SHOWN).stream.registers
    assert markdown.count("\n| ") >= len(registers)


def test_a_run_of_a_machine_with_such_names_is_escaped():
    run = tmsim.simulate(HOSTILE, max_steps=1)
    assert dict(Table(run._repr_html_()).rows)["state"] == "b'\""
    assert load("bb2").machine._repr_html_().isascii()
