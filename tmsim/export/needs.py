"""Packages that only some targets need, asked for when they are used."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def needed(module: str, extra: str) -> Any:
    """The module, which tmsim's extra of that name brings.

    Raises ValueError naming both where it is not installed.

    >>> needed("json", "none").dumps([])
    '[]'
    >>> needed("no_such_package", "onnx")
    Traceback (most recent call last):
    ...
    ValueError: no_such_package is not installed; pip install "tmsim[onnx]" brings it
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module.partition(".")[0]:
            raise
        what = module.partition(".")[0]
        raise ValueError(
            f'{what} is not installed; pip install "tmsim[{extra}]" brings it'
        ) from None
