"""A machine from one format to another: with the same runs, and what was lost on the way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain, product
from string import digits
from typing import Any

from tmsim.machines import formats
from tmsim.machines.formats.document import Document, as_document
from tmsim.machines.formats.finals import transitions_taken
from tmsim.machines.formats.naming import Names, renamings
from tmsim.machines.machine import TuringMachine, initial
from tmsim.machines.step import Configuration, State
from tmsim.machines.validation import cut, show


@dataclass(frozen=True)
class Conversion:
    """A machine as `text` in another format, and in `lost` what that format cannot keep.

    `states` and `symbols` have the new names, of all states and symbols, by the old ones.
    """

    text: str
    lost: tuple[str, ...]
    states: Names
    symbols: Names


def convert(source: Document | TuringMachine, format: str) -> Conversion:
    """`source` in the named format: step for step the same runs, from the same input.

    What the format has no words for is renamed or left out, as little as possible, and named in
    `lost`: names, notes, the sample input, acceptance, and whether a state halts in which no
    transition applies. The text is read again and compared, so nothing is lost unnamed. Raises
    ValueError where the machine itself cannot be said, and for an unknown format.

    >>> from tmsim.machines import load
    >>> convert(load("bb2"), "morphett").lost[0]
    'state Z is called halt'
    >>> convert(load("palindrome-2-tapes"), "bbchallenge")
    Traceback (most recent call last):
    ValueError: the bbchallenge notation needs one tape; the machine has 2 tapes
    """
    document = as_document(source)
    target = formats.named(format)
    refusal = ValueError(f"the machine cannot be said in the format {format}")
    for states, symbols, candidate in _candidates(document):
        try:
            text = target.write(candidate)
            found = target.parse(text)
        except ValueError as error:
            refusal = ValueError(f"{cut(str(error), 160)}{_called(states, str(error))}")
            continue
        symbols = {a: symbols.get(a, a) for a in document.machine.symbols}
        symbols[document.machine.blank] = found.machine.blank
        states = {q: states.get(q, q) for q in document.machine.states}
        if _same_runs(document.machine, found.machine, states, symbols):
            lost = tuple(_lost(document, found, states, symbols))
            return Conversion(text, lost, states, symbols)
        refusal = ValueError(f"the format {format} would change the machine's runs")
    raise refusal


def _called(states: Names, error: str) -> str:
    """After a refusal that speaks of renamed states: what the machine calls them."""
    spoken = set(re.findall(r"state (\S+)", error))
    told = ", ".join(f"{y} is its {show(x)}" for x, y in states.items() if x != y and y in spoken)
    return f" ({cut(told)})" if told else ""


def _candidates(document: Document) -> Iterator[tuple[Names, Names, Document]]:
    """The document, then what is ever less like it: new names, less acceptance, no input."""
    given = any(document.tapes) or any(document.heads)
    kept = [
        (accepting, input, ends)
        for ends, input, accepting in product((True, False), repeat=3)
        if (accepting or document.machine.accepting) and (input or given)
    ]
    tidied = replace(document, machine=_tidy(document.machine), reading=None)
    yield {}, {}, document
    for accepting, input, ends in kept:
        plain = tidied
        if not accepting:
            plain = replace(plain, machine=replace(plain.machine, accepting=frozenset()))
        if not ends:
            plain = replace(plain, machine=_halting_where_it_ends(plain.machine))
        if not input:
            plain = replace(plain, tapes=(), heads=(0,) * plain.machine.tapes)
        for states, symbols in renamings(plain.machine):
            try:
                yield states, symbols, _renamed(plain, states, symbols)
            except ValueError:  # two would have one name
                continue


def _tidy(machine: TuringMachine) -> TuringMachine:
    """Without what no run can use: transitions that leave halting states, such states unentered."""
    table = transitions_taken(machine)
    entered = {machine.start, *(then for then, _, _ in table.values())}
    states = [q for q in machine.states if q in entered or q not in machine.halting]
    return TuringMachine(
        table, machine.start, machine.blank, states=states, symbols=machine.symbols,
        halting=machine.halting & set(states), accepting=machine.accepting & set(states),
        tapes=machine.tapes,
    )  # fmt: skip


def _halting_where_it_ends(machine: TuringMachine) -> TuringMachine:
    ends = set(machine.states) - {q for q, _ in machine.transitions}
    return replace(machine, halting=machine.halting | ends)


def _renamed(document: Document, states: Names, symbols: Names) -> Document:
    """The document under other names, its lists in the order of the names."""
    machine = document.machine.renamed(states, symbols)
    order = list(states.values())
    place = {q: order.index(q) if q in order else -1 for q in machine.states}
    if states and set(map(str, machine.symbols)) <= set(digits):
        machine = replace(
            machine, states=tuple(sorted(machine.states, key=place.__getitem__)),
            symbols=tuple(sorted(machine.symbols, key=lambda a: (a != machine.blank, str(a)))),
        )  # fmt: skip
    words = tuple(tuple(symbols.get(a, a) for a in word) for word in document.tapes)
    return replace(document, machine=machine, tapes=words)


def _same_runs(machine: TuringMachine, found: TuringMachine, q: Names, a: Names) -> bool:
    """Do both take the same transitions, up to the names?"""
    table = {
        (q[state], tuple(a[x] for x in read)): (q[then], tuple(a[x] for x in write), moves)
        for (state, read), (then, write, moves) in transitions_taken(machine).items()
    }
    same = found.start == q[machine.start] and found.tapes == machine.tapes
    return same and table == dict(transitions_taken(found))


def _lost(old: Document, new: Document, q: Names, a: Names) -> Iterator[str]:
    renamed = [(f"state {show(x)}", show(y)) for x, y in q.items() if x != y and _there(y, new)]
    renamed += [(f"symbol {show(x)}", show(y)) for x, y in a.items() if x != y]
    for what, name in renamed[:6]:
        yield f"{what} is called {name}"
    if len(renamed) > 6:
        yield f"{len(renamed) - 6} more have other names"
    if _start(old, a) != _start(new, {}):
        words = " and ".join(show("".join(map(str, word))) for word in old.tapes if word)
        yield f"the input {cut(words)}" if words else f"heads on {show(old.heads)}"
    yield from _verdicts(old.machine, new.machine, q)
    if old.notes and not set(old.notes) <= set(new.notes):
        yield "notes"


def _there(state: State, document: Document) -> bool:
    return state in document.machine.states


def _start(document: Document, a: Names) -> tuple:
    """The words and heads of the start, under new names."""
    first: Configuration = initial(document.machine, document.tapes, document.heads)
    return [{c: a.get(x, x) for c, x in tape.items()} for tape in first.tapes], first.heads


def _verdicts(old: TuringMachine, new: TuringMachine, q: Names) -> Iterator[str]:
    """Which states accept or halt in one of the two only."""
    ends = {then for then, _, _ in transitions_taken(old).values()} | {old.start}
    for what, before, after in (
        ("accept", old.accepting, new.accepting),
        ("halt", old.halting, new.halting),
    ):
        told: dict[str, list[Any]] = {f"no longer {what}": [], f"now {what}": []}
        for state in old.states:
            if state in ends and (state in before) != (q[state] in after):
                told[f"no longer {what}" if state in before else f"now {what}"].append(state)
        for change, states in told.items():
            if states:
                names = ", ".join(map(show, chain(states[:4], ["..."] * (len(states) > 4))))
                yield f"in {names} runs {change}"
