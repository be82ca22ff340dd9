"""The tape under the bar of a long run: where the run is, and no part of the picture."""

from __future__ import annotations

import io
from itertools import islice

import pytest
from rich.console import Console

from tmsim.cli.view.picture import Picture
from tmsim.cli.view.screen import Bar, _progress
from tmsim.machines import initial, load, run, steps_from
from tmsim.trace import Trace


def text(line) -> str:
    return "".join(piece for piece, _ in line)


@pytest.mark.parametrize("name", ["bb5", "palindrome-2-tapes"])
def test_it_is_the_reference_configuration_and_leaves_the_picture_as_it_is(name):
    document = load(name)
    machine, start = document.machine, initial(document.machine, document.tapes, document.heads)
    trace = Trace.from_steps(machine, islice(steps_from(machine, start), 2500))
    asked, other = (Picture(machine, start, 2500, 60, every=False) for _ in range(2))
    for first in range(0, len(trace), 7):
        part = trace.part(first, first + 7)
        assert [text(line) for line in asked.more(part)] == [text(x) for x in other.more(part)]
        now = asked.now()
        then = run(machine, document.tapes, document.heads, asked.done).configuration
        for line, head, symbol in zip(now, then.heads, then.read, strict=True):
            shown = text(line)
            assert len(shown) <= 60 and f"[{symbol}]" in shown and str(head) in shown.split()
        assert text(now[0]).split()[:2] == [str(asked.done + 1), then.state]


def test_it_stands_under_the_bar_and_is_replaced():
    bar = Bar("steps")
    bar.under([[("no bar", "")]])
    bar._progress = progress = _progress("steps")
    progress.add_task("running", total=10, completed=3, speed="5 tokens/s")
    for words in ("[1] 0", "0 [1]"):
        bar.under([[(words, "bold")], [("second", "")]])
    console = Console(file=io.StringIO(), width=100)
    console.print(progress.get_renderable())
    shown = console.file.getvalue().splitlines()  # type: ignore[attr-defined]
    assert "running" in shown[0]
    assert [line.rstrip() for line in shown[1:]] == ["0 [1]", "second"]
