"""Where a context's next token comes from: distributions over V symbols, float64 [V]."""

from __future__ import annotations

import jax
import numpy as np

from tmsim.elicit.arguments import count, generator, positive


def uniform(V: int) -> np.ndarray:
    """1/V for each of V symbols, [V].

    Raises ValueError for V < 1.

    >>> uniform(4).tolist()
    [0.25, 0.25, 0.25, 0.25]
    """
    return np.full(count("vocabulary", V), 1 / V)


def zipf(V: int, exponent: float = 1.0) -> np.ndarray:
    """Zipf's law, [V]: the symbol of rank r = 1 … V has probability ∝ r^(−exponent).

    Raises ValueError for V < 1 or an exponent that is not a finite number above 0.

    >>> [round(float(p), 3) for p in zipf(3)]
    [0.545, 0.273, 0.182]
    """
    ranks = np.arange(1, count("vocabulary", V) + 1, dtype=np.float64)
    weights = ranks ** -positive("exponent", exponent)
    return weights / weights.sum()


def dirichlet(key: jax.Array, V: int, concentration: float = 1.0) -> np.ndarray:
    """A draw from the symmetric Dirichlet distribution, [V]; concentration 1 is the flat one.

    Small concentrations give peaked distributions. Raises ValueError for V < 1 or a concentration
    that is not a finite number above 0.

    >>> p = dirichlet(jax.random.key(0), 5)
    >>> bool((p > 0).all()), round(float(p.sum()), 9)
    (True, 1.0)
    """
    alpha = np.full(count("vocabulary", V), positive("concentration", concentration))
    return generator(key).dirichlet(alpha)
