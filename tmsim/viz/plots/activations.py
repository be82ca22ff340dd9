"""What a run captured, as a matrix to be drawn."""

from __future__ import annotations

import numpy as np

from tmsim.simulation import Simulation


def captured(run: Simulation, name: str, at_pass: int) -> np.ndarray:
    """The activation called `name` as a matrix [rows, …]; of a loop, in pass `at_pass`.

    Raises ValueError naming what the run did not capture, or a pass that it lacks.

    >>> import tmsim
    >>> run = tmsim.simulate("bb2", activations=("blocks.0.resid_post",))
    >>> captured(run, "blocks.0.resid_post", -1).shape
    (7, 27)
    >>> captured(run, "blocks.1.resid_post", -1)
    Traceback (most recent call last):
    ...
    ValueError: 'blocks.1.resid_post' was not captured; pass it to simulate(activations=...)
    """
    if name not in run.activations:
        raise ValueError(f"{name!r} was not captured; pass it to simulate(activations=...)")
    found = np.asarray(run.activations[name], np.float64)
    if found.ndim == 2:
        return found
    if not -len(found) <= at_pass < len(found):
        raise ValueError(
            f"{name!r}: pass {at_pass}; expected 0 … {len(found) - 1}, or from -1 down"
        )
    return found[at_pass]


def pooled(matrix: np.ndarray, most: int) -> np.ndarray:
    """The greatest value of each block, in at most `most` rows and columns of blocks.

    >>> pooled(np.array([[1, 2, 3], [4, 5, 6], [7, 8, 9]]), 2)
    array([[1, 3],
           [7, 9]])
    """
    for axis, count in enumerate(matrix.shape):
        if count > most:
            starts = np.arange(most) * count // most
            matrix = np.maximum.reduceat(matrix, starts, axis=axis)
    return matrix
