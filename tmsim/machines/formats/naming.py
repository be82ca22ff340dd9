"""Other names for a machine's states and symbols: those that a format has words for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import chain, count
from string import ascii_letters, ascii_uppercase, digits
from typing import Any

from tmsim.machines.machine import TuringMachine

Names = dict[Any, Any]
Style = Callable[[TuringMachine], Names]

_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9'_.-]{0,99}")


def renamings(machine: TuringMachine) -> Iterator[tuple[Names, Names]]:
    """New names for states and symbols, the closest to the machine's own first.

    States keep their names, or halt by name as in morphett or accept by name as in
    turingmachine.io, or are numbered where their name is no word, or are lettered as in
    bbchallenge; symbols keep theirs, or the blank becomes `_`, or all become characters or digits.

    >>> from tmsim.machines import load
    >>> ({}, {"0": "_"}) in list(renamings(load("bb2").machine))
    True
    """
    seen: list[tuple[Names, Names]] = []
    for state_style in (_own, _accepting, _halting, _words, _accepting_words, _halting_words):
        for symbol_style in (_own, _underscore, _characters):
            found = state_style(machine), symbol_style(machine)
            if found not in seen:
                seen.append(found)
                yield found
    lettered = _letters(machine), _digits(machine)
    if lettered not in seen:
        yield lettered


def _own(machine: TuringMachine) -> Names:
    return {}


def _changed(names: Names) -> Names:
    return {old: new for old, new in names.items() if old != new}


def _distinct(names: dict[Any, str]) -> Names:
    """Numbers after names that several would have."""
    taken: set[str] = set()
    for value, name in names.items():
        free = chain([name], (f"{name}-{n}" for n in count(2)))
        names[value] = next(each for each in free if each not in taken)
        taken.add(names[value])
    return _changed(names)


def _words(machine: TuringMachine) -> Names:
    """Numbers for the states that are no words."""
    plain = {q: str(q) for q in machine.states if _WORD.fullmatch(str(q))}
    return _distinct({q: plain.get(q, f"q{i}") for i, q in enumerate(machine.states)})


def _accepting(machine: TuringMachine) -> Names:
    """The first accepting state is called accept, and no other."""
    return _with_ends(machine, {q: str(q) for q in machine.states}, "accept", "accept-")


def _accepting_words(machine: TuringMachine) -> Names:
    names = {q: str(q) for q in machine.states} | _words(machine)
    return _with_ends(machine, names, "accept", "accept-")


def _halting(machine: TuringMachine) -> Names:
    """Halting states are called halt…, the accepting ones halt-accept…, and no others."""
    return _with_ends(machine, {q: str(q) for q in machine.states}, "halt-accept", "halt")


def _halting_words(machine: TuringMachine) -> Names:
    names = {q: str(q) for q in machine.states} | _words(machine)
    return _with_ends(machine, names, "halt-accept", "halt")


def _with_ends(machine: TuringMachine, names: dict[Any, str], accept: str, prefix: str) -> Names:
    """Names in which states that halt or accept, and only those, are called so."""
    by_name = prefix == "halt"
    out = {}
    for q, name in names.items():
        rejects = "halt-reject" if machine.accepting else "halt"
        if q in machine.accepting and q in machine.halting:
            out[q] = accept
        elif q in machine.halting and by_name:
            out[q] = rejects
        else:
            taken = name.lower().startswith("halt") if by_name else name == accept
            out[q] = f"q-{name}" if taken else name
    return _distinct(out)


def _letters(machine: TuringMachine) -> Names:
    """A, B, ... for the states that go on, the start first; Z and letters before it for the others.

    The others follow in the order in which the table enters them; a letter that is free they keep.
    """
    going = [q for q in machine.states if q not in machine.halting]
    names = dict(zip(dict.fromkeys([machine.start, *going]), ascii_uppercase, strict=False))
    entered = (
        machine.transitions[q, (a,)][0]
        for q in names
        for a in _digits_order(machine)
        if machine.tapes == 1 and (q, (a,)) in machine.transitions
    )
    free: list[Any] = list(ascii_uppercase[len(names) :])
    for q in dict.fromkeys([*entered, *machine.states]):
        if q not in names and free:
            names[q] = free.pop(free.index(q) if q in free else -1)
    return dict(names)


def _digits_order(machine: TuringMachine) -> list[Any]:
    """The blank first; the others in their order, which for digits is their value's."""
    others = [a for a in machine.symbols if a != machine.blank]
    if machine.blank == "0" and set(others) == set(digits[1 : len(others) + 1]):
        others.sort(key=str)
    return [machine.blank, *others]


def _digits(machine: TuringMachine) -> Names:
    return _changed(dict(zip(_digits_order(machine), digits, strict=False)))


def _underscore(machine: TuringMachine) -> Names:
    """The blank is `_`; a symbol that was is another character."""
    names = {machine.blank: "_"}
    if "_" in machine.symbols and machine.blank != "_":
        names["_"] = next(_free(machine), "?")
    return _changed(names)


def _characters(machine: TuringMachine) -> Names:
    """The blank is `_`, and every symbol a letter or a digit, its own where it is one."""
    free = _free(machine)
    plain = digits + ascii_letters
    names = {a: a if str(a) in set(plain) else next(free, "?") for a in machine.symbols}
    return _changed({**names, machine.blank: "_"})


def _free(machine: TuringMachine) -> Iterator[str]:
    taken = set(map(str, machine.symbols)) - {str(machine.blank)}
    return (c for c in ascii_letters + digits if c not in taken)
