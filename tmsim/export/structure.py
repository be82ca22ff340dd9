"""A transformer as JSON and named tensors, and back: its arrays by name, all else as values."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from fractions import Fraction
from typing import Any

import jax.numpy as jnp
import numpy as np

from tmsim.engine import transformer as tf
from tmsim.generating import unique
from tmsim.outcome import Outcome
from tmsim.proofs.feedback import Rewriting
from tmsim.proofs.positions import Position
from tmsim.proofs.program import Activation
from tmsim.proofs.rules import Rule, Score, Visibility

PARTS = {"heads": "attn", "mlps": "mlp"}
"""How TransformerLens calls what a block consists of."""


def _families() -> Iterator[type]:
    """Every class that a transformer's description may name."""
    yield from (tf.Transformer, tf.Block, tf.AttentionHead, tf.MLP, tf.Norm, tf.Address)
    yield from (tf.Span, tf.Window, Outcome, Activation)
    pending: list[type] = [Rule, Score, Visibility, Position, Rewriting]
    while pending:
        family = pending.pop()
        yield family
        pending += family.__subclasses__()


def described(transformer: tf.Transformer) -> tuple[Any, dict[str, np.ndarray]]:
    """The transformer as a JSON value that refers to its tensors by name, and these tensors.

    Head h of block l holds ``blocks.l.attn.h.W_Q``, its MLP m ``blocks.l.mlp.m.W_in``, and factor f
    of the vocabulary ``W_E.f`` and ``W_U.f``.

    >>> from tmsim.engine.assemble import assemble
    >>> from tmsim.proofs import Layer, Neuron, Program, Stream, Vector
    >>> s = Stream(); x, y = s.scalar("x"), s.scalar("y")
    >>> p = Program(s, [Layer("y = 2x", neurons=[Neuron(x, 2 * y)])], [], Vector(()), [], [y])
    >>> structure, tensors = described(assemble(p, {}, "float32"))
    >>> sorted(tensors)
    ['W_stop', 'b_stop', 'blocks.0.mlp.0.W_in', 'blocks.0.mlp.0.W_out', 'blocks.0.mlp.0.b_in']
    """
    tensors: dict[str, np.ndarray] = {}
    factors = {"W_U": [a.name for a, _ in transformer.carry]}
    factors["W_E"] = [b.name for _, b in transformer.carry]

    def labels(field: str, items: Sequence[Any]) -> list[str]:
        if items and isinstance(items[0], tf.AttentionHead):
            return unique([head.name for head in items])
        return factors[field] if items and field in factors else list(map(str, range(len(items))))

    def told(value: Any, path: str, field: str) -> Any:
        if hasattr(value, "__array__"):
            tensors[path] = np.asarray(value)
            return {"tensor": path}
        if isinstance(value, tuple):
            return [
                told(item, f"{path}.{label}", "")
                for label, item in zip(labels(field, value), value, strict=True)
            ]
        if is_dataclass(value) and not isinstance(value, type):
            named = {f.name: PARTS.get(f.name, f.name) for f in fields(value)}
            inside = {
                name: told(getattr(value, name), f"{path}.{part}".lstrip("."), name)
                for name, part in named.items()
            }
            return {type(value).__name__: inside}
        return _plain(value)

    return told(transformer, "", ""), tensors


def _plain(value: Any) -> Any:
    """A value without parts."""
    if isinstance(value, Enum):
        return {type(value).__name__: value.name}
    if isinstance(value, Fraction):
        return {"Fraction": str(value)}
    if isinstance(value, type):
        return {"class": value.__name__}
    if isinstance(value, np.dtype):
        return {"dtype": str(value)}
    if isinstance(value, float):
        return {"float": repr(value)}
    if value is None or isinstance(value, str | bool | int):
        return value
    raise ValueError(f"{value!r}: a description has no words for a {type(value).__name__}")


def restored(structure: Any, tensors: Mapping[str, np.ndarray]) -> tf.Transformer:
    """The transformer that :func:`described` told of; inside ``jax.enable_x64(True)`` for float64.

    Raises ValueError for an unknown class, field or value, for a tensor that is missing, and for
    one that nothing refers to.
    """
    classes, used = {c.__name__: c for c in _families()}, set[str]()

    def tensor(name: str) -> Any:
        if name not in tensors:
            raise ValueError(f"tensor {name!r} is missing")
        used.add(name)
        return jnp.asarray(tensors[name])

    plain: dict[str, Callable[[Any], Any]] = {
        "tensor": tensor, "Fraction": Fraction, "float": float, "dtype": jnp.dtype,
        "class": lambda name: known(name),
    }  # fmt: skip

    def known(name: Any) -> type:
        if name not in classes:
            raise ValueError(f"there is no {str(name)[:60]!r} in a transformer")
        return classes[name]

    def value(told: Any) -> Any:
        if isinstance(told, list):
            return tuple(map(value, told))
        if not isinstance(told, dict):
            return told
        if len(told) != 1:
            raise ValueError(f"{str(told)[:60]}: expected one name and what it stands for")
        [(name, inside)] = told.items()
        if name in plain:
            return plain[name](inside)
        kind = known(name)
        if issubclass(kind, Enum):
            return kind[inside]
        if not isinstance(inside, dict):
            raise ValueError(f"{name}: {str(inside)[:60]!r}; expected its fields")
        wanted = list(inspect.signature(kind).parameters)
        if sorted(inside) != sorted(wanted):
            raise ValueError(f"{name} has the fields {sorted(inside)}, expected {sorted(wanted)}")
        return kind(**{field: value(part) for field, part in inside.items()})

    try:
        made = value(structure)
    except (KeyError, TypeError, ArithmeticError, RecursionError) as error:
        raise ValueError(f"its description holds no transformer ({error!r})") from None
    if not isinstance(made, tf.Transformer):
        raise ValueError(f"its description is of a {type(made).__name__}, expected a Transformer")
    if set(tensors) - used:
        raise ValueError(f"nothing refers to the tensor {min(set(tensors) - used)!r}")
    return made
