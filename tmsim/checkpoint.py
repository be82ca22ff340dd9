"""A checkpoint as one file: written whole or not at all, and read only if no byte has changed.

The file is four parts: the line ``tmsim checkpoint 1``; a line with the SHA-256 of all that
follows, in hexadecimal; a line of JSON, which ends with the arrays' names, number formats and
shapes; then the arrays' bytes in that order, little-endian, row after row.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np

Arrays = Mapping[str, np.ndarray]

MAGIC = b"tmsim checkpoint 1\n"
NAME = "run.checkpoint"
SUM = 64  # hexadecimal digits


def write(folder: Path, about: Mapping[str, Any], arrays: Arrays) -> None:
    """Put a checkpoint in place of the one that the folder holds, if any.

    about: a JSON object; arrays: in any number format of JAX. A program that is killed, or a
    machine that loses power, leaves either the checkpoint before or this one: it is written beside
    the other, flushed to the disk, and renamed. Raises OSError where the folder cannot be written.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     write(Path(folder), {"steps": 5}, {"tape": np.array([1, 2])})
    ...     about, arrays = read(Path(folder)) or ({}, {})
    >>> about, arrays
    ({'steps': 5}, {'tape': array([1, 2])})
    """
    listed = [[name, a.dtype.name, a.shape] for name, a in arrays.items()]
    head = json.dumps({"about": about, "arrays": listed}).encode() + b"\n"
    body = [head, *(np.ascontiguousarray(a).tobytes() for a in arrays.values())]
    digest = sha256()
    for part in body:
        digest.update(part)
    beside = folder / f"{NAME}.{os.getpid()}.part"
    with open(beside, "wb") as file:
        file.write(MAGIC + digest.hexdigest().encode() + b"\n")
        file.writelines(body)
        file.flush()
        os.fsync(file.fileno())
    os.replace(beside, folder / NAME)
    _settle(folder)


def _settle(folder: Path) -> None:
    """Flush the folder's list of names too, where the system can: Windows opens no folders."""
    if os.name == "posix":
        listing = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(listing)
        finally:
            os.close(listing)


def read(folder: Path) -> tuple[dict[str, Any], dict[str, np.ndarray]] | None:
    """What :func:`write` wrote; None where the folder holds no checkpoint.

    Raises ValueError, naming the file, where it is no checkpoint or a byte of it is missing, added
    or changed, and OSError where it cannot be read.
    """
    path = folder / NAME
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    start = len(MAGIC) + SUM + 1
    if not content.startswith(MAGIC) or content[start - 1 : start] != b"\n":
        raise ValueError(
            f"{path}: damaged, or not a checkpoint of this version; expected"
            f" {MAGIC.decode().strip()!r} and a checksum as its first lines"
        )
    body = memoryview(content)[start:]
    stated, found = content[len(MAGIC) : start - 1], sha256(body).hexdigest()
    if stated != found.encode():
        raise ValueError(
            f"{path}: damaged: the SHA-256 of its content is {found[:16]}…, expected"
            f" {stated[:16].decode('ascii', 'backslashreplace')}…"
        )
    end = content.index(b"\n", start) + 1
    head, arrays = json.loads(content[start:end]), {}
    for name, dtype, shape in head["arrays"]:
        kind, count = jnp.dtype(dtype), int(np.prod(shape, dtype=np.int64))
        arrays[name] = np.frombuffer(content, kind, count, end).reshape(shape)
        end += count * kind.itemsize
    return head["about"], arrays


def clean(folder: Path) -> None:
    """Make the folder if need be, and remove what a killed program has left half written."""
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob(f"{NAME}.*.part"):
        left.unlink(missing_ok=True)


def foreign(folder: Path, found: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
    """Raises ValueError naming the first item in which a checkpoint's run is not the expected one.

    >>> foreign(Path("runs"), {"dtype": "float32"}, {"dtype": "float64"})
    Traceback (most recent call last):
    ...
    ValueError: runs/run.checkpoint: of another run: dtype is float32, expected float64
    """
    for item, value in expected.items():
        here = json.loads(json.dumps(value))
        if found.get(item) != here:
            raise ValueError(
                f"{folder / NAME}: of another run: {item} is {_short(found.get(item))}, expected"
                f" {_short(here)}"
            )


def _short(value: Any, most: int = 120) -> str:
    """The value as text or JSON; a long one is cut in its middle."""
    text = " ".join(value.split()) if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= most else f"{text[: most // 2]} … {text[-most // 2 :]}"
