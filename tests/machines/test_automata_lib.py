"""automata-lib's literals: what they say, what the library forbids, and hostile texts."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import assume, given

from tmsim.machines import TuringMachine, load, run
from tmsim.machines.formats import automata_lib, automata_parts, matching
from tmsim.testing import turing_machines

GOOD: dict[str, Any] = {
    "states": {"a", "b"}, "input_symbols": {"1"}, "tape_symbols": {"1", "."},
    "transitions": {"a": {"1": ("b", ".", "N")}}, "initial_state": "a", "blank_symbol": ".",
    "final_states": {"b"},
}  # fmt: skip
TWO = {**GOOD, "n_tapes": 2, "transitions": {"a": {("1", "."): [("b", (("1", "R"), (".", "L")))]}}}


def test_one_tape_and_two():
    machine = automata_lib.parse(repr(GOOD)).machine
    assert dict(machine.transitions) == {("a", ("1",)): ("b", (".",), (0,))}
    assert machine.halting == machine.accepting == {"b"}
    two = automata_lib.parse(repr(TWO)).machine
    assert dict(two.transitions) == {("a", ("1", ".")): ("b", ("1", "."), (1, -1))}


def test_it_is_told_from_json_by_its_keys():
    assert matching(repr(GOOD)) == matching(repr(GOOD).replace("'", '"')) == ("automata-lib",)
    assert matching('{"tapes": 1}') == ("explicit",)


def test_an_input_is_not_checked():
    document = automata_lib.parse(repr(GOOD)).with_input(["7"])
    assert run(document.machine, document.tapes).outcome == "no_transition"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"states": {"a"}}, "final_states has 'b'; expected one of states, a"),
        ({"states": ["a", "b", "a"]}, "states has ['a', 'b', 'a']; expected every name once"),
        ({"states": {"a", "b", 1}}, "states has 1; expected strings"),
        ({"final_states": {"a", "b"}}, "initial_state has 'a'; expected a state that is not final"),
        ({"final_states": "b"}, "final_states has 'b'; expected a set of strings"),
        ({"initial_state": "b"}, "initial_state has 'b'; expected a state that is not final"),
        ({"initial_state": ["a"]}, "initial_state has ['a']; expected one of states"),
        ({"transitions": {}}, "initial_state has 'a'; expected a state with transitions"),
        ({"transitions": {"a": {}, "b": {}}}, "transitions has 'b'; expected no transitions from"),
        ({"transitions": {"a": {}, "c": {}}}, "transitions has 'c'; expected one of states"),
        ({"transitions": {"a": {"2": ("b", "1", "R")}}}, "transitions['a']['2'] has '2'; expected"),
        ({"transitions": {"a": {"1": ("b", "1", "S")}}}, "transitions['a']['1'] has 'S'; expected"),
        ({"transitions": {"a": {"1": ("b", "1")}}}, "transitions['a']['1'] has ('b', '1'); expec"),
        ({"blank_symbol": "_"}, "blank_symbol has '_'; expected one of tape_symbols"),
        ({"input_symbols": {"1", "."}}, "input_symbols has ['.', '1']; expected some of tape_sym"),
        ({"n_tapes": 0}, "n_tapes has 0; expected a whole number, 1 or more"),
        ({"colour": 1}, "a key has 'colour'; expected states,"),
        ({**TWO, "transitions": {"a": {("1", "1"): []}}}, "transitions['a'][('1', '1')] has []; e"),
        ({**TWO, "transitions": {"a": {"11": []}}}, "transitions['a']['11'] has '11'; expected 2"),
    ],
)
def test_a_mistake_is_placed(change, message):
    with pytest.raises(ValueError) as error:
        automata_lib.parse(repr({**GOOD, **change}))
    assert str(error.value).startswith(f"automata-lib: {message}")


@pytest.mark.parametrize("key", GOOD)
def test_a_missing_key_is_named(key):
    with pytest.raises(ValueError, match=f"automata-lib: the key '{key}' is missing"):
        automata_lib.parse(repr({k: v for k, v in GOOD.items() if k != key}))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "line 1, column 1: '{' was never closed"),
        ("[]", "the text has []; expected a dict"),
        ("{'a': 1,\n 'a': 2}", "line 2, column 2: the key 'a' stands there twice"),
        ("{**{}}", "line 1, column 1: a dict has ** in it"),
        ("{'a': __import__('os')}", "a part is no literal of Python"),
        ("{'a': '\\d'}", "line 1"),
        ("(" * 150 + ")" * 150, "the text has (); expected a dict"),
        ("[" * 10**5, "line 1"),
        ("-" * 10**5 + "1", ""),
        ("1" + "+1" * 10**5, ""),
        ("9" * 10**5, ""),
        ("\ud800", "character 1 is no text"),
        ("\0", ""),
        ("#" * 10**6, "1,000,000 characters; expected 500,000 at most"),
    ],
)
def test_what_is_no_literal_is_refused_at_once(text, message):
    began = time.process_time()
    with pytest.raises(ValueError) as error:
        automata_lib.parse(text)
    assert str(error.value).startswith(f"automata-lib: {message}") and "\n" not in str(error.value)
    assert time.process_time() - began < 2


def startable(machine: TuringMachine) -> bool:
    leaving = {q for q, _ in machine.transitions}
    return machine.start in leaving - machine.halting


@given(turing_machines(max_tapes=3))
def test_what_is_written_is_the_machine(machine):
    assume(startable(machine))
    found = automata_lib.parse(automata_lib.write(machine)).machine
    assert dict(found.transitions) == dict(machine.transitions)
    assert (found.start, found.blank, found.halting) == (machine.start, "0", machine.halting)
    assert set(found.symbols) == set(machine.symbols) and found.tapes == machine.tapes
    assert automata_lib.write(found) == automata_lib.write(machine)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (load("binary-increment"), "automata-lib holds no input"),
        (load("bb2").machine.renamed(symbols={"1": "11"}), "automata-lib needs symbols of one"),
        (load("bb2").machine.renamed(symbols={"1": 1}), "automata-lib needs strings as names"),
        (TuringMachine({}, "A", "0"), "automata-lib needs a start state that is not final"),
    ],
)
def test_what_has_no_words_is_refused(source, message):
    with pytest.raises(ValueError) as error:
        automata_lib.write(source)
    assert str(error.value).startswith(message)


@given(turing_machines(max_tapes=2))
def test_objects_are_their_arguments(machine):
    assume(startable(machine))
    parts = automata_parts.parts_of(machine)
    found = TuringMachine.from_automata_lib(SimpleNamespace(**parts))
    assert dict(found.transitions) == dict(machine.transitions)


def test_what_is_no_machine_of_the_library_is_told():
    with pytest.raises(ValueError, match="automata-lib: 7 has no states; expected a DTM or an MN"):
        TuringMachine.from_automata_lib(7)
    with pytest.raises(ValueError, match="list of one transition: the machine must be determin"):
        many = {("1", "."): [("b", (("1", "R"),) * 2), ("a", (("1", "R"),) * 2)]}
        TuringMachine.from_automata_lib(SimpleNamespace(**{**TWO, "transitions": {"a": many}}))


@given(turing_machines(max_tapes=3))
def test_a_dict_says_the_machine(machine):
    assert TuringMachine.from_dict(machine.to_dict()) == machine
