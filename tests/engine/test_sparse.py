"""The sparse reading: the same products as the dense weights, and none of what is put in later."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tmsim import catalogue
from tmsim.engine import HOISTED, run, with_hoisting
from tmsim.engine.linear import Sparse, linear
from tmsim.engine.sparse import lowered, sparse
from tmsim.machines import load
from tmsim.testing import laws
from tmsim.testing.laws import Case, Setting
from tmsim.testing.laws.engine import assembled, decode, planned, prompted

NAMES = ("looped_tape", "pencil_2025", "tzamos_2026")
BB3 = load("bb3").machine


def matrices(t):
    """Dense and sparse, name by name."""
    for index, block in enumerate(t.blocks):
        for head in block.heads:
            for name in ("W_Q", "W_K", "W_V", "W_O"):
                yield f"{index}.{head.name}.{name}", getattr(head, name)
        for mlp in block.mlps:
            for name in ("W_in", "W_gate", "W_out"):
                if getattr(mlp, name) is not None:
                    yield f"{index}.{name}", getattr(mlp, name)


@pytest.mark.parametrize("name", NAMES)
def test_products_of_integers_are_the_dense_ones(name):
    construction = catalogue.find(name)
    setting = Setting.default(construction, laws.FRAMES[1])
    numbers = np.random.default_rng(0)
    with jax.enable_x64(True):
        dense = assembled(setting, Case(BB3))
        read = sparse(dense, setting.program())
        kept = whole_area = 0
        for (place, W), (_, blocks) in zip(matrices(dense), matrices(read), strict=True):
            x = numbers.integers(-50, 50, (W.shape[0],)).astype(np.float64)
            whole = x @ np.asarray(W, np.float64)
            # Rounded in one order or another where weights are fractions.
            near = 0 if (np.asarray(W, np.float64) % 1 == 0).all() else 1e-4
            got = np.asarray(linear(jnp.asarray(x, W.dtype), blocks), np.float64)
            assert np.abs(got - whole).max(initial=0) <= near * np.abs(whole).max(initial=1), place
            assert isinstance(blocks, Sparse)
            kept += area(blocks)
            whole_area += W.shape[0] * W.shape[1]
    assert kept < 0.5 * whole_area


def area(W: Sparse) -> int:
    rows, columns = (sum(b - a for a, b in spans) for spans in (W.reads, W.writes))
    return rows * columns


spans = st.lists(st.integers(0, 12), max_size=6, unique=True).map(
    lambda cuts: tuple(zip(sorted(cuts)[::2], sorted(cuts)[1::2], strict=False))
)


@settings(max_examples=8)
@given(spans, spans, st.integers(0, 2**32 - 1))
def test_any_spans_of_rows_and_columns(reads, writes, seed):
    numbers = np.random.default_rng(seed)
    W = np.zeros((12, 12), np.float32)
    for a, b in reads:
        for c, d in writes:
            W[a:b, c:d] = numbers.integers(-9, 9, (b - a, d - c))
    x = jnp.asarray(numbers.integers(-9, 9, 12), jnp.float32)
    found = linear(x, Sparse(jnp.asarray(W), reads, writes))
    assert np.array_equal(found, np.asarray(x) @ W)


def test_a_second_machine_has_the_same_structure():
    construction = catalogue.find("tzamos_2026")
    setting = Setting.default(construction, laws.FRAMES[1])
    with jax.enable_x64(True):
        both = [
            sparse(assembled(setting, Case(load(m).machine)), setting.program())
            for m in ("bb3", "0RA---")
        ]
    assert jax.tree.structure(both[0]) == jax.tree.structure(both[1])


def damaged(t):
    """A query that reads a register of which the text says nothing."""
    *others, last = t.blocks
    [head] = last.heads
    head = replace(head, W_Q=head.W_Q.at[0, 0].set(1.0))
    return replace(t, blocks=(*others, replace(last, heads=(head,))))


def test_a_weight_that_the_text_lacks_is_not_read_sparsely():
    setting = Setting.default(catalogue.find("tzamos_2026"), laws.FRAMES[1])
    with jax.enable_x64(True):
        t = assembled(setting, Case(BB3))
        with pytest.raises(
            ValueError, match=r"blocks\.2 latest\[0\] W_Q\[0, 0\] is 1\.0; expected 0"
        ):
            sparse(damaged(t), setting.program())


def with_last(t, W_out):
    """The last MLP's output weights, replaced."""
    *others, last = t.blocks
    [mlp] = last.mlps
    return replace(t, blocks=(*others, replace(last, mlps=(replace(mlp, W_out=W_out),))))


def test_what_is_put_in_later_is_read_dense():
    setting, case = Setting.default(catalogue.find("tzamos_2026"), laws.FRAMES[1]), Case(BB3)
    with jax.enable_x64(True):
        t = assembled(setting, case)
        given_rows, encoder = prompted(setting, case)
        memories = planned(setting, t, given_rows)
        read = lowered(t, setting.program(), memories)
        W_out = jnp.roll(t.blocks[-1].mlps[0].W_out, 1, axis=0)
        broken, dense = (with_last(weights, W_out) for weights in (read, t))
        found = decode(setting, case, broken, memories, given_rows, encoder)
        wanted = decode(setting, case, dense, memories, given_rows, encoder)
    assert wanted[1] is not laws.right(setting, case)[1]
    assert (found[0].differs(wanted[0]), found[1]) == (None, wanted[1])


@pytest.mark.parametrize("name", ["perez_2021", "wei_2021"])
def test_rows_that_are_kept_are_read_dense(name):
    setting = Setting.default(catalogue.find(name), laws.FRAMES[1])
    with jax.enable_x64(True):
        t = assembled(setting, Case(BB3))
        scan = run.plan(t, "scan", 64, 12)
        assert lowered(t, setting.program(), scan) is t


@pytest.mark.parametrize(("flags", "wanted"), [
    ("", "--xla_backend_extra_options={0}=131072"),
    ("--a=1", "--a=1 --xla_backend_extra_options={0}=131072"),
    ("--xla_backend_extra_options=x=2 --b", "--xla_backend_extra_options={0}=131072,x=2 --b"),
    ("--xla_backend_extra_options={0}=7", "--xla_backend_extra_options={0}=7"),
])  # fmt: skip
def test_the_users_flags_stay(flags, wanted):
    assert with_hoisting(flags.format(HOISTED)) == wanted.format(HOISTED)


def test_the_limit_is_asked_for_before_jax_begins():
    told = "import os, tmsim.engine; print(os.environ['XLA_FLAGS'])"
    environment = {k: v for k, v in os.environ.items() if k != "XLA_FLAGS"}
    done = subprocess.run(
        [sys.executable, "-c", told], capture_output=True, text=True, env=environment, timeout=60
    )
    assert HOISTED in done.stdout, done.stderr
