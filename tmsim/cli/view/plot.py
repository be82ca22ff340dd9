"""matplotlib, which is an extra: found when a figure is asked for, and not before."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def pyplot() -> Any:
    """`matplotlib.pyplot`, drawing into files only.

    Raises ValueError in one line where matplotlib is not installed.
    """
    try:
        import_module("matplotlib").use("agg")
    except ModuleNotFoundError:
        raise ValueError(
            'matplotlib is not installed; expected it for a figure: pip install "tmsim[viz]"'
        ) from None
    return import_module("matplotlib.pyplot")
