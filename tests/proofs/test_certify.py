"""Certificates: true of every run, as wide as the integers' bounds, and refused when altered."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from fractions import Fraction
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tmsim import catalogue
from tmsim.cli.commands.certify import digits
from tmsim.proofs import Dot, Loop, Program
from tmsim.proofs.as_json import digest
from tmsim.proofs.certify import certify, checked
from tmsim.proofs.construction import SHOWN
from tmsim.proofs.exact_layers import ExactHead, compiled
from tmsim.proofs.exact_rows import all_rows, encoded, told
from tmsim.proofs.integers import certified
from tmsim.testing.laws.case import Setting, right
from tmsim.testing.laws.draw import examples_of, frames_of, quiet
from tmsim.testing.laws.ensured import LOOPED
from tmsim_verify import Refused, verify

INTEGER = ("brosamle_2026", "li_2025", "li_2026", "looped_tape", "schuurmans_2024", "wei_2021")
SMALL = {name: certify(catalogue.find(name), SHOWN, name) for name in ("li_2025", "looped_tape")}


@pytest.mark.parametrize("name", catalogue.names())
def test_every_certificate_verifies_and_bears_out_what_the_registers_say(name: str) -> None:
    construction = catalogue.find(name)
    said = certify(construction, SHOWN, name, digits=digits(construction))
    exact = verify(json.dumps(said))
    assert exact == said["derived"]["exact in"]
    assert bool(exact) != bool(said["derived"]["not certified"])
    assert {*certified(construction, construction.program(SHOWN))} <= {*exact}
    assert (name in INTEGER) <= (len(exact) == 4)


@pytest.mark.parametrize(
    "name",
    ["bai_2023", "jiang_2025", "li_2025", "li_2026", "looped_tape", "olsson_2022", "pencil_2025",
     "perez_2021", "schuurmans_2024", "tzamos_2026", "wei_2021"],
)  # fmt: skip
def test_no_run_leaves_the_ranges(name: str) -> None:
    construction = catalogue.find(name)
    frame = frames_of(construction)[0]
    loop = isinstance(construction.program(frame).feedback, Loop)
    if loop:
        frame = frame.within(LOOPED)
    setting = Setting.default(construction, frame)
    certificate = certify(construction, frame, name, digits=digits(construction))
    said, most = certificate["derived"], certificate["subject"]["rows"]
    most = None if loop else most  # of a loop, rows are cells

    @quiet(8)
    @given(examples_of(construction, frame))
    def holds(case: Any) -> None:
        leaves = construction.leaves(case.machine, frame)
        if digits(construction):
            assert {x for table in leaves.values() for x in table.values()} <= {0, 1}
        bound, given = setting.program().bind(leaves), (case.machine, case.tapes, case.heads)
        prefix = encoded(bound, construction.prompt(*given, frame).encoder)
        taken = right(setting, case)[0].rows()
        for scenes in islice(construction.passes(*given, taken, frame), 4):
            _hold(bound, said, told(bound, [s.row for s in scenes][:most]), prefix)

    holds()


def _hold(program: Program, said: dict[str, Any], rows: list[Any], prefix: Any) -> None:
    """Every number of the pass is in its certified range, every gap at least the certified one."""
    for layer, told_of in zip(compiled(program).layers, said["layers"], strict=True):
        mid, after, _ = all_rows(layer, rows, prefix)
        for head, about in zip(layer.heads, told_of["heads"], strict=True):
            if "score" in about:
                _head_holds(head, about, rows, prefix)
        if told_of["neurons"]["reads"] is None:
            rows = after
            continue
        between = [layer.neurons.reads(row) for row in mid]
        _within(told_of["neurons"]["reads"], (x for row in between for x in row))
        rows = after
    for name, (low, high, unit) in said["scalars"].items():
        place = program.stream.place(program.stream.registers[name])
        found = [row[place][0] for row in rows]
        _within([low, high], found)
        assert unit is None or all((x / Fraction(unit)).denominator == 1 for x in found if x)


def _head_holds(head: ExactHead, about: dict[str, Any], rows: list[Any], prefix: Any) -> None:
    assert isinstance(head.score, Dot)
    remembered = prefix if head.cross else rows
    for part, forms, those in (
        ("query", head.query, rows),
        ("key", head.key, remembered),
        ("value", head.value, remembered),
    ):
        _within(about[part], (x for row in those for x in forms(row)))
    for row in rows:
        q = head.query(row)
        found = [sum(a * b for a, b in zip(q, head.key(r), strict=True)) for r in remembered]
        _within(about["score"], found)
        for r in remembered:
            terms = [abs(a * b) for a, b in zip(q, head.key(r), strict=True)]
            assert sum(terms) <= Fraction(about["partial"])
        different = sorted(set(found))
        gaps = [b - a for a, b in pairwise(different)]
        if about["gap"] is not None and gaps:
            assert 0 < Fraction(about["gap"]) <= min(gaps)


def _within(ends: list[Any], numbers: Any) -> None:
    low, high = map(Fraction, ends)
    assert all(low <= x <= high for x in numbers)


def _figures(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of all numbers and texts."""
    inner: Any = value.items() if isinstance(value, dict) else enumerate(value)
    for key, part in inner:
        if isinstance(part, dict | list):
            yield from _figures(part, (*path, key))
        else:
            yield (*path, key)


