"""The numbers that every statement here is about, checked once: each function returns its argument.

The errors are ValueErrors of one line with the name, the value and what was expected.
"""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Integral, Real
from typing import Any

import jax
import numpy as np
from numpy.typing import ArrayLike

SUM_TOLERANCE = 1e-9  # a row of float64 probabilities may miss 1 by rounding, not by more


def count(name: str, value: Any, least: int = 1) -> int:
    """A whole number that is at least `least`.

    >>> count("vocabulary", 16)
    16
    >>> count("samples", 0)
    Traceback (most recent call last):
    ...
    ValueError: samples is 0; expected a whole number that is at least 1
    """
    if not isinstance(value, Integral) or isinstance(value, bool) or value < least:
        raise ValueError(f"{name} is {value}; expected a whole number that is at least {least}")
    return int(value)


def within(name: str, value: Any, low: float, high: float) -> float:
    """A number strictly between `low` and `high`: ε, δ and confidences are in (0, 1).

    >>> within("epsilon", 1.5, 0, 1)
    Traceback (most recent call last):
    ...
    ValueError: epsilon is 1.5; expected a number between 0 and 1, both left out
    """
    if not isinstance(value, Real) or isinstance(value, bool) or not low < float(value) < high:
        raise ValueError(
            f"{name} is {value}; expected a number between {low:g} and {high:g}, both left out"
        )
    return float(value)


def positive(name: str, value: Any) -> float:
    """A finite number above 0.

    >>> positive("exponent", float("nan"))
    Traceback (most recent call last):
    ...
    ValueError: exponent is nan; expected a finite number above 0
    """
    if not isinstance(value, Real) or isinstance(value, bool) or not 0 < float(value) < np.inf:
        raise ValueError(f"{name} is {value}; expected a finite number above 0")
    return float(value)


def distribution(name: str, values: ArrayLike) -> np.ndarray:
    """Probabilities along the last axis, as float64: finite, none negative, each row with sum 1.

    >>> distribution("p", [0.5, 0.6])
    Traceback (most recent call last):
    ...
    ValueError: p has a row with sum 1.1; expected 1
    """
    p = np.asarray(values, np.float64)
    if p.ndim == 0 or p.shape[-1] == 0:
        raise ValueError(f"{name} has shape {p.shape}; expected at least one probability")
    if not np.isfinite(p).all() or (p < 0).any():
        worst = p[~(np.isfinite(p) & (p >= 0))].flat[0]
        raise ValueError(f"{name} has the entry {worst:g}; expected probabilities")
    total = p.sum(-1)
    missed = np.abs(total - 1) > SUM_TOLERANCE
    if missed.any():
        worst = np.asarray(total)[missed].flat[0]
        raise ValueError(f"{name} has a row with sum {worst:g}; expected 1")
    return p


def member(name: str, value: str, known: Mapping[str, Any] | tuple[str, ...]) -> str:
    """One of the names that are known.

    >>> member("inputs", "cubic", ("gaussian", "sphere"))
    Traceback (most recent call last):
    ...
    ValueError: inputs is 'cubic'; expected gaussian or sphere
    """
    if value not in known:
        raise ValueError(f"{name} is {value!r}; expected {' or '.join(known)}")
    return value


def generator(key: jax.Array) -> np.random.Generator:
    """The host's random generator of a JAX key: equal keys give equal draws, in float64.

    Drawing on the host needs neither compilation nor 64-bit JAX; keys are split as usual.

    >>> a, b = (generator(jax.random.key(7)).random() for _ in range(2))
    >>> a == b
    True
    """
    return np.random.default_rng(np.asarray(jax.random.key_data(key)).ravel().tolist())
