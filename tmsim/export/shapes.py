"""Do a transformer's tensors fit together? Names as in :mod:`tmsim.export.structure`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tmsim.engine import transformer as tf
from tmsim.generating import unique
from tmsim.proofs.rules import Prefix

Expected = tuple[str, Any, tuple[int, ...], Any]
"""A tensor's name, the tensor, and the shape and dtype that it must have."""


def check_shapes(t: tf.Transformer) -> None:
    """Raise a ValueError naming the first tensor whose shape or dtype does not fit the others.

    >>> from dataclasses import replace
    >>> from tmsim.engine.assemble import assemble
    >>> from tmsim.proofs import Program, Stream, Vector
    >>> s = Stream(); x = s.scalar("x")
    >>> t = assemble(Program(s, [], [], Vector(()), [], [x]), {}, "float32")
    >>> check_shapes(t)
    >>> check_shapes(replace(t, d_model=3))
    Traceback (most recent call last):
    ...
    ValueError: tensor W_stop is float32 [1, 0], expected float32 [3, 0]
    """
    for name, tensor, shape, dtype in _expected(t):
        if getattr(tensor, "shape", None) != shape or tensor.dtype != dtype:
            is_now = "absent" if tensor is None else f"{tensor.dtype} {list(tensor.shape)}"
            raise ValueError(f"tensor {name} is {is_now}, expected {dtype} {list(shape)}")
    for span in _spans(t):
        if not 0 <= span.start < span.stop <= t.d_model:
            place = f"[{span.start}, {span.stop})"
            raise ValueError(f"register {span.name} is at {place}, expected in [0, {t.d_model})")


def _spans(t: tf.Transformer) -> Iterator[tf.Span]:
    yield from (*t.registers, *t.emits, *(span for _, span in t.positions))
    yield from (span for pair in t.carry for span in pair)


def _expected(t: tf.Transformer) -> Iterator[Expected]:
    wide = tf.accumulator(t.dtype)
    yield "W_stop", t.W_stop, (t.d_model, len(t.stops)), wide
    yield "b_stop", t.b_stop, (len(t.stops),), wide
    if t.W_active is not None or t.feedback == "loop":
        yield "W_active", t.W_active, (t.d_model,), t.dtype
        yield "b_active", t.b_active, (), t.dtype
    if t.rewrites is not None:
        marks = 0 if t.b_marks is None else t.b_marks.shape[-1]
        yield "W_marks", t.W_marks, (t.d_model, marks), wide
        yield "b_marks", t.b_marks, (marks,), wide
    if len(t.W_E) != len(t.W_U) or (t.W_E and len(t.W_E) != len(t.carry)):
        raise ValueError(f"{len(t.W_E)} W_E and {len(t.W_U)} W_U, expected {len(t.carry)} of each")
    for W_E, W_U, (source, target) in zip(t.W_E, t.W_U, t.carry, strict=False):
        yield f"W_E.{target.name}", W_E, (target.stop - target.start, t.d_model), t.dtype
        yield f"W_U.{source.name}", W_U, (t.d_model, source.stop - source.start), t.dtype
    for part in ("blocks", "encoder"):
        for number, block in enumerate(getattr(t, part)):
            yield from _of_block(f"{part}.{number}", block, t)


def _of_block(path: str, block: tf.Block, t: tf.Transformer) -> Iterator[Expected]:
    d_in, dtype = t.d_model, t.dtype
    if block.norm is not None and block.norm.W is not None:
        d_in = block.norm.W.shape[-1]
        yield f"{path}.norm.W", block.norm.W, (t.d_model, d_in), dtype
        yield f"{path}.norm.b", block.norm.b, (d_in,), dtype
    names = unique([head.name for head in block.heads])
    for name, head in zip(names, block.heads, strict=True):
        yield from _of_head(f"{path}.attn.{name}", head, d_in, t)
    for number, mlp in enumerate(block.mlps):
        at, d_mlp = f"{path}.mlp.{number}", mlp.W_in.shape[-1]
        yield f"{at}.W_in", mlp.W_in, (d_in, d_mlp), dtype
        yield f"{at}.b_in", mlp.b_in, (d_mlp,), dtype
        if mlp.W_gate is not None or mlp.b_gate is not None:
            yield f"{at}.W_gate", mlp.W_gate, (d_in, d_mlp), dtype
            yield f"{at}.b_gate", mlp.b_gate, (d_mlp,), dtype
        yield f"{at}.W_out", mlp.W_out, (d_mlp, t.d_model), dtype


def _of_head(path: str, head: tf.AttentionHead, d_in: int, t: tf.Transformer) -> Iterator[Expected]:
    d_head, d_value = head.W_Q.shape[-1], head.W_V.shape[-1]
    # Keys and values of cross-attention are read from the encoder's rows, which have no view.
    told = t.d_model if isinstance(head.visible, Prefix) else d_in
    yield f"{path}.W_Q", head.W_Q, (d_in, d_head), t.dtype
    yield f"{path}.b_Q", head.b_Q, (d_head,), t.dtype
    yield f"{path}.W_K", head.W_K, (told, d_head), t.dtype
    yield f"{path}.b_K", head.b_K, (d_head,), t.dtype
    yield f"{path}.W_V", head.W_V, (told, d_value), t.dtype
    yield f"{path}.b_V", head.b_V, (d_value,), t.dtype
    yield f"{path}.W_O", head.W_O, (d_value, t.d_model), t.dtype
    if head.address is not None:
        wide = tf.accumulator(t.dtype)
        yield f"{path}.address.W", head.address.W, (d_in, 3), wide
        yield f"{path}.address.b", head.address.b, (3,), wide
