"""The induction head: exact ratios of counts, and what goes wrong without its details."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings

from constructions.olsson_2022 import Olsson2022, Registers
from tmsim.lemmas import check_lemmas, violations
from tmsim.machines.models.ngram import NGram
from tmsim.proofs import Bounds, Frame, Program, exact
from tmsim.testing.laws.case import Case
from tmsim.testing.models.ngram import FRAME, cases

OLSSON = Olsson2022()
FULL = Frame(2, 4, 2, Bounds(1, 1))
MACHINE = NGram(tuple("abcd"), 1)


def read(program: Program, machine: NGram, text: Any, frame: Frame) -> list[Fraction]:
    """The distribution that the last row reads in exact arithmetic."""
    prompt = OLSSON.prompt(machine, text, (), frame)
    bound = program.bind(OLSSON.leaves(machine, frame))
    final = exact.forward(bound, prompt.rows, prompt.encoder).resid[-1][-1]
    slot = program.stream.slot
    return [p.value(lambda at: final[slot(at)]) for p in OLSSON.chances(frame)]


@settings(max_examples=60, deadline=None)
@given(cases(FRAME))
def test_the_readout_is_the_exact_ratio_of_counts(case: Case) -> None:
    expected = [*case.machine.distribution(case.tapes).values()]
    found = read(OLSSON.program(FULL), case.machine, case.tapes, FULL)
    assert found[: len(expected)] == expected
    assert not any(found[len(expected) :])


def with_key(change: Any) -> Program:
    """The program whose induction head has other keys."""
    program = OLSSON.program(FULL).bind(OLSSON.leaves(MACHINE, FULL))
    [head] = program.layers[1].heads
    layer = replace(program.layers[1], heads=[change(head, Registers(FULL))])
    return replace(program, layers=[program.layers[0], layer, *program.layers[2:]])


def zero_one(head: Any, r: Registers) -> Any:
    """Codes of 0 and 1 in place of ±1: half of each digit's difference is lost."""
    digits = [1 - r.null, 1 - r.null]  # the null row's digits stay 0
    first = [(Fraction(1, 2)) * (a + b) for a, b in zip(head.key[1:3], digits, strict=True)]
    return replace(head, key=[head.key[0], *first, *head.key[3:]])


def without_null(head: Any, r: Registers) -> Any:
    """A null row that scores as a mismatch does."""
    return replace(head, key=[-100 * r.null, *head.key[1:]])


@pytest.mark.parametrize(
    ("change", "text"), [(zero_one, "dacab"), (without_null, "abac")], ids=["0/1", "no null"]
)
def test_a_naive_key_reads_the_wrong_rows(change: Any, text: str) -> None:
    frame = replace(FULL, tapes=1)
    expected = [*MACHINE.distribution(text).values()]
    assert read(OLSSON.program(frame), MACHINE, text, frame) == expected
    program = OLSSON.program(FULL).bind(OLSSON.leaves(MACHINE, FULL))
    wrong = with_key(change)
    scenes = [*OLSSON.scenes(MACHINE, text, (), FULL)]
    prefix = exact.forward(program, [{}], [{"token": v} for v in range(4)]).encoder
    assert not [*violations(program, scenes, prefix)]
    assert any(v.register.startswith("p[") for v in violations(wrong, scenes, prefix))


def test_the_lemmas_hold_for_an_order_below_the_frames() -> None:
    frame = Frame(2, 4, 3, Bounds(20, 1))
    assert check_lemmas(OLSSON, MACHINE, "abacab", max_steps=8, frame=frame) is None
