"""The zoo: every figure in its index, and what the machines compute on all small inputs."""

from __future__ import annotations

from itertools import product

import pytest

from tmsim.machines import run, zoo
from tmsim.outcome import Outcome

ENTRIES = [zoo.load(name) for name in zoo.names()]
LONG = 10**5


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_the_sample_run_ends_as_published(entry):
    limit = LONG if entry.steps is None or entry.steps > 5 * 10**6 else entry.steps
    end = run(entry.machine, entry.tapes, entry.heads, limit)
    if limit == entry.steps:
        assert (end.outcome, end.steps) == (entry.outcome, entry.steps)
    else:
        assert (end.outcome, end.steps) == (Outcome.out_of_steps, LONG)
        assert (entry.steps is None) == (entry.outcome is Outcome.out_of_steps)


def test_the_zoo_is_varied():
    assert len(ENTRIES) >= 14
    assert {entry.machine.tapes for entry in ENTRIES} == {1, 2, 3}
    outcomes = {Outcome.halted, Outcome.no_transition, Outcome.out_of_steps}
    assert {entry.outcome for entry in ENTRIES} == outcomes
    assert any(len(str(symbol)) > 1 for entry in ENTRIES for symbol in entry.machine.symbols)
    assert all(entry.title and entry.source for entry in ENTRIES)


def test_an_unknown_name_gets_close_ones():
    with pytest.raises(ValueError, match=r"no machine 'palindrom' in the zoo; did you mean palind"):
        zoo.load("palindrom")
    with pytest.raises(ValueError, match=r"no machine '#' in the zoo; there are right-mover, "):
        zoo.load("#")


def words(alphabet: str, longest: int) -> list[str]:
    return ["".join(w) for n in range(longest + 1) for w in product(alphabet, repeat=n)]


def result(name: str, *inputs: str, tape: int = 0) -> str:
    end = run(zoo.load(name).machine, inputs, max_steps=LONG)
    assert end.outcome is Outcome.halted
    return "".join(map(str, end.configuration.trimmed(tape)[1]))


def accepts(name: str, word: str) -> bool:
    machine = zoo.load(name).machine
    end = run(machine, [word], max_steps=LONG)
    assert end.outcome is Outcome.halted
    return end.configuration.state in machine.accepting


NUMBERS = [format(n, "b") for n in range(2**6)]


def test_binary_addition_is_right_up_to_six_bits():
    for a, b in product(NUMBERS, repeat=2):
        assert int(result("binary-addition", f"{a}+{b}"), 2) == int(a, 2) + int(b, 2), (a, b)


def test_binary_addition_on_three_tapes_is_right_up_to_six_bits():
    for a, b in product(NUMBERS, repeat=2):
        total = result("binary-addition-3-tapes", a, b, tape=2)
        assert int(total, 2) == int(a, 2) + int(b, 2), (a, b)


@pytest.mark.parametrize("a", ["0011", "000", "1", ""])
@pytest.mark.parametrize("b", ["0001", "00", "1", "111"])
def test_binary_addition_takes_leading_zeros_and_an_empty_summand(a, b):
    expected = int(a or "0", 2) + int(b, 2)
    assert int(result("binary-addition", f"{a}+{b}"), 2) == expected
    assert int(result("binary-addition-3-tapes", a, b, tape=2), 2) == expected


def test_binary_increment():
    for n, word in enumerate(NUMBERS):
        assert result("binary-increment", word) == format(n + 1, "b")


def test_unary_addition_and_doubling():
    for a, b in product(range(5), repeat=2):
        assert result("unary-addition", "1" * a + "+" + "1" * b) == "1" * (a + b)
    for n in range(7):
        end = run(zoo.load("unary-doubling").machine, [["one"] * n], max_steps=LONG)
        assert end.configuration.trimmed() == (0, ("one",) * (2 * n))


@pytest.mark.parametrize("name", ["palindrome", "palindrome-2-tapes"])
def test_palindromes(name):
    for word in words("ab", 7):
        assert accepts(name, word) == (word == word[::-1]), word


def test_balanced_parentheses():
    for word in words("()", 8):
        rest = word
        while "()" in rest:
            rest = rest.replace("()", "")
        assert accepts("balanced-parentheses", word) == (not rest), word


def test_the_counter_counts():
    machine, seen = zoo.load("binary-counter").machine, []
    for step in run(machine, max_steps=400, keep=True).trace:
        if (step.state, step.read) == ("return", ("_",)):
            now = run(machine, max_steps=len(seen)).configuration.trimmed()[1]
            assert "".join(map(str, now)) == format(len([s for s in seen if s]) + 1, "b")
            seen.append(True)
        else:
            seen.append(False)
    assert sum(seen) > 50