def _altered(said: dict[str, Any], path: tuple[Any, ...], change: int) -> dict[str, Any]:
    copy = json.loads(json.dumps(said))
    *way, last = path
    place = copy
    for key in way:
        place = place[key]
    old = place[last]
    number = isinstance(old, int) and not isinstance(old, bool)
    place[last] = old + change if number else not old if isinstance(old, bool) else f"{old}?"
    return copy


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(sorted(SMALL)), st.data())
def test_every_altered_figure_is_refused(name: str, data: st.DataObject) -> None:
    said = SMALL[name]
    path = data.draw(st.sampled_from(list(_figures(said))))
    change = data.draw(st.integers(-3, 3).filter(bool))
    with pytest.raises(Refused) as refusal:
        verify(json.dumps(_altered(said, path, change)))
    assert "\n" not in str(refusal.value)


@settings(deadline=None, max_examples=30)
@given(st.data())
def test_other_forms_under_their_own_digest_are_not_the_constructions(data: st.DataObject) -> None:
    said = SMALL["li_2025"]
    inside = [p for p in _figures(said) if p[:2] == ("subject", "program")]
    other = _altered(said, data.draw(st.sampled_from(inside)), 1)
    other["digest"] = digest(other["subject"])
    assert not checked(catalogue.find("li_2025"), other)
    assert checked(catalogue.find("li_2025"), said)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "null", "{}", '{"subject": 3}', "[" * 100_000, '{"a": 1, "a": 2}',
     '{"subject": {"rows": 1e999, "program": {}}}', "NaN"],
)  # fmt: skip
def test_what_is_no_certificate_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(Refused) as refusal:
        verify(text)
    assert "\n" not in str(refusal.value) and len(str(refusal.value)) < 200


@pytest.mark.parametrize("power", [10**9, -(10**9)])
def test_powers_that_would_never_end_are_refused(power: int) -> None:
    name = "tzamos_2026"
    said = certify(catalogue.find(name), SHOWN, name)
    said["subject"]["program"]["positions"][0]["exponents"] = [power]
    with pytest.raises(Refused, match="powers"):
        verify(json.dumps(said))


def test_the_verifier_knows_nothing_of_the_library(tmp_path: Path, root: Path) -> None:
    (tmp_path / "cert.json").write_text(json.dumps(SMALL["looped_tape"]), encoding="utf-8")
    program = (
        "import sys, runpy\n"
        f"sys.path.insert(0, {str(root)!r})\n"
        "sys.modules.update(dict.fromkeys(['tmsim', 'constructions', 'numpy', 'jax', 'flint']))\n"
        "sys.argv = ['tmsim_verify', 'cert.json']\n"
        "runpy.run_module('tmsim_verify', run_name='__main__')\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith("cert.json: holds; nothing is rounded in float64, float32")
