"""The rules of Anthony Morphett's simulator (https://morphett.info/turing/): one a line.

    0 _ _ r halt     ; state, symbol read, symbol written, direction, next state
    0 * * r 0 !      ; any other symbol: keep it, move right, stay in state 0; a breakpoint

Symbols are single characters, the blank is `_`, directions are `l`, `r` and `*` (stay), `;` starts
a comment. `*` as symbol read or as state stands for any; as symbol written or next state, for no
change. Of the rules that apply, the one with both named counts, then the one naming the state, then
the one naming the symbol; of two for the same state and symbol, the later. States whose names begin
with `halt`, in upper or lower case, halt, and one called `halt-accept` accepts. The run starts in
state 0.

The page's other fields are written in comments: `$INITIAL_TAPE: word` is the sample input, where a
space is a blank and `*` stands before the symbol under the head (the page knows this line too);
`$INITIAL_STATE: q` starts in another state, and `$TAPE: one-way` is the variant whose tape ends
left of the input (see `tmsim.machines.one_way`). No alphabet is declared: `*` stands for the
symbols of the rules and of the input, so a document is given another input by `with_input`.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import islice

from tmsim.machines.formats.document import Document, as_document
from tmsim.machines.formats.finals import strings
from tmsim.machines.formats.lines import HEADED, Field, lines, one_character_symbols
from tmsim.machines.formats.wildcards import ANY, BLANK, Program, Rule, accepts, halts
from tmsim.machines.machine import TuringMachine
from tmsim.machines.step import Move
from tmsim.machines.validation import show

NAME = "morphett"

_MOVES = {"l": Move.L, "*": Move.S, "r": Move.R}
_LETTERS = {move: letter for letter, move in _MOVES.items()}
_EXPECTED = ("a state", "a symbol", "a symbol", "a direction: l, r or *", "a state")
_TOKEN = re.compile(r"\S+")
_RULE = re.compile(
    r"^[ \t]*[^\s;:]+[ \t]+[^\s;][ \t]+[^\s;][ \t]+[lr*][ \t]+[^\s;]+[ \t]*(![ \t]*)?\r?(;|$)",
    re.MULTILINE | re.IGNORECASE,
)
_OPTION = re.compile(r"\$(INITIAL_TAPE(?=:|\b)|INITIAL_STATE(?=:)|TAPE(?=:)):?")


def matches(text: str) -> bool:
    """Is a line a rule, or does a comment fill in one of the page's fields?

    The other formats' lines, which begin with a word and a colon, are none.
    """
    if HEADED.search(text) or text.lstrip()[:1] in ("<", "{"):
        return False
    return (
        _RULE.search(text) is not None
        or re.search(r";.*\$(INITIAL_)?(TAPE|STATE):", text) is not None
    )


def parse(text: str) -> Document:
    """The machine of a text in this notation, with its sample input.

    Its notes name breakpoints and the rules that a later one replaces. Raises ValueError naming the
    line, the column and what was expected there: a line that the page would leave out is an error.

    >>> document = parse("0 * * r 0\\n0 _ _ * halt  ; $INITIAL_TAPE: ab")
    >>> document.tapes, document.machine.transitions["0", ("b",)]
    ((('a', 'b'),), ('0', ('b',), (<Move.R: 1>,)))
    """
    rules: dict[tuple[str, str], Rule] = {}
    options: dict[str, Field] = {}
    notes: list[str] = []
    for number, full in lines(text, NAME):
        code, _, comment = full.partition(";")
        tokens = [
            Field(token[0], number, token.start() + 1) for token in islice(_TOKEN.finditer(code), 7)
        ]
        if tokens:
            key, rule = _rule(tokens)
            if len(tokens) == 6:
                notes.append(f"line {number}: breakpoint")
            if key in rules:
                notes.append(f"line {number} replaces line {rules[key].line}")
            rules[key] = rule
        found = _OPTION.search(comment)
        if found:
            value = comment[found.end() :]
            column = len(code) + found.end() + len(value) - len(value.lstrip()) + 2
            option = Field(value.strip(), number, column)
            if found[1] in options:
                raise option.wrong(NAME, f"${found[1]}: once; line {options[found[1]].line} has it")
            options[found[1]] = option
    start = options.get("INITIAL_STATE", Field("0", 1, 1))
    if len(start.text.split()) != 1 or start.text == ANY:
        raise start.wrong(NAME, "the state to start in, one word other than *")
    tape = options.get("TAPE", Field("two-way", 1, 1))
    if tape.text not in ("one-way", "two-way"):
        raise tape.wrong(NAME, "one-way or two-way")
    program = Program(rules, start.text, tape.text == "one-way")
    word = options["INITIAL_TAPE"].text if "INITIAL_TAPE" in options else ""
    document = program.document((tuple(word),) if word else (), None)
    return replace(document, notes=tuple(notes), reading=program.document)


def _rule(tokens: list[Field]) -> tuple[tuple[str, str], Rule]:
    if len(tokens) < 5:
        last = tokens[-1]
        end = Field("", last.line, last.column + len(last.text))
        raise end.wrong(NAME, f"{_EXPECTED[len(tokens)]}, the rule's field {len(tokens) + 1} of 5")
    for place in (1, 2):
        if len(tokens[place].text) != 1:
            raise tokens[place].wrong(NAME, "a symbol: one character")
    if tokens[3].text.lower() not in _MOVES:
        raise tokens[3].wrong(NAME, _EXPECTED[3])
    if len(tokens) > 5 and tokens[5].text != "!":
        raise tokens[5].wrong(NAME, "! or the end of the rule after five fields")
    if len(tokens) > 6:
        raise tokens[6].wrong(NAME, "the end of the rule after !")
    state, read, write, move, target = (token.text for token in tokens[:5])
    return (state, read), Rule(write, _MOVES[move.lower()], target, tokens[0].line)


def write(source: Document | TuringMachine) -> str:
    """The text of a machine with one tape and the blank `_`, and of its input.

    Raises ValueError for what the format has no words for: several tapes, symbols of several
    characters, halting states of other names, a head left of the input.

    >>> print(write(parse("0 * * r 0\\n0 _ _ * halt  ; $INITIAL_TAPE: ab")), end="")
    0 _ _ * halt
    0 a a r 0
    0 b b r 0
    ; $INITIAL_TAPE: *ab
    """
    document = as_document(source)
    machine = document.machine
    if machine.tapes != 1:
        raise ValueError(f"{NAME} has one tape; the machine has {machine.tapes} tapes")
    strings(machine, NAME)
    one_character_symbols(machine, NAME, BLANK, "*;")
    for state in machine.states:
        _writable(str(state), machine)
    table = sorted(machine.transitions.items(), key=lambda rule: machine.states.index(rule[0][0]))
    text = [
        f"{state} {read} {written} {_LETTERS[move]} {target}"
        for (state, (read,)), (target, (written,), (move,)) in table
    ]
    if machine.start != "0":
        text.append(f"; $INITIAL_STATE: {machine.start}")
    word, (head,) = [str(a) for a in document.tapes[0]] if document.tapes else [], document.heads
    if head < 0:
        raise ValueError(f"{NAME} starts the head in its input; the document's is on cell {head}")
    if word or head:
        word += [BLANK] * (head - len(word))
        text.append(f"; $INITIAL_TAPE: {''.join(word[:head])}*{''.join(word[head:])}")
    return "\n".join(text) + "\n"


def _writable(state: str, machine: TuringMachine) -> None:
    plain = state.isprintable() and state and not set(state) & set(" ;") and state != ANY
    if not plain:
        raise ValueError(f"{NAME} has states of one word without ; and {show(state)} is none")
    if halts(state) != (state in machine.halting):
        does = "halts" if state in machine.halting else "does not halt"
        raise ValueError(
            f"{NAME} halts in the states that begin with halt; state {show(state)} {does}"
            " (`renamed` gives new names)"
        )
    if machine.accepting and accepts(state) != (state in machine.accepting):
        does = "accepts" if state in machine.accepting else "does not accept"
        raise ValueError(f"{NAME} accepts in halt-accept; state {show(state)} {does}")
