"""Machines and summaries as HTML tables, every name escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tmsim.machines.machine import TuringMachine


def table(rows: Iterable[Sequence[Any]], head: Sequence[Any] = (), caption: str = "") -> str:
    """A table whose first column names the rows.

    >>> table([["a<b", 1]], caption="one")
    '<table><caption>one</caption><tbody><tr><th>a&lt;b</th><td>1</td></tr></tbody></table>'
    """
    above = f"<caption>{_text(caption)}</caption>" if caption else ""
    if head:
        above += f"<thead><tr>{''.join(f'<th>{_text(x)}</th>' for x in head)}</tr></thead>"
    body = "".join(
        f"<tr><th>{_text(first)}</th>{''.join(f'<td>{_text(x)}</td>' for x in rest)}</tr>"
        for first, *rest in rows
    )
    return f"<table>{above}<tbody>{body}</tbody></table>"


def machine_table(machine: TuringMachine) -> str:
    """The transitions, a row per state: symbols written, moves, state entered, under what is read.

    Columns are the symbols that some transition reads, a tuple for several tapes. "start" and
    "halts" stand beside a state's name; a dash is a missing transition.

    >>> from tmsim.machines import load
    >>> "<tr><th>A (start)</th><td>1 R B</td><td>1 L B</td></tr>" in machine_table(
    ...     load("bb2").machine)
    True
    """
    place = {symbol: i for i, symbol in enumerate(machine.symbols)}
    read = sorted({a for _, a in machine.transitions}, key=lambda a: [place[x] for x in a])
    rows = []
    for state in machine.states:
        marks = [
            word
            for word, is_so in (
                ("start", state == machine.start),
                ("halts", state in machine.halting),
                ("accepts", state in machine.accepting),
            )
            if is_so
        ]
        cells = []
        for symbols in read:
            taken = machine.transitions.get((state, symbols))
            if taken is None or state in machine.halting:
                cells.append("" if state in machine.halting else "–")
                continue
            then, write, moves = taken
            moved = " ".join(move.name for move in moves)
            cells.append(f"{_symbols(write)} {moved} {then}")
        rows.append([f"{state} ({', '.join(marks)})" if marks else f"{state}", *cells])
    tapes = f"{machine.tapes} tapes" if machine.tapes > 1 else "1 tape"
    about = f"{tapes}, blank {machine.blank}"
    return table(rows, ["state", *(f"read {_symbols(a)}" for a in read)], about)


def _symbols(symbols: Sequence[Any]) -> str:
    return " ".join(map(str, symbols))


def _text(value: Any) -> str:
    return escape(str(value))
