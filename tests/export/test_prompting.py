"""A run as text: what a prompt shows is the run, and an answer is held to it word by word."""

from __future__ import annotations

from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmsim.export.prompting import configuration, prompt
from tmsim.export.scoring import read, score
from tmsim.export.trace_text import BOUNDS, NONE, after, lines_of, words
from tmsim.machines import TuringMachine, load, run, steps
from tmsim.machines.formats.document import Document
from tmsim.testing import tapes, turing_machines

machines = turing_machines(max_tapes=2, max_states=4, max_symbols=3)
documents = machines.flatmap(lambda m: st.builds(Document, st.just(m), tapes(m, max_length=3)))
MOST = 12


def truth(document: Document, count: int, construction: str = "tzamos_2026") -> list[str]:
    """The answer that is right: numbered lines, and the end if it is among them."""
    made, ended = lines_of(document, construction).generated(count)
    told = [f"{number}: {line}" for number, line in enumerate(made, 1)]
    return told if ended is None else [*told, f"end: {ended}"]


@given(documents, st.integers(0, MOST))
def test_a_line_is_the_state_entered_the_symbols_written_and_the_moves(document, count):
    m = document.machine
    taken = list(islice(steps(m, document.tapes, document.heads), count))
    expected = [
        " ".join(map(str, (s.next_state, *s.write, *(move.name for move in s.moves))))
        for s in taken
    ]
    ended = run(m, document.tapes, document.heads, count).outcome
    lines = lines_of(document)
    told = lines.generated(count)
    assert told[0] == expected and lines.a_line_is_a_step
    goes_on = len(list(islice(steps(m, document.tapes, document.heads), count + 1))) > count
    assert told[1] == (None if goes_on else str(ended))


TOKENS = ["tzamos_2026", "merrill_2024", "brosamle_2026", "brosamle_2026_summarised", "pencil_2025"]


@pytest.mark.parametrize("construction", TOKENS)
def test_more_lines_begin_with_fewer(construction):
    lines = lines_of(load("bb3"), construction)
    every, ended = lines.generated(200)
    assert ended == "halted" and len(every) >= 21
    for count in (0, 1, 5, 20):
        assert lines.generated(count) == (every[:count], None)


@given(documents, st.integers(0, MOST), st.integers(1, MOST), st.sampled_from(["\n", "\r\n"]))
def test_the_true_continuation_is_right_to_its_last_token(document, shown, asked, newline):
    every = truth(document, shown + asked)
    shown = min(shown, sum(not line.startswith("end") for line in every))
    answer = newline.join(every[shown : shown + asked])
    found = score(document, answer, shown, asked=asked)
    assert found.wrong is None and found.complete and found.ignored == 0
    assert found.right == sum(len(line.split()) - 1 for line in answer.splitlines())
    assert found.lines == len(answer.splitlines())


@given(documents, st.integers(1, MOST), st.data())
def test_a_changed_word_is_found_where_it_is(document, asked, data):
    every = truth(document, asked)
    row = data.draw(st.integers(0, len(every) - 1))
    parts = every[row].split()
    token = data.draw(st.integers(1, len(parts) - 1))
    changed = [*parts[:token], parts[token] + "x", *parts[token + 1 :]]
    answer = "\n".join([*every[:row], " ".join(changed), *every[row + 1 :]])
    found = score(document, answer, 0, asked=asked)
    right = sum(len(line.split()) - 1 for line in every[:row]) + token - 1
    assert found.wrong == (parts[0][:-1], row + 1, token, parts[token], parts[token] + "x")
    assert (found.right, found.lines, found.complete) == (right, row, False)


BB2 = Document(load("bb2").machine)
RIGHT = ["3: B 1 L", "4: A 1 L", "5: B 1 R", "6: Z 1 R", "end: halted"]
FORMS = {
    "plain": ("{}", "\n"),
    "fenced": ("Sure, here it is:\n\n```text\n{}\n```\nThe machine has halted: 6 steps.", "\n"),
    "windows": ("{}\r\n", "\r\n"),
    "old mac": ("{}", "\r"),
    "blank rows": ("\n\n{}\n", "\n\n  \n"),
    "a list": ("- {}", "\n- "),
    "a quotation": ("> {}", "\n> "),
    "code": ("`{}`", "`\n`"),
    "bold": ("**{}**", "**\n**"),
    "spaces": ("   {}", "   \n\t"),
    "a table": ("| {}", "\n| "),
}


@pytest.mark.parametrize("form", FORMS)
def test_how_an_answer_is_dressed_is_no_matter(form):
    frame, between = FORMS[form]
    found = score(BB2, frame.format(between.join(RIGHT)), 2)
    assert (found.right, found.lines, found.wrong, found.complete) == (13, 5, None, True)
    assert found.ignored == (form == "fenced")


DEPARTURES = {
    "3: B 1 L\n5: B 1 R": "line 4, its number (row 2 of the answer): expected 4:, found 5:",
    "4: A 1 L": "line 3, its number (row 1 of the answer): expected 3:, found 4:",
    "3: B 1": "line 3, token 3 (row 1 of the answer): expected L, found nothing",
    "3: B 1 L L": "line 3, token 4 (row 1 of the answer): expected nothing, found L",
    "\n".join([*RIGHT[:4], "7: A 1 L"]): (
        "line end, its number (row 5 of the answer): expected end:, found 7:"
    ),
    "3: B 1 L\nend: halted": "line 4, its number (row 2 of the answer): expected 4:, found end:",
    "\n".join([*RIGHT[:4], "end: no_transition"]): (
        "line end, token 1 (row 5 of the answer): expected halted, found no_transition"
    ),
}


