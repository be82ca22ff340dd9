"""Each law is broken by a construction with one error, and says where."""

from __future__ import annotations

import re

import pytest
from hypothesis import Phase, settings

from tests.laws import planted
from tmsim import catalogue
from tmsim.engine import run
from tmsim.machines import load
from tmsim.proofs import Bounds, Frame, Rightmost
from tmsim.testing import laws
from tmsim.testing.laws.case import text
from tmsim.testing.laws.engine import decoded, densely
from tmsim.testing.laws.runs import STAY

ONE_TAPE = (laws.FRAMES[1],)
MACHINE = r"machine (([0-9][LR][A-Z]|---|_)+|\{.*\}), tapes .*, heads \(.*,\)"


def own(construction, frame):
    return [laws.Setting.default(construction, frame)]


@pytest.fixture(autouse=True)
def as_found():
    """The first failure will do: shrinking it would take most of the time."""
    before = settings.get_current_profile_name()
    settings.register_profile("planted", settings(), phases=[Phase.generate])
    settings.load_profile("planted")
    yield
    settings.load_profile(before)


STEP = r"(step \d+|after \d+ steps)"
PLANTED = {
    planted.WideSlack: (
        lambda c: laws.theorem(c, frames=ONE_TAPE, under=own),
        rf"theorem: .*{MACHINE}: {STEP}: expected .*, found ",
    ),
    planted.WrongLemma: (
        lambda c: laws.lemmas(c, frames=ONE_TAPE),
        rf"lemmas: .*{MACHINE}: Claim C.6.*, row \d+, last\[0\]: expected 0, found None",
    ),
    planted.WrongWeight: (
        lambda c: laws.lemmas(c, frames=ONE_TAPE),
        rf"lemmas: .*{MACHINE}: Lemma C.8: the new position, row \d+, next_cell\[0\]: expected",
    ),
    planted.EveryRule: (
        laws.rules_agree,
        rf"rules \(leftmost\): .*{MACHINE}: after .*: expected",
    ),
    planted.NoLemmas: (
        lambda c: laws.lemmas(c, frames=ONE_TAPE),
        "lemmas: .*no layer ensures anything",
    ),
    planted.NoRounding: (
        laws.readings_agree,
        rf"readings: .* in float32, .*{MACHINE}: after .*, row \d+, mean\[0\]\[0\]: expected ",
    ),
    planted.WrongAddress: (
        laws.fold,
        rf"fold \(memory auto\): .*{MACHINE}: {STEP}: expected",
    ),
    planted.TooFar: (
        lambda c: laws.fold_holds(*far(c), kinds=["scan"]),
        rf"fold \(memory scan\): .* in float32.*{MACHINE}: {STEP}: expected",
    ),
    planted.OtherWhenTraced: (
        lambda c: laws.eager_holds(laws.Setting.default(c, laws.FRAMES[1]), laws.Case(STAY)),
        rf"jit: .*{MACHINE}: ",
    ),
    planted.WrongSize: (
        laws.size,
        r"size: WrongSize: Frame\(.*\): d_model: expected (\d+), found (\d+)",
    ),
    planted.FirstIsBlank: (
        laws.renaming,
        rf"renaming: .*{MACHINE}, states in the order \(.*\), symbols \(.*\): ",
    ),
    planted.NoStuck: (laws.outcomes, rf"outcomes: .*{MACHINE}: .* expected no_transition"),
    planted.OneCellLess: (laws.outcomes, rf"outcomes: .*{MACHINE}: .* found out_of_cells"),
    planted.NoEdge: (
        laws.outcomes,
        rf"outcomes: .* in float32.*{MACHINE}: .* expected out_of_precision, 4 steps",
    ),
    planted.HaltsLate: (laws.outcomes, rf"outcomes: .*{MACHINE}: .* expected halted, 0 steps"),
    planted.WrongMoves: (
        lambda c: laws.hypotheses(c, budget=20, dtypes=()),
        rf"hypotheses \(rule unique\): .*{MACHINE}: step \d+: expected",
    ),
    planted.AtOnce: (
        lambda c: laws.hypotheses(c, budget=20, rules=(), dtypes=("bfloat16",)),
        r"hypotheses \(bfloat16\): AtOnce .*: expected",
    ),
}


def far(construction):
    """A sweep over cells near the position that is claimed."""
    frame = Frame(2, 2, 1, Bounds(200, planted.TOO_FAR + 8))
    setting = laws.Setting(construction, frame, None, "float32")
    return setting, laws.Case(load("1RB1LA_1LA1RB").machine, heads=(planted.TOO_FAR - 20,))


@pytest.mark.parametrize("construction", PLANTED, ids=lambda c: c.__name__)
def test_the_law_is_broken(construction):
    law, message = PLANTED[construction]
    with pytest.raises(AssertionError) as error:
        law(construction())
    assert re.search(message, str(error.value)), error.value
    assert "\n" not in str(error.value)


def test_vmap_is_broken_by_a_batch_that_mixes_up_its_machines(monkeypatch):
    honest = run.decode_batch
    monkeypatch.setattr(run, "decode_batch", lambda *args: honest(*args)[::-1])
    with pytest.raises(AssertionError, match=rf"vmap: LoopedTape .*{MACHINE}: "):
        laws.transformations(catalogue.find("looped_tape"))


def test_the_sound_construction_passes_where_the_planted_fail():
    """The errors are seen because they are there: without them the same calls pass."""
    laws.theorem(catalogue.find("tzamos_2026"), frames=ONE_TAPE, under=own, examples=60)
    laws.lemmas(catalogue.find("wei_2021"), frames=ONE_TAPE, examples=60)
    laws.outcomes(catalogue.find("looped_tape"))


def test_check_stops_at_the_first_broken_law():
    with pytest.raises(AssertionError, match="theorem: WideSlack"):
        laws.check(planted.WideSlack())


class TestTheFifthBusyBeaver:
    """The head's mean position, times the count, is an integer only up to rounding: exact ties
    break, and the latest of them is no longer found."""

    frame = Frame(8, 2, 1, Bounds(400, 100))
    case = laws.Case(load("bb5").machine)

    def found(self, rule, read=decoded):
        setting = laws.Setting(catalogue.find("tzamos_2026"), self.frame, rule, "float64")
        return laws.right(setting, self.case)[0].differs(read(setting, self.case)[0])

    def test_under_the_exact_rule_a_wrong_symbol_is_read(self):
        """Wrong rows are found earlier, but hold the same symbol: see the tests of float traps."""
        assert self.found(Rightmost()) == 334

    def test_under_its_own_rule_none_does(self):
        assert self.found(None, densely) is None


@pytest.mark.parametrize("name", ["bb4", "palindrome"])
def test_machines_are_told_in_one_line(name):
    machine = load(name).machine
    assert "\n" not in text(machine)
    assert load(text(machine)).machine.transitions == machine.transitions
