"""The max-margin classifier of separable data, exactly: the reference for linear learners."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize


def max_margin(x: ArrayLike, y: ArrayLike) -> np.ndarray:
    """The w of least norm with y_i·(w·x_i) ≥ 1 for all i: the hard-margin support vector machine.

    x [n, d], y [n] in {−1, 1}; returns w [d], float64. A least distance problem, solved through
    non-negative least squares: with the residual r of min_{u ≥ 0} ‖[Zᵀ; 1ᵀ]u − e_{d+1}‖, rows of Z
    the y_i·x_i, w = −r_{1…d}/r_{d+1}. Source: C. Lawson and R. Hanson, Solving Least Squares
    Problems, 1974, chapter 23. Raises ValueError where shapes disagree, an entry is no number, a
    label is another, or no w separates the data.

    >>> max_margin([[2.0, 0.0], [0.0, 2.0]], [1, -1]).round(12).tolist()
    [0.5, -0.5]
    """
    x, y = np.asarray(x, np.float64), np.asarray(y)
    if x.ndim != 2 or y.shape != x.shape[:1] or not len(x):
        raise ValueError(f"x has shape {x.shape}, y {y.shape}; expected [n, d] and [n], n ≥ 1")
    if not np.isfinite(x).all():
        raise ValueError(f"x has the entry {x[~np.isfinite(x)][0]}; expected finite numbers")
    if not np.isin(y, (-1, 1)).all():
        raise ValueError(f"y has the label {y[~np.isin(y, (-1, 1))][0]}; expected -1 or 1")
    Z = x * y[:, None]
    E = np.vstack([Z.T, np.ones(len(Z))])
    f = np.zeros(len(E))
    f[-1] = 1
    u, distance = optimize.nnls(E, f)
    residual = E @ u - f
    # The last entry is −distance²; zero means that 0 is in the convex hull of Z.
    if distance**2 < 1e-12:
        raise ValueError(f"no half-space separates the {len(x)} examples; expected one that does")
    return -residual[:-1] / residual[-1]
