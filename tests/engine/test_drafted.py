"""Law 10: verifying a draft gives the tokens of decoding alone, whatever is drafted."""

from __future__ import annotations

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tmsim
from tests.laws.planted import WrongMoves
from tmsim import catalogue
from tmsim.engine import drafted, run
from tmsim.machines import load
from tmsim.testing import laws
from tmsim.testing.laws import Case, Setting
from tmsim.testing.laws.engine import assembled, planned, prompted

CONSTRUCTION = catalogue.find("tzamos_2026")
SETTING = Setting.default(CONSTRUCTION, laws.FRAMES[1])
LIMIT = 31


@pytest.fixture(autouse=True)
def short_blocks(monkeypatch):
    monkeypatch.setattr(drafted, "ROWS", 12)
    monkeypatch.setattr(drafted, "FEW", 4)


def joined(blocks):
    """Records, outcome, margins and the longest context."""
    parts = list(blocks)
    last = parts[-1]
    margins = jax.tree.map(np.asarray, last.margins)
    return np.concatenate([part.records for part in parts]), last.outcome, margins, last.longest


class Proposed:
    """Proposes rows of `records` from where the run is, some of them changed."""

    def __init__(self, records, changes):
        self.records, self.changes, self.done = records, changes, 0

    def __call__(self, own, most):
        self.done += len(own)
        part = self.records[self.done : self.done + min(most, drafted.ROWS - 1)].copy()
        for row, column, value in self.changes:
            if self.done <= row < self.done + len(part):
                part[row - self.done, column % part.shape[1]] = value
        return part


def both(t, memories, given_rows, encoder, changes):
    decoded = joined(run.decode(t, memories, given_rows, encoder, LIMIT))
    draft = Proposed(decoded[0], changes)
    return decoded, joined(drafted.decode(t, memories, given_rows, encoder, LIMIT, draft))


def same(decoded, verified):
    assert np.array_equal(decoded[0], verified[0])
    assert (decoded[1], decoded[3]) == (verified[1], verified[3])
    for a, b in zip(jax.tree.leaves(decoded[2]), jax.tree.leaves(verified[2]), strict=True):
        assert np.allclose(a, b, atol=1e-9)


changes = st.lists(
    st.tuples(st.integers(0, LIMIT), st.integers(0, 3), st.integers(-1, 3)), max_size=6
)


@settings(max_examples=40)
@given(laws.examples_of(CONSTRUCTION, laws.FRAMES[1]), changes)
def test_whatever_is_drafted_the_tokens_are_the_transformers(case, changed):
    with jax.enable_x64(True):
        t = assembled(SETTING, case)
        given_rows, encoder = prompted(SETTING, case)
        memories = planned(SETTING, t, given_rows)
        assert drafted.draftable(t, memories)
        same(*both(t, memories, given_rows, encoder, changed))


def with_head(t, name, change):
    *others, last = t.blocks
    [head] = last.heads
    head = replace(head, **{name: change(getattr(head, name))})
    return replace(t, blocks=(*others, replace(last, heads=(head,))))


def with_mlp(t, name, change):
    *others, last = t.blocks
    [mlp] = last.mlps
    mlp = replace(mlp, **{name: change(getattr(mlp, name))})
    return replace(t, blocks=(*others, replace(last, mlps=(mlp,))))


def negated(W):
    return -W


def rolled(W):
    return jnp.roll(W, 1, axis=0)


DAMAGES = {
    "W_Q": lambda t: with_head(t, "W_Q", negated),
    "W_K": lambda t: with_head(t, "W_K", negated),
    "W_V": lambda t: with_head(t, "W_V", rolled),
    "W_O": lambda t: with_head(t, "W_O", rolled),
    "W_in": lambda t: with_mlp(t, "W_in", rolled),
    "W_out": lambda t: with_mlp(t, "W_out", rolled),
    "W_U": lambda t: replace(t, W_U=tuple(map(negated, t.W_U))),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_weights_make_their_own_tokens(damage):
    """The draft is the undamaged run; the table's memory is what both read through."""
    case = Case(load("bb3").machine)
    with jax.enable_x64(True):
        whole = assembled(SETTING, case)
        t = DAMAGES[damage](whole)
        given_rows, encoder = prompted(SETTING, case)
        memories = planned(SETTING, t, given_rows)
        draft = Proposed(joined(run.decode(whole, memories, given_rows, encoder, LIMIT))[0], [])
        own = joined(run.decode(t, memories, given_rows, encoder, LIMIT))
        same(own, joined(drafted.decode(t, memories, given_rows, encoder, LIMIT, draft)))


@pytest.mark.parametrize("machine", ["bb2", "bb4", "binary-increment", "palindrome-2-tapes"])
def test_the_front_door_verifies_what_it_decodes(machine):
    decoded, verified = (tmsim.simulate(machine, engine=e) for e in ("decode", "verify"))
    assert (verified.engine, verified.matches_reference) == ("verify", True)
    for what in ("outcome", "steps", "tokens", "context", "tape", "trace_hash", "certificate"):
        assert getattr(verified, what) == getattr(decoded, what), what


def test_a_wrong_construction_is_told_as_decoding_tells_it():
    """Its own tokens win over the draft, and the draft goes on from them."""
    told = [
        tmsim.simulate("bb3", construction=WrongMoves(), engine=engine, max_steps=40)
        for engine in ("decode", "verify")
    ]
    assert told[0].disagreement is not None
    assert told[1].disagreement == told[0].disagreement
    assert told[1].trace.differs(told[0].trace) is None
    assert (told[1].steps, told[1].outcome) == (told[0].steps, told[0].outcome)


def test_what_is_not_folded_is_not_drafted():
    with jax.enable_x64(True):
        t = assembled(SETTING, Case(load("bb3").machine))
        assert not drafted.draftable(t, run.plan(t, "scan", 64, 12))
