"""A checkpoint's file: every byte counts, and what was put in comes out."""

from __future__ import annotations

import math
from pathlib import Path
from tempfile import TemporaryDirectory

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmsim import checkpoint

ABOUT = {"identity": {"dtype": "float64"}, "tokens": 12}
DTYPES = ("float64", "float32", "bfloat16", "float16", "int32", "int64", "bool", "uint8")
SHAPES = ((2, 3), (0, 4), (4,), (), (3, 1), (2,), (5,), (5,))
ARRAYS = {
    dtype: np.arange(math.prod(shape)).reshape(shape).astype(jnp.dtype(dtype))
    for dtype, shape in zip(DTYPES, SHAPES, strict=True)
}


def content() -> bytes:
    with TemporaryDirectory() as folder:
        checkpoint.write(Path(folder), ABOUT, ARRAYS)
        return (Path(folder) / checkpoint.NAME).read_bytes()


CONTENT = content()


def read(changed: bytes):
    with TemporaryDirectory() as folder:
        (Path(folder) / checkpoint.NAME).write_bytes(changed)
        return checkpoint.read(Path(folder))


def test_every_number_format_and_shape_comes_back() -> None:
    about, arrays = read(CONTENT) or ({}, {})
    assert (about, list(arrays)) == (ABOUT, list(ARRAYS))
    for name, array in ARRAYS.items():
        assert (arrays[name].dtype, arrays[name].shape) == (array.dtype, array.shape)
        assert arrays[name].tobytes() == array.tobytes()


@given(st.integers(0, len(CONTENT) - 1), st.integers(1, 255))
def test_a_changed_byte_is_refused(at: int, flip: int) -> None:
    changed = bytearray(CONTENT)
    changed[at] ^= flip
    with pytest.raises(ValueError, match="damaged") as told:
        read(bytes(changed))
    assert "\n" not in str(told.value)


def test_every_single_flipped_bit_is_refused() -> None:
    for at in range(len(CONTENT)):
        changed = bytearray(CONTENT)
        changed[at] ^= 1 << at % 8
        with pytest.raises(ValueError, match="damaged"):
            read(bytes(changed))


@given(st.integers(0, len(CONTENT) - 1), st.binary(min_size=1, max_size=3))
def test_a_cut_or_lengthened_file_is_refused(at: int, more: bytes) -> None:
    for changed in (CONTENT[:at], CONTENT + more):
        with pytest.raises(ValueError, match="damaged"):
            read(changed)


def test_a_new_checkpoint_takes_the_old_ones_place_or_leaves_it(tmp_path, monkeypatch) -> None:
    checkpoint.write(tmp_path, {"tokens": 1}, {})

    def power_cut(*_: object) -> None:
        raise OSError("the power is cut")

    with monkeypatch.context() as cut:
        cut.setattr("os.replace", power_cut)
        with pytest.raises(OSError, match="power"):
            checkpoint.write(tmp_path, {"tokens": 2}, ARRAYS)
    assert checkpoint.read(tmp_path) == ({"tokens": 1}, {})
    assert len(list(tmp_path.iterdir())) == 2, "what was half written is still there"
    checkpoint.clean(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [checkpoint.NAME]
    checkpoint.write(tmp_path, {"tokens": 3}, {})
    assert checkpoint.read(tmp_path) == ({"tokens": 3}, {})


def test_the_file_is_on_the_disk_before_it_has_its_name(tmp_path, monkeypatch) -> None:
    order: list[str] = []
    fsync, replace = checkpoint.os.fsync, checkpoint.os.replace
    monkeypatch.setattr("os.fsync", lambda fd: (order.append("fsync"), fsync(fd))[1])
    monkeypatch.setattr("os.replace", lambda *a: (order.append("replace"), replace(*a))[1])
    checkpoint.write(tmp_path, {}, {})
    assert order == ["fsync", "replace", "fsync"]


def test_a_folder_without_a_checkpoint_has_none(tmp_path) -> None:
    assert checkpoint.read(tmp_path) is None
    assert checkpoint.read(tmp_path / "not" / "there") is None
