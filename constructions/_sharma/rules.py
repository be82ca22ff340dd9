"""A machine as few rows of a prompt: rules that leave things open, of which the last one counts.

A rule names a state, or leaves it open, and per tape a symbol, or leaves it open; what it says
holds for all that it leaves open, unless a later rule says otherwise. One rule and its exceptions
take the place of a table's many entries.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import product
from typing import NamedTuple

from tmsim.machines import TuringMachine
from tmsim.machines.indexed import index_of

Read = tuple[int, ...]
Pattern = tuple[int | None, ...]


class Action(NamedTuple):
    """What a rule does: the state entered, per tape the symbol written (None: the one read), moves.

    Moves are -1, 0, 1.
    """

    state: int
    write: Pattern
    moves: tuple[int, ...]

    def on(self, read: Read) -> Action:
        """The same with every symbol named."""
        pairs = zip(self.write, read, strict=True)
        return self._replace(write=tuple(a if b is None else b for b, a in pairs))


STUCK, HALTS = "stuck", "halts"
Then = Action | str
"""An :class:`Action`, or that there is no transition, or that the state halts."""
Told = dict[Pattern, tuple[Then, ...]]


class Rule(NamedTuple):
    """In this state, reading these symbols (None: any), then that; all by their index."""

    state: int | None
    read: Pattern
    then: Then

    def matches(self, state: int, read: Read) -> bool:
        asked = zip((self.state, *self.read), (state, *read), strict=True)
        return all(mine is None or mine == theirs for mine, theirs in asked)


def rules_of(machine: TuringMachine) -> list[Rule]:
    """The machine as rules: what the last matching one says, and stuck where none matches.

    >>> m = TuringMachine.one_tape({("A", "0"): ("B", "1", "R")}, start="A", blank="0")
    >>> [(rule.state, rule.read) for rule in rules_of(m)]
    [(0, (0,)), (1, (None,))]
    """
    k, q, a = machine.tapes, index_of(machine.states), index_of(machine.symbols)
    tables: dict[int, dict[Read, Then]] = {}
    for (state, read), (then, write, moves) in machine.transitions.items():
        if state not in machine.halting:
            at = tuple(a[x] for x in read)
            action = Action(q[then], tuple(a[x] for x in write), tuple(map(int, moves)))
            tables.setdefault(q[state], {})[at] = action
    alphabets = [sorted({read[t] for table in tables.values() for read in table}) for t in range(k)]
    rules = [
        Rule(state, read, then)
        for state, table in tables.items()
        for read, then in _table(table, alphabets)
    ]
    # What no transition reads on a tape is ruled out once, for all states.
    for tape, read in enumerate(alphabets):
        if all(rule.read[tape] is not None for rule in rules):
            continue
        for symbol in sorted(set(a.values()) - set(read)):
            rules.append(Rule(None, _with((None,) * k, tape, symbol), STUCK))
    return rules + [Rule(q[s], (None,) * k, HALTS) for s in machine.states if s in machine.halting]


def says(rules: Sequence[Rule], state: int, read: Read) -> Then:
    """What the rules say: the definition of what they mean."""
    for rule in reversed(rules):
        if rule.matches(state, read):
            return rule.then.on(read) if isinstance(rule.then, Action) else rule.then
    return STUCK


def _with(read: Pattern, tape: int, symbol: int | None) -> Pattern:
    return (*read[:tape], symbol, *read[tape + 1 :])


def _table(table: Mapping[Read, Then], alphabets: Sequence[Sequence[int]]) -> list:
    """One state's entries as (pattern, then), for the reads that `alphabets` allow."""
    tapes = range(len(alphabets))
    own = [sorted({read[t] for read in table}) for t in tapes]
    kept = [all(a.write[t] == r[t] for r, a in table.items() if isinstance(a, Action))
            for t in tapes]  # fmt: skip
    told: Told = {r: _ways(table.get(r, STUCK), r, kept) for r in product(*own)}
    # Where the state reads one symbol of several, its rules name it.
    pattern: Pattern = tuple(
        mine[0] if len(mine) == 1 < len(alphabets[t]) else None for t, mine in enumerate(own)
    )
    telling = []
    for tape in tapes:
        merged = _blind(told, tape)
        if all(merged.values()):
            told = merged
        else:
            telling.append(tape)
    foreign = [
        (_with((None,) * len(own), tape, symbol), STUCK)
        for tape in tapes
        for symbol in alphabets[tape]
        if pattern[tape] is None and symbol not in own[tape]
    ]
    short = _cover(told, pattern, telling, STUCK) + foreign
    return short if len(short) < len(table) else list(table.items())


def _ways(then: Then, read: Read, kept: Sequence[bool]) -> tuple[Then, ...]:
    """All that can be said so that it means this: a symbol written over itself may go unnamed.

    On the tapes that are `kept` as they are it always does.
    """
    if not isinstance(then, Action):
        return (then,)
    choices = [
        (None,) if keeps else (b, None) if a == b else (b,)
        for a, b, keeps in zip(read, then.write, kept, strict=True)
    ]
    return tuple(then._replace(write=write) for write in product(*choices))


def _blind(told: Told, tape: int) -> Told:
    """What can be said without reading that tape."""
    merged: Told = {}
    for read, ways in told.items():
        rest = _with(read, tape, None)
        merged[rest] = tuple(way for way in merged.get(rest, ways) if way in ways)
    return merged


def _cover(
    told: Told, pattern: Pattern, tapes: Sequence[int], default: Then
) -> list[tuple[Pattern, Then]]:
    """Rules for these reads, which fit the pattern and where `default` holds already."""
    counts = Counter(way for ways in told.values() for way in ways)
    [(common, times)] = counts.most_common(1)
    # A default that is as common as any other costs no rule.
    chosen = default if counts[default] == times else common
    here = [] if chosen == default else [(pattern, chosen)]
    if times == len(told):
        return here
    splits = [_exceptions(told, pattern, tapes, tape, chosen) for tape in tapes]
    return here + min(splits, key=len)


def _exceptions(
    told: Told, pattern: Pattern, tapes: Sequence[int], tape: int, chosen: Then
) -> list[tuple[Pattern, Then]]:
    """Rules where `chosen` is wrong, symbol by symbol of one tape."""
    parts: dict[int | None, Told] = {}
    for read, ways in told.items():
        parts.setdefault(read[tape], {})[read] = ways
    rest = [t for t in tapes if t != tape]
    return [
        rule
        for symbol, part in parts.items()
        for rule in _cover(part, _with(pattern, tape, symbol), rest, chosen)
    ]
