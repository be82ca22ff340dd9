"""Whether a layer's lemma holds in the numbers that the transformer computed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tmsim.proofs import Layer, Scene, Stream
from tmsim.proofs.exact_numbers import rounded
from tmsim.viz.viewer.columns import shortest


def held(
    stream: Stream, layer: Layer, scenes: Sequence[Scene], after: np.ndarray, ulp: float
) -> list[bool | str | None]:
    """Per row: True, or what the lemma says and the row does not; None where it says nothing.

    after [rows, d_model]. A scalar may be off by `ulp` · max(1, |x|), which a claim allows.
    """
    if layer.ensures is None:
        return [None] * len(scenes)
    told: list[bool | str | None] = []
    for scene, row in zip(scenes, after, strict=False):
        if scene.now is None:
            told.append(None)
            continue
        ensured = layer.ensures(scene.now)
        wrong = (_wrong(stream, name, row, value, ulp) for name, value in ensured.items())
        told.append(next((found for found in wrong if found), True))
    return told


def _wrong(stream: Stream, name: str, row: np.ndarray, expected: Any, ulp: float) -> str | None:
    register = stream.registers[name]
    found = row[stream.place(register)].astype(np.float64)
    due = np.array([rounded(x) for x in register.encode(expected)])
    slack = ulp * np.maximum(1, np.abs(due)) if register.kind == "scalar" else 0
    if (np.abs(found - due) <= slack).all():
        return None
    try:
        value = register.decode(found.tolist())
    except ValueError:
        value = found.tolist()
    return f"{name} is {shortest(value)}, the lemma says {expected}"