@pytest.mark.parametrize("answer", DEPARTURES)
def test_every_way_to_leave_the_truth_is_told(answer):
    found = score(BB2, answer, 2)
    assert str(found.wrong) == DEPARTURES[answer] and not found.complete
    assert str(found).endswith(f"; then {DEPARTURES[answer]}")


def test_an_answer_may_repeat_what_was_shown():
    found = score(BB2, "\n".join(["1: B 1 R", "2: A 1 L", *RIGHT]), 2)
    assert (found.right, found.wrong, found.complete) == (19, None, True)
    assert score(BB2, "1: B 1 R\n2: A 1 R", 2).wrong == ("2", 2, 3, "L", "R")


def test_an_answer_that_stops_early_is_right_so_far():
    for answer, right in (("3: B 1 L", 3), ("", 0), ("I cannot do that.", 0)):
        found = score(BB2, answer, 2)
        assert (found.right, found.wrong, found.complete) == (right, None, False)
        assert str(found).endswith("the answer stops before the last line asked for")
    assert score(BB2, "3: B 1 L", 2, asked=1).complete


def test_what_follows_the_end_is_not_read():
    said, ignored = read("end: halted\n7: A 1 L\nThat is all.")
    assert [line.number for line in said] == ["end"] and ignored == 0


def test_of_a_long_run_the_last_lines_and_where_they_start():
    text = prompt(load("bb4"), 100, window=3)
    shown = [line for line in text.splitlines() if line[:1].isdigit()]
    assert shown == truth(load("bb4"), 100)[97:100]
    document = load("bb4")
    now = after(document, list(islice(steps(document.machine), 97)))
    assert "Lines 1 to 97 (97 lines) are omitted." in text
    assert f"Before line 98: {configuration(document.machine, now)}" in text


def test_the_whole_of_a_short_run_is_shown():
    text = prompt(load("bb4"), 100, window=100)
    shown = [line for line in text.splitlines() if line[:1].isdigit()]
    assert shown == truth(load("bb4"), 100) and "omitted" not in text


@given(documents)
def test_the_rules_of_the_prompt_are_the_machine(document):
    m = document.machine
    told = [line for line in prompt(document, 0).splitlines() if line.startswith("  in ")]
    table = {}
    for line in told:
        state, rest = line.removeprefix("  in ").split(" reading ")
        read_, rest = rest.split(": write ")
        write, rest = rest.split(", move ")
        moves, then = rest.split(", enter ")
        table[state, tuple(read_.split())] = (then, tuple(write.split()), tuple(moves.split()))
    assert table == {
        (str(q), tuple(map(str, read_))): (
            str(then), tuple(map(str, write)), tuple(move.name for move in moves)
        )
        for (q, read_), (then, write, moves) in m.transitions.items()
        if q not in m.halting
    }  # fmt: skip


def test_the_configuration_is_told_whole():
    m = load("bb3").machine
    document = Document(m, (("1", "0", "1"),), (-2,))
    told = configuration(m, after(document, []))
    assert told == "state A; tape: cells 0 to 2 hold 1 0 1, all others the blank, head on cell -2."


awkward = st.text(st.sampled_from('-" \t\\aé'), max_size=3)


@given(st.lists(awkward, unique=True))
def test_words_are_different_and_without_white_space(values):
    said = words(values)
    assert len(set(said)) == len(values) and NONE not in said
    assert all(len(word.split()) == 1 for word in said)


def test_a_machine_with_awkward_names_is_told_and_scored():
    table = {("go on", " "): ("stop", "-", "R")}
    machine = TuringMachine.one_tape(table, start="go on", blank=" ")
    document = Document(machine)
    assert truth(document, 3) == ['1: stop "-" R', "end: halted"]
    assert score(document, "\n".join(truth(document, 3)), 0).complete


WRONG = [
    (dict(shown=-1), "shown is -1; expected 0 or more"),
    (dict(window=0), "window is 0; expected 1 or more"),
    (dict(asked=0), "asked is 0; expected 1 or more"),
    (dict(shown=7), "shown is 7; the run has 6 lines and ends with halted: expected 6 at most"),
    (dict(shown=BOUNDS.steps + 1), "1,048,575 lines; expected 1,048,574 at most"),
    (dict(construction="looped_tape"), "looped_tape feeds back no tokens of a Turing machine"),
    (dict(construction="jiang_2025"), "jiang_2025 feeds back no tokens of a Turing machine"),
]


@pytest.mark.parametrize("chosen, told", WRONG)
def test_what_cannot_be_shown_is_refused(chosen, told):
    with pytest.raises(ValueError, match=told):
        prompt(BB2, **chosen)


def test_names_that_look_the_same_are_refused():
    machine = TuringMachine.one_tape({(1, "0"): ("1", "0", "R")}, start=1, blank="0")
    with pytest.raises(ValueError, match="'1' and 1 are the same as text, '1'"):
        prompt(machine, 0)
