"""Products of rows and weights, dense or by the blocks of a proof's text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array
from jax.tree_util import register_dataclass

Spans = tuple[tuple[int, int], ...]


@register_dataclass
@dataclass(frozen=True)
class Sparse:
    """A matrix W [d, n] that is zero outside rows `reads` and columns `writes`, whatever machine.

    A proof's affine forms name few registers each, so most of a weight matrix is zero by its text.
    """

    W: Array
    reads: Spans = field(metadata={"static": True})
    writes: Spans = field(metadata={"static": True})

    @property
    def shape(self) -> tuple[int, ...]:
        return self.W.shape

    @property
    def dtype(self) -> Any:
        return self.W.dtype


def accumulator(dtype: Any) -> Any:
    """Products and sums of 16-bit numbers are taken in float32."""
    return jnp.promote_types(dtype, jnp.float32)


def linear(x: Array, W: Array | Sparse, b: Array | None = None) -> Array:
    """x W + b, summed in the accumulator's dtype and rounded once to x's.

    x is [d] or [rows, d]. A single row is multiplied and summed, which XLA fuses with its
    neighbours; HIGHEST keeps float32 products from being taken in TF32 or bfloat16.
    """
    wide = accumulator(x.dtype)
    if x.ndim == 1:
        total = _row(x.astype(wide), W, wide)
    else:
        W = W.W if isinstance(W, Sparse) else W
        total = jnp.matmul(x, W, precision=jax.lax.Precision.HIGHEST, preferred_element_type=wide)
    if b is not None:
        total = total + b.astype(wide)
    return total.astype(x.dtype)


def _row(x: Array, W: Array | Sparse, wide: Any) -> Array:
    """x [d] times W [d, n], the terms that are zero by the text left out."""
    if not isinstance(W, Sparse):
        return (x[:, None] * W.astype(wide)).sum(0)
    if not W.reads:
        return jnp.zeros(W.shape[1], wide)
    parts, end = [], 0
    for start, stop in W.writes:
        parts.append(jnp.zeros(start - end, wide))
        blocks = (x[a:b, None] * W.W[a:b, start:stop].astype(wide) for a, b in W.reads)
        parts.append(sum(block.sum(0) for block in blocks))
        end = stop
    parts.append(jnp.zeros(W.shape[1] - end, wide))
    return jnp.concatenate(parts)
