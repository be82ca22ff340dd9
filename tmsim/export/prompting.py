"""A run as a few-shot prompt for any language model: rules, input, first lines, what to write."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from tmsim.export.trace_text import DEFAULT, NONE, Lines, after, lines_of, words
from tmsim.machines import Configuration, TuringMachine, steps
from tmsim.machines.formats.document import Document

WINDOW, ASKED = 200, 32
"""How many lines of a run a prompt shows at most, and how many it asks for."""
FIELDS = {
    "state": "the state entered",
    "wrote": "the symbol written",
    "moved": "the head's move: L, S or R",
}


def prompt(
    document: Document | TuringMachine,
    shown: int = 8,
    construction: str = DEFAULT,
    *,
    window: int = WINDOW,
    asked: int = ASKED,
) -> str:
    """The text that shows a run's first `shown` lines and asks for the next `asked`.

    Of more than `window` lines the last `window` are shown, with the configuration that they start
    from, and the text says how many are omitted.

    Raises ValueError for counts below 0 (window and asked: below 1), for a run that has fewer
    lines, and as :func:`tmsim.export.trace_text.lines_of` does.

    >>> from tmsim.machines import load
    >>> print(prompt(load("bb2"), 2, asked=3))
    This is a Turing machine with the states A, B, Z and the symbols 0, 1; 0 is the blank.
    It starts in state A. It halts in Z, and stops where no rule applies.
    Its rules:
      in A reading 0: write 1, move R, enter B
      in A reading 1: write 1, move L, enter B
      in B reading 0: write 1, move L, enter A
      in B reading 1: write 1, move R, enter Z
    <BLANKLINE>
    The start: state A; tape: blank throughout, head on cell 0.
    <BLANKLINE>
    Each step of its run is one line: its number, a colon, and 3 words with a space between them:
      1. the state entered
      2. the symbol written
      3. the head's move: L, S or R
    After the last line comes `end: halted` or `end: no_transition`.
    <BLANKLINE>
    1: B 1 R
    2: A 1 L
    <BLANKLINE>
    Write the lines from number 3 to number 5, or up to the end if it comes first. Nothing else.
    """
    for what, number, least in (("shown", shown, 0), ("window", window, 1), ("asked", asked, 1)):
        if number < least:
            raise ValueError(f"{what} is {number}; expected {least} or more")
    lines = lines_of(document, construction)
    made, ended = lines.generated(shown)
    if len(made) < shown:
        raise ValueError(
            f"shown is {shown}; the run has {len(made)} lines and ends with {ended}:"
            f" expected {len(made)} at most"
        )
    first = max(shown - window, 0)
    parts = [
        rules(lines.machine), _start(lines), "\n".join(_format(lines)),
        "\n".join(_shown(lines, made, first)),
        f"Write the lines from number {shown + 1} to number {shown + asked}, or up to the end if it"
        " comes first. Nothing else.",
    ]  # fmt: skip
    return "\n\n".join(part for part in parts if part)


def rules(machine: TuringMachine) -> str:
    """The machine's table in words, a rule a line."""
    q = dict(zip(machine.states, words(machine.states), strict=True))
    a = dict(zip(machine.symbols, words(machine.symbols), strict=True))
    tapes = f" {machine.tapes} tapes," if machine.tapes > 1 else ""
    halting = ", ".join(q[state] for state in machine.states if state in machine.halting)
    said = [
        f"This is a Turing machine with{tapes} the states {', '.join(q.values())} and the symbols"
        f" {', '.join(a.values())}; {a[machine.blank]} is the blank.",
        f"It starts in state {q[machine.start]}. It"
        + (f" halts in {halting}, and" if halting else "")
        + " stops where no rule applies.",
        "Its rules" + (", tape by tape:" if tapes else ":"),
    ]
    for (state, read), (then, write, moves) in machine.transitions.items():
        if state not in machine.halting:
            move = " ".join(m.name for m in moves)
            before, after = (" ".join(a[x] for x in s) for s in (read, write))
            said.append(f"  in {q[state]} reading {before}: write {after}, move {move},"
                        f" enter {q[then]}")  # fmt: skip
    return "\n".join(said)


def _start(lines: Lines) -> str:
    told = f"The start: {configuration(lines.machine, after(lines.document, ()))}"
    if lines.a_line_is_a_step:
        return told
    given = "\n".join(f"p{number}: {line}" for number, line in enumerate(lines.prompt(), 1))
    return f"{told}\n\nAs tokens, before the first line:\n{given}"


def configuration(machine: TuringMachine, now: Configuration) -> str:
    """State, tapes and heads in words."""
    q = dict(zip(machine.states, words(machine.states), strict=True))
    a = dict(zip(machine.symbols, words(machine.symbols), strict=True))

    def tape(t: int) -> str:
        left, word = now.trimmed(t)
        name = f"tape {t + 1}" if machine.tapes > 1 else "tape"
        here = f"head on cell {now.heads[t]}"
        if not word:
            return f"{name}: blank throughout, {here}"
        held = " ".join(a[x] for x in word)
        place = f"cell {left} holds" if len(word) == 1 else f"cells {left} to"
        place += "" if len(word) == 1 else f" {left + len(word) - 1} hold"
        return f"{name}: {place} {held}, all others the blank, {here}"

    parts = [f"state {q[now.state]}", *map(tape, range(machine.tapes))]
    return "; ".join(parts) + "."


def _format(lines: Lines) -> Iterator[str]:
    what = "step of its run is one line" if lines.a_line_is_a_step else "line of its run is a token"
    listed = lines.listed
    count = len(lines.fields) if listed is None else 1
    several = f"{count} words with a space between them" if count > 1 else "one word"
    yield f"Each {what}: its number, a colon, and {several}:"
    for number, (name, size) in enumerate(() if listed else lines.fields, 1):
        kind, _, tape = name.partition("[")
        told = FIELDS.get(kind, f"{name}, a number from 0 to {size - 1} or {NONE}")
        on = f", tape {int(tape.rstrip(']')) + 1}" if tape and lines.machine.tapes > 1 else ""
        yield f"  {number}. {told}{on if kind in FIELDS else ''}"
    if listed:
        yield f"  one of {', '.join(listed)}"
    yield "After the last line comes `end: halted` or `end: no_transition`."


def _shown(lines: Lines, made: Sequence[str], first: int) -> Iterator[str]:
    if first:
        yield f"Lines 1 to {first} ({first:,} lines) are omitted."
        if lines.a_line_is_a_step:
            document = lines.document
            taken = list(islice(steps(lines.machine, document.tapes, document.heads), first))
            now = configuration(lines.machine, after(document, taken))
            yield f"Before line {first + 1}: {now}"
        yield ""
    yield from (f"{number}: {line}" for number, line in enumerate(made[first:], first + 1))
