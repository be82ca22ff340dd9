"""Linear classification by a homogeneous half-space, y = sign(w·x), with exact error rates."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from math import pi, tan
from typing import NamedTuple

import jax
import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from tmsim.elicit.arguments import count, generator, member

INPUTS = ("gaussian", "sphere")


class LinearData(NamedTuple):
    """Examples: x [n, d] float64 and labels y [n], int64 in {−1, 1}."""

    x: np.ndarray
    y: np.ndarray


@dataclass(frozen=True, eq=False, init=False)
class LinearTask:
    """Inputs with the label sign(w·x), flipped with probability `noise`.

    w [d]: any non-zero vector. inputs: "gaussian", N(0, I), or "sphere", uniform on the unit
    sphere. margin: Gaussian inputs with |w·x|/‖w‖ < margin do not occur. Raises ValueError for w
    with a non-finite entry or all zero, noise outside [0, 1/2), a negative margin, a margin on the
    sphere, other inputs.

    >>> LinearTask([1.0, 0.0]).error([1.0, 1.0])
    0.25
    """

    w: np.ndarray
    noise: float
    margin: float
    inputs: str

    def __init__(
        self, w: ArrayLike, noise: float = 0.0, margin: float = 0.0, inputs: str = "gaussian"
    ) -> None:
        put = partial(object.__setattr__, self)
        put("w", _direction("w", w))
        put("noise", noise)
        put("margin", margin)
        put("inputs", inputs)
        member("inputs", self.inputs, INPUTS)
        if not 0 <= self.noise < 0.5:
            raise ValueError(f"noise is {self.noise}; expected a probability below 1/2")
        if not 0 <= self.margin < np.inf or (self.margin and self.inputs != "gaussian"):
            raise ValueError(f"margin is {self.margin}; expected 0, or more for gaussian inputs")

    @classmethod
    def random(cls, key: jax.Array, d: int, noise: float = 0.0, margin: float = 0.0) -> LinearTask:
        """Gaussian inputs and a direction w that is uniform on the unit sphere of R^d."""
        w = generator(key).standard_normal(count("dimension", d))
        return cls(w / np.linalg.norm(w), noise, margin)

    def sample(self, key: jax.Array, n: int) -> LinearData:
        """n independent examples. Raises ValueError for n < 1.

        >>> data = LinearTask([0.0, 1.0], margin=0.5).sample(jax.random.key(0), 100)
        >>> bool((data.y * data.x[:, 1] >= 0.5).all())
        True
        """
        rng = generator(key)
        x = rng.standard_normal((count("n", n), len(self.w)))
        if self.margin:
            # Along w: |g| given |g| ≥ margin, by the inverse of the normal's upper tail. The sign
            # stays the drawn one's.
            tail = special.ndtr(-self.margin) * (1 - rng.random(n))
            along = np.where(x @ self.w < 0, 1, -1) * special.ndtri(tail)
            x += np.outer(along - x @ self.w, self.w)
        y = np.where(x @ self.w < 0, -1, 1)
        if self.inputs == "sphere":
            x /= np.linalg.norm(x, axis=1, keepdims=True)
        flips = rng.random(n) < self.noise
        return LinearData(x, np.where(flips, -y, y))

    def error(self, v: ArrayLike) -> float:
        """P(sign(v·x) ≠ y), exactly: noise + (1 − 2·noise)·P(sign(v·x) ≠ sign(w·x)).

        Without a margin the last factor is the angle of v and w over π; the zero vector answers by
        a fair coin. Raises ValueError for a v of another length or with a non-finite entry.
        """
        if not np.any(v):
            return 0.5
        apart = disagreement(angle(self.w, v), self.margin)
        return self.noise + (1 - 2 * self.noise) * apart


def angle(w: ArrayLike, v: ArrayLike) -> float:
    """The angle of two non-zero vectors [d], in [0, π], accurate also where it is small.

    Raises ValueError where they differ in length, are zero or have a non-finite entry.

    >>> round(angle([1.0, 0.0], [1.0, 1e-9]) * 1e9, 6)
    1.0
    """
    a, b = _direction("w", w), _direction("v", v)
    if a.shape != b.shape:
        raise ValueError(f"v has {len(b)} entries; expected {len(a)}")
    return float(2 * np.arctan2(np.linalg.norm(a - b), np.linalg.norm(a + b)))


def disagreement(theta: float, margin: float = 0.0) -> float:
    """P(sign(v·x) ≠ sign(w·x) | |w·x| ≥ margin·‖w‖) for Gaussian x and w, v at the angle `theta`.

    θ/π without a margin γ. With one, ½ − T(γ, cot θ)/Φ(−γ) with Owen's T(h, a) =
    P(X > h, 0 < Y < aX). Source of T: D. Owen, Ann. Math. Stat. 27 (1956). Raises ValueError for
    an angle outside [0, π].

    >>> round(disagreement(pi / 3), 6), round(disagreement(pi / 3, margin=1.0), 6)
    (0.333333, 0.197012)
    """
    if not 0 <= theta <= pi:
        raise ValueError(f"theta is {theta}; expected an angle from 0 to pi")
    if margin == 0 or theta in (0, pi):
        return theta / pi
    shared = special.owens_t(margin, 1 / tan(theta)) / special.ndtr(-margin)
    return float(np.clip(0.5 - shared, 0, 1))


def _direction(name: str, values: ArrayLike) -> np.ndarray:
    """The unit vector along `values` [d]."""
    w = np.asarray(values, np.float64)
    if w.ndim != 1 or not np.isfinite(w).all() or not w.any():
        told = f"shape {w.shape}" if w.ndim != 1 else f"the entries {w[:4].tolist()}"
        raise ValueError(f"{name} has {told}; expected a non-zero vector of finite numbers")
    w = w / np.abs(w).max()  # before the norm, which could overflow
    return w / np.linalg.norm(w)
