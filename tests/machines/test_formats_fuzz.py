"""Any text at all: a document or a ValueError of one line, and soon."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmsim.machines import formats, load
from tmsim.machines.formats.conversion import convert
from tmsim.machines.formats.document import Document

NAMES = formats.names()
MANY = 10_000_000
XML = "<structure><type>turing</type><automaton>"
LINES = "* * * r 0"
ALIASES = "a: &a [x, x]\n" + "".join(f"b{i}: &b{i} [*b{i - 1}, *a]\n" for i in range(1, 40))
# Words of all the formats: pieces of them are nearer to a machine than letters are.
PIECES = st.sampled_from(
    [
        "1RB", "---", "_", "{", "}", "[", "]", "'", '"', ":", ",", "\n", " ", "  ", ";", "!", "*",
        "0 a b r halt", "blank: ' '", "start state: a", "table:", "input: 1", "{write: 1, L: a}",
        "init: a", "accept: b", "a,_", "b,1,>", "//", "name: x", "&a", "*a", "<", ">", "/", "&lt;",
        XML, '<state id="0"><initial/></state>', "</automaton>", "</structure>", "<read/>",
        "\ud800",
        "<transition>", "'states'", '"tapes"', "rules", "1e9", "-", "+", "\0", "\t", "\r", "é", "□",
        "$INITIAL_TAPE: 01", "synonyms:", "? ", "|\n", "- ", "<!DOCTYPE a>", "<!--", "-->",
    ]
)  # fmt: skip
TEXTS = st.text(max_size=60) | st.lists(PIECES, max_size=25).map("".join)
HARD = {
    "a line of letters": "x" * MANY,
    "a line of digits": "9" * MANY,
    "a line of entries": "1RB" * (MANY // 3),
    "a line of quotes": "'" + "x" * MANY,
    "a line of minus signs": "-" * MANY + "1",
    "a line of brackets": "[" * MANY,
    "a line of braces": "{" * MANY,
    "a line of colons": "a: " * (MANY // 3),
    "nested elements": "<a>" * (MANY // 3),
    "an attribute": "<structure a='" + "x" * MANY,
    "nested elements in a machine": XML + "<Machine0>" * 100_000,
    "nested lists": "{'states': " + "[" * 100_000,
    "nested objects": '{"a":' * 100_000,
    "nested mappings": "{a: " * 100_000,
    "aliases": ALIASES,
    "entities": '<!DOCTYPE a [<!ENTITY a "1"><!ENTITY b "&a;&a;">]><structure>&b;</structure>',
}


def one_line(error: ValueError) -> bool:
    text = str(error)
    return bool(text) and "\n" not in text and len(text) < 1000


@pytest.mark.parametrize("name", NAMES)
@given(text=TEXTS)
def test_any_text_is_a_document_or_one_line(name, text):
    try:
        assert isinstance(formats.parse(text, name), Document)
    except ValueError as error:
        assert one_line(error), str(error)


@given(TEXTS)
def test_any_text_is_looked_at(text):
    assert set(formats.matching(text)) <= set(NAMES)
    try:
        formats.parse(text)
    except ValueError as error:
        assert one_line(error)


SAMPLES = {name: convert(load("bb2").machine, name).text for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
@given(st.data())
def test_a_text_with_a_piece_cut_out_or_put_in(name, data):
    text = SAMPLES[name]
    start = data.draw(st.integers(0, len(text)))
    stop = data.draw(st.integers(start, min(len(text), start + 30)))
    changed = text[:start] + data.draw(st.just("") | PIECES) + text[stop:]
    try:
        assert isinstance(formats.parse(changed, name), Document)
    except ValueError as error:
        assert one_line(error), str(error)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("hard", HARD)
def test_a_hostile_text_is_done_with_soon(name, hard):
    began = time.process_time()
    try:
        formats.parse(HARD[hard], name)
    except ValueError as error:
        assert one_line(error)
    assert time.process_time() - began < 2
    began = time.process_time()
    formats.named(name).matches(HARD[hard])
    assert time.process_time() - began < 2
