"""automata-lib's machines (https://pypi.org/project/automata-lib): a Python literal.

    {'states': {'q0', 'q1'}, 'input_symbols': {'0'}, 'tape_symbols': {'0', '.'},
     'transitions': {'q0': {'0': ('q1', '0', 'R')}}, 'initial_state': 'q0',
     'blank_symbol': '.', 'final_states': {'q1'}}

These are the keyword arguments of its class DTM; with `n_tapes` those of MNTM, where a transition
is `'q0': {('0', '.'): [('q1', (('0', 'R'), ('.', 'N')))]}`, a list of one: deterministic machines
only. A move N stays. A run accepts, and stops, on entering a final state. What the library forbids
is forbidden here: an initial state that is final or has no transitions, transitions that leave a
final state, a blank outside the tape symbols, input symbols that are all of these.
"""

from __future__ import annotations

import ast
import re
import warnings
from functools import partial
from typing import Any

from tmsim.machines.formats.automata_parts import machine_of, parts_of
from tmsim.machines.formats.document import Document, as_document, with_symbols
from tmsim.machines.machine import TuringMachine
from tmsim.machines.validation import cut

NAME = "automata-lib"

LONGEST = 500_000  # characters; Python's parser takes a thousand bytes for each node

_KEY = re.compile(r"""["'](tape_symbols|initial_state)["']\s*:""")


def matches(text: str) -> bool:
    """Does the text begin as a dict, with a key in single quotes or one that only DTMs have?"""
    start = text.lstrip()
    if start[:1] != "{":
        return False
    return start[1:].lstrip()[:1] == "'" or _KEY.search(start) is not None


def parse(text: str) -> Document:
    """The machine of a Python literal; nothing in it is run.

    Raises ValueError naming the line and column of what is no literal, or the key.

    >>> parse('''{'states': {'a', 'b'}, 'input_symbols': {'1'}, 'tape_symbols': {'1', '.'},
    ...  'transitions': {'a': {'.': ('b', '1', 'R')}}, 'initial_state': 'a', 'blank_symbol': '.',
    ...  'final_states': {'b'}}''').machine.transitions
    mappingproxy({('a', ('.',)): ('b', ('1',), (<Move.R: 1>,))})
    """
    machine = machine_of(_literal(text))
    # The library checks no input: a symbol outside the alphabet has no transition, no more.
    return Document(machine, reading=partial(with_symbols, machine))


def _literal(text: str) -> Any:
    if len(text) > LONGEST:
        raise ValueError(f"{NAME}: {len(text):,} characters; expected {LONGEST:,} at most")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # an escape such as '\d', which Python only warns of
            tree = ast.parse(text.strip(), mode="eval")
        for node in ast.walk(tree):
            if isinstance(node, ast.Dict):
                _keys_once(node)
        return ast.literal_eval(tree)
    except SyntaxError as error:
        place = f"line {error.lineno}, column {error.offset}: " if error.lineno else ""
        raise ValueError(f"{NAME}: {place}{_one_line(error.msg)}") from None
    except (MemoryError, RecursionError):
        raise ValueError(f"{NAME}: nested too deeply for a machine") from None
    except UnicodeEncodeError as error:
        raise ValueError(f"{NAME}: character {error.start + 1} is no text") from None
    except (TypeError, ValueError) as error:
        message = _one_line(str(error)).removeprefix(f"{NAME}: ")
        message = "a part is no literal of Python" if "malformed node" in message else message
        raise ValueError(f"{NAME}: {message}") from None


def _one_line(message: str) -> str:
    return cut(" ".join(message.split()), 120)


def _keys_once(node: ast.Dict) -> None:
    seen = set()
    for key in node.keys:
        place = f"line {node.lineno}, column {node.col_offset + 1}"
        if key is None:
            raise ValueError(f"{place}: a dict has ** in it; expected a literal")
        value = ast.literal_eval(key)
        if value in seen:
            place = f"line {key.lineno}, column {key.col_offset + 1}"
            raise ValueError(f"{place}: the key {cut(repr(value))} stands there twice")
        seen.add(value)


def write(source: Document | TuringMachine) -> str:
    """The Python literal of a machine: a DTM's arguments, for several tapes an MNTM's.

    The final states are the accepting ones, or the halting ones of a machine that accepts nowhere.
    Raises ValueError for what the library forbids, an input, and an accepting state that does not
    halt.

    >>> bar = TuringMachine.one_tape({("A", "0"): ("A", "1", "R")}, start="A", blank="0")
    >>> parse(write(bar)).machine == bar
    True
    """
    document = as_document(source)
    if any(document.tapes) or any(document.heads):
        raise ValueError(f"{NAME} holds no input; the machine comes with one, or a head not on 0")
    parts = parts_of(document.machine)
    lines = [f"    {key!r}: {_spelt(value)},\n" for key, value in parts.items()]
    return "{\n" + "".join(lines) + "}\n"


def _spelt(value: Any) -> str:
    """The literal with its sets sorted and a line per state of the table."""
    if isinstance(value, set):
        return "{" + ", ".join(map(repr, sorted(value))) + "}" if value else "set()"
    if not isinstance(value, dict):
        return repr(value)
    rows = [f"        {state!r}: {row!r},\n" for state, row in value.items()]
    return "{\n" + "".join(rows) + "    }"
