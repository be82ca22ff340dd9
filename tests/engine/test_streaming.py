"""Streaming attention is dense attention: `attend` over all rows at once is the definition."""

from __future__ import annotations

from fractions import Fraction
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tmsim.engine.attention import attention
from tmsim.engine.memory import sees
from tmsim.engine.replay import Tap
from tmsim.engine.streaming import gaps, nothing, stream, supported, told
from tmsim.engine.transformer import Address, AttentionHead
from tmsim.proofs.rules import Average, Dot, Leftmost, Past, Rightmost, Softmax, Sum

ROWS, PART, M = 24, 8, 4
RULES = [Leftmost(), Rightmost(within=Fraction(3, 2)), Average(), Sum()]
dense = jax.jit(attention)
small = st.integers(-2, 2)
columns = partial(st.lists, small, min_size=ROWS, max_size=ROWS)


def head(rule, visible) -> AttentionHead:
    """One score and one value a row; only the dtypes and shapes of its weights are looked at."""
    one, none = jnp.ones((1, 1), jnp.float32), jnp.zeros(1, jnp.float32)
    address = Address(jnp.zeros((1, 3), jnp.float32), jnp.zeros(3, jnp.float32))
    return AttentionHead(
        one, none, one, none, one, none, one, address, "h", rule, Dot(), visible
    )  # fmt: skip


def streamed(h: AttentionHead, asked: Tap, i: np.ndarray, past: Tap):
    """In parts of `PART` rows."""
    seen = jax.tree.map(lambda a: jnp.asarray(a)[None], nothing(h, M))
    asked = jax.tree.map(lambda a: jnp.asarray(a)[None], asked)
    for start in range(0, ROWS, PART):
        part = jax.tree.map(lambda a, s=start: jnp.asarray(a[s : s + PART]), past)
        seen = stream(h, asked, jnp.asarray(i)[None], seen, part, jnp.int32(start))
    return jax.tree.map(lambda a: np.asarray(a)[0], seen)


def tap(q, key, value, read, write, null) -> Tap:
    column = lambda a: np.array(a, np.float32)[:, None]  # noqa: E731
    whole = (np.array(a, np.int32) for a in (read, write))
    q, z = column(q), np.zeros((len(q), 1), np.float32)
    return Tap(q, z, column(key), column(value), *whole, np.array(null, bool))  # type: ignore[arg-type]


@pytest.mark.parametrize("rule", RULES, ids=str)
@settings(max_examples=20)
@given(
    st.lists(st.tuples(st.integers(0, ROWS - 1), small), min_size=M, max_size=M).map(sorted),
    columns(), columns(),
)  # fmt: skip
def test_streaming_is_dense_attention(rule, queries, keys, values):
    h = head(rule, Past(strict=False))
    i, q = (np.array(column, np.int32) for column in zip(*queries, strict=True))
    asked = tap(q, q, q, q, q, q == 9)
    past = tap(keys, keys, values, keys, keys, np.array(keys) == 9)
    seen = streamed(h, asked, i, past)
    visible = sees(h, jnp.asarray(i)[:, None], jnp.arange(ROWS)[None])
    z, margin = dense(h, asked.q, past.key, past.value, visible)
    gap, tied = gaps(h, seen)
    assert told(h, seen).tolist() == np.asarray(z).tolist()
    assert tied.tolist() == np.broadcast_to(margin.tied, M).tolist() or isinstance(rule, Sum)
    known = ~np.isnan(gap)
    assert gap[known].tolist() == np.broadcast_to(margin.gap, M)[known].tolist()
    # A gap can be lost only where scores lie within the slack of each other.
    assert known.all() or getattr(rule, "within", 0) > 0


@settings(max_examples=20)
@given(
    st.lists(st.tuples(st.integers(0, ROWS - 1), small), min_size=M, max_size=M).map(sorted),
    columns(), st.lists(st.booleans(), min_size=ROWS, max_size=ROWS),
)  # fmt: skip
def test_the_holder_of_an_address_is_its_latest_writer(queries, writes, nulls):
    h = head(Rightmost(), Past(strict=False))
    i, asks = (np.array(column, np.int32) for column in zip(*queries, strict=True))
    seen = streamed(h, tap(asks, asks, asks, asks, asks, asks == 9), i,
                    tap(writes, writes, writes, writes, writes, nulls))  # fmt: skip
    past = [list(zip(writes, nulls, strict=True))[: row + 1] for row in i]
    holders = [
        max((j for j, (at, null) in enumerate(rows) if at == ask and not null), default=-1)
        for rows, ask in zip(past, asks, strict=True)
    ]
    none = [max((j for j, (_, null) in enumerate(rows) if null), default=-1) for rows in past]
    assert (seen.holder.tolist(), seen.null.tolist()) == (holders, none)


def test_a_rule_that_weighs_all_rows_is_not_supported():
    assert all(map(supported, RULES)) and not supported(Softmax())
