"""Text formats: back and forth, and every mistake named with its place."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmsim.machines import TuringMachine, formats, load
from tmsim.machines.formats import bbchallenge, explicit
from tmsim.machines.formats.document import Document
from tmsim.testing import tapes, turing_machines, walkers

machines = turing_machines(max_tapes=3, min_symbols=1)
documents = machines.flatmap(
    lambda m: st.builds(
        Document, st.just(m), tapes(m, max_length=3), st.tuples(*[st.integers(-5, 5)] * m.tapes)
    )
)


@given(documents)
def test_explicit_says_everything(document):
    assert formats.parse(explicit.write(document)) == document


@given(documents)
def test_explicit_says_everything_in_the_long_form(document):
    a = {symbol: f"<{symbol}>" for symbol in document.machine.symbols}
    words = tuple(tuple(a[x] for x in word) for word in document.tapes)
    long = Document(document.machine.renamed(symbols=a), words, document.heads)
    text = explicit.write(long)
    assert isinstance(json.loads(text)["alphabet"], list)
    assert formats.parse(text) == long


@given(turing_machines(stay=False, max_states=6, max_symbols=5) | walkers())
def test_bbchallenge_says_machines_that_move(machine):
    text = bbchallenge.write(machine)
    parsed = bbchallenge.parse(f"  {text}\n").machine
    assert bbchallenge.write(parsed) == text and parsed == machine


def test_the_states_of_a_bbchallenge_text():
    machine = load("1RB1RZ_1LB0RH_1LZ---").machine
    assert machine.states == ("A", "B", "C", "Z", "H")
    assert machine.halting == {"Z", "H"}
    assert ("C", ("1",)) not in machine.transitions
    assert load("1RB---_------").machine.halting == frozenset()
    assert load("1RB---_------").machine.symbols == ("0", "1")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the text is empty"),
        ("1RB1LA_1LA", "row B has 1 entries, row A has 2"),
        ("1RB1LA_1LA1R-", "row B, entry 1 is '1R-'; expected a digit, L or R, and a letter"),
        ("1RB1LA_1LA1R", "row B '1LA1R' has 5 characters"),
        ("1RB1LA_", "row B '' has 0 characters"),
        ("1RB2LA_1LA1RB", "row A, entry 1 is '2LA', but symbol 2 is not one of the 2 symbols"),
        ("1RB1SA_1LA1RB", "row A, entry 1 is '1SA'"),
        ("1RB1La_1LA1RB", "row A, entry 1 is '1La'"),
        ("1RB", "1 symbols; the notation has digits for 2 to 10"),
        ("---" * 11, "11 symbols; the notation has digits for 2 to 10"),
        ("_".join(["------"] * 27), "27 rows, but only 26 letters"),
        ("\u0661RB1LA", "row A, entry 0 is '\u0661RB'"),
    ],
)
def test_a_mistake_in_bbchallenge_is_placed(text, message):
    with pytest.raises(ValueError) as error:
        bbchallenge.parse(text)
    assert str(error.value).startswith(f"bbchallenge: {message}")


STAY = TuringMachine.one_tape({("A", "0"): ("A", "1", "S")}, start="A", blank="0")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (STAY, "needs moves L and R; the machine has a stay move in state A on 0"),
        (load("palindrome").machine, "needs symbols 0, 1, ..."),
        (load("palindrome-2-tapes").machine, "needs one tape; the machine has 2 tapes"),
        (Document(load("bb2").machine, (("1",),)), "needs a blank tape and head 0"),
        (Document(load("bb2").machine, (), (1,)), "needs a blank tape and head 0"),
        (load("bb2").machine.renamed({"A": "C"}), "needs states A, B, ... and start A"),
        (load("bb2").machine.renamed({"Z": "halt"}), "needs halting states named by a letter"),
        (
            TuringMachine.one_tape(
                {("A", "0"): ("Z", "1", "R"), ("Z", "0"): ("A", "1", "R")},
                start="A", blank="0", states="AZ", halting="Z",
            ),
            "needs halting states in order of appearance and nothing more",
        ),
    ],
)  # fmt: skip
def test_bbchallenge_refuses_what_it_has_no_words_for(source, message):
    with pytest.raises(ValueError, match=r"^the bbchallenge notation ") as error:
        bbchallenge.write(source)
    assert message in str(error.value)


GOOD = {
    "tapes": 1, "states": ["q", "H"], "alphabet": "01", "blank": "0", "start": "q", "halt": ["H"],
    "rules": [["q", "0", "1", "R", "H"]],
}  # fmt: skip


def test_a_good_explicit_text():
    document = explicit.parse(json.dumps({**GOOD, "accept": ["H"], "input": ["01"], "heads": [1]}))
    machine = document.machine
    assert (machine.accepting, machine.states) == ({"H"}, ("q", "H"))
    assert (document.tapes, document.heads) == ((("0", "1"),), (1,))
    assert explicit.parse(json.dumps({**GOOD, "halt": []})).machine.halting == frozenset()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"colour": 1}, "unknown key 'colour'; the keys are tapes, states,"),
        ({"tapes": 0}, "tapes is 0, expected a whole number, 1 or more"),
        ({"tapes": True}, "tapes is true, expected a whole number"),
        ({"tapes": 2}, 'rules[0][1] is "0", expected 2 entries, one per tape'),
        ({"states": "qH"}, 'states is "qH", expected a list'),
        ({"states": ["q", 1]}, "states[1] is 1, expected a string"),
        ({"states": ["q", "H", "q"]}, 'states is "q", expected every name once'),
        ({"alphabet": "010"}, 'alphabet is "0", expected every name once'),
        ({"alphabet": 7}, "alphabet is 7, expected a string"),
        ({"alphabet": ["0", "1"]}, 'rules[0][1] is "0", expected a list'),
        ({"blank": "_"}, 'blank is "_", expected one of 0, 1'),
        ({"start": "p"}, 'start is "p", expected one of q, H'),
        ({"start": ["q"]}, 'start is ["q"], expected one of q, H'),
        ({"halt": ["Z"]}, 'halt[0] is "Z", expected one of q, H'),
        ({"accept": ["q", "Z"]}, 'accept[1] is "Z", expected one of q, H'),
        ({"rules": {}}, "rules is {}, expected a list"),
        ({"rules": [["q", "0", "1", "R"]]}, 'rules[0] is ["q", "0", "1", "R"], expected [state,'),
        ({"rules": [["p", "0", "1", "R", "H"]]}, 'rules[0][0] is "p", expected one of q, H'),
        ({"rules": [["q", "0", "1", "R", "p"]]}, 'rules[0][4] is "p", expected one of q, H'),
        ({"rules": [["q", "2", "1", "R", "H"]]}, 'rules[0][1] is "2", expected one of 0, 1'),
        ({"rules": [["q", "0", "2", "R", "H"]]}, 'rules[0][2] is "2", expected one of 0, 1'),
        ({"rules": [["q", "0", "11", "R", "H"]]}, 'rules[0][2] is "11", expected 1 entries'),
        ({"rules": [["q", "0", "1", "N", "H"]]}, 'rules[0][3] is "N", expected one of L, S, R'),
        ({"rules": [["q", "0", "1", 1, "H"]]}, "rules[0][3] is 1, expected a string"),
        (
            {"rules": [["q", "1", "1", "R", "H"], *[["q", "0", "1", "R", "H"]] * 2]},
            'rules[2] is ["q", ["0"]], expected one rule per state and read; rules[1] has them',
        ),
        ({"input": ["0", "1"]}, 'input is ["0", "1"], expected 1 words at most'),
        ({"input": ["01x"]}, 'input[0][2] is "x", expected one of 0, 1'),
        ({"heads": [0.5]}, "heads is [0.5], expected 1 whole numbers"),
        ({"heads": [0, 0]}, "heads is [0, 0], expected 1 whole numbers"),
    ],
)
def test_a_mistake_in_explicit_is_placed(change, message):
    with pytest.raises(ValueError) as error:
        explicit.parse(json.dumps({**GOOD, **change}))
    assert str(error.value).startswith(f"explicit: {message}")


@pytest.mark.parametrize("key", GOOD)
def test_a_missing_key_is_named(key):
    with pytest.raises(ValueError, match=f"explicit: the key '{key}' is missing"):
        explicit.parse(json.dumps({k: v for k, v in GOOD.items() if k != key}))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{\n "tapes": 1,\n}', "explicit: line "),
        ('{"tapes": 1, "tapes": 1}', "explicit: the key 'tapes' appears twice"),
        ("[]", "explicit: the text is [], expected a JSON object"),
        ('{"tapes":' + "[" * 10**5, "explicit: lists are nested too deeply"),
    ],
)
def test_a_text_that_is_not_an_object_is_refused(text, message):
    with pytest.raises(ValueError) as error:
        explicit.parse(text)
    assert str(error.value).startswith(message)


def test_only_strings_can_be_written_in_explicit():
    machine = TuringMachine.one_tape({(0, "0"): (1, "1", "R")}, start=0, blank="0")
    with pytest.raises(ValueError, match="strings as names; 0 is none"):
        explicit.write(machine)


def test_formats_are_named():
    assert formats.names() == tuple(sorted(formats.names())) and len(formats.names()) >= 2
    with pytest.raises(ValueError, match="unknown format 'yaml'; the formats are automata-lib, bb"):
        formats.parse("x", "yaml")
    with pytest.raises(ValueError, match="the text looks like no known format; name its format"):
        formats.parse("x")
    assert formats.write(load("bb2").machine, "bbchallenge") == "1RB1LB_1LA1RZ"


@given(st.text(max_size=40) | st.text("0123LRABZ-_ \n", max_size=40))
def test_any_text_is_a_machine_or_a_value_error(text):
    for name in ("bbchallenge", "explicit"):
        try:
            formats.parse(text, name)
        except ValueError as error:
            assert "\n" not in str(error)
