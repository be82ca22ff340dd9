"""Positional encodings computed for row numbers in arrays."""

from __future__ import annotations

from functools import singledispatch
from typing import Any

import jax.numpy as jnp
from jax import Array

from tmsim.engine.transformer import Transformer
from tmsim.proofs.positions import Binary, Index, OneHot, Position, Powers


@singledispatch
def told(position: Position, i: Array, dtype: Any) -> Array:
    """What row `i` (integers, any shape) is told: [..., size]."""
    raise ValueError(f"the engine has no arithmetic for the position {position}")


@told.register
def _(position: Index, i: Array, dtype: Any) -> Array:
    return (i + position.start)[..., None].astype(dtype)


@told.register
def _(position: Powers, i: Array, dtype: Any) -> Array:
    base = (i + position.start)[..., None].astype(dtype)
    return jnp.concatenate([_power(base, e) for e in position.exponents], -1)


def _power(base: Array, exponent: int) -> Array:
    whole = jnp.ones_like(base)
    for _ in range(abs(exponent)):
        whole = whole * base
    return whole if exponent >= 0 else 1 / whole


@told.register
def _(position: Binary, i: Array, dtype: Any) -> Array:
    digits = (i + position.offset)[..., None] >> jnp.arange(position.size, dtype=i.dtype) & 1
    return (2 * digits - 1 if position.signed else digits).astype(dtype)


@told.register
def _(position: OneHot, i: Array, dtype: Any) -> Array:
    return ((i % position.size)[..., None] == jnp.arange(position.size)).astype(dtype)


def place(transformer: Transformer, x: Array, i: Array) -> Array:
    """x [..., d_model] with the positions of rows `i` [...] written into it."""
    # Outside compiled code rows may be in numpy, and a loop counts in Python integers.
    x, i = jnp.asarray(x), jnp.asarray(i)
    for position, span in transformer.positions:
        x = x.at[..., span.start : span.stop].set(told(position, i, x.dtype))
    return x
