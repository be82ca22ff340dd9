"""Weights on disk: what comes back runs token for token, and what is damaged is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest

import tmsim
from tmsim.export.rebuilding import decoded, rebuilt
from tmsim.export.weights import FILE, SCHEMA, load_weights, write

save = pytest.importorskip("safetensors.numpy").save

RUNS = [
    ("bb4", "tzamos_2026", "float64"),  # token feedback, tables
    ("bb3", "wei_2021", "bfloat16"),  # vector feedback, an encoder
    ("bb3", "looped_tape", "float32"),  # a loop
    ("bb2", "schuurmans_2024", "float16"),  # a queue, and a machine that is translated
    ("bb3", "pencil_2025", "float32"),  # a context that is rewritten
    ("bb2", "merrill_2024", "float64"),  # projected layer norm
    ("counter/gcd", "jiang_2025", "float32"),  # no Turing machine
]


@pytest.mark.parametrize("machine, construction, dtype", RUNS)
def test_what_comes_back_is_equal_and_makes_the_same_tokens(
    tmp_path: Path, machine: str, construction: str, dtype: str
):
    run = tmsim.simulate(machine, construction=construction, dtype=dtype)
    assert run.matches_reference
    [path] = write(run, tmp_path)
    stored, made = load_weights(path), rebuilt(run)
    leaves, structure = jax.tree.flatten(made.weights)
    again, same = jax.tree.flatten(stored.transformer)
    assert structure == same
    for mine, theirs in zip(leaves, again, strict=True):
        assert mine.dtype == theirs.dtype and np.array_equal(mine, theirs)
    records, outcome = stored.decode()
    expected, ended = decoded(made.weights, made.memories, made.rows, made.encoder, made.limit)
    assert len(records) == run.tokens and outcome is ended is run.outcome
    assert np.array_equal(records, expected)


def test_the_metadata_say_what_it_is(tmp_path: Path):
    run = tmsim.simulate("palindrome", "abba", construction="tzamos_2026")
    [path] = write(run, tmp_path)
    stored = load_weights(path)
    assert stored.machine == run.machine and stored.about["outcome"] == "halted"
    assert stored.about["construction"]["name"] == "tzamos_2026"
    assert stored.about["vocabulary"]["move[0]"] == ["L", "S", "R"]
    spans = {span.name: (span.start, span.stop) for span in stored.transformer.registers}
    told = stored.about["registers"]
    assert {name: (told[name]["start"], told[name]["stop"]) for name in told} == spans
    assert told["state"]["block"] is None and told["here[0]"]["block"] == 0
    assert stored.about["heads"][2]["latest[0]"]["key"][0].startswith("2·here[0]")
    widths = [mlp.W_in.shape[1] for block in stored.transformer.blocks for mlp in block.mlps]
    assert [len(block) for block in stored.about["neurons"] if block] == widths


def test_equal_runs_make_equal_files(tmp_path: Path):
    paths = [write(tmsim.simulate("bb2"), tmp_path / name)[0] for name in ("a", "b")]
    assert paths[0].read_bytes() == paths[1].read_bytes()


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    [path] = write(tmsim.simulate("bb2"), tmp_path_factory.mktemp("bb2"))
    return path.read_bytes()


def refused(tmp_path: Path, file: bytes) -> str:
    """The one line that the file is refused with, behind its path."""
    path = tmp_path / FILE
    path.write_bytes(file)
    with pytest.raises(ValueError) as found:
        load_weights(path)
    [line] = str(found.value).splitlines()
    assert line.startswith(f"{path}: ")
    return line.removeprefix(f"{path}: ")


def changed(file: bytes, change: Any) -> bytes:
    """The file with its tensors and metadata changed."""
    from safetensors.numpy import load

    end = 8 + int.from_bytes(file[:8], "little")
    about = json.loads(file[8:end])["__metadata__"]
    tensors = load(file)
    change(tensors, about)
    return save(tensors, about)


@pytest.mark.parametrize("cut", [0, 5, 8, 40, 4000, -1])
def test_a_file_that_was_cut_is_refused(tmp_path: Path, written: bytes, cut: int):
    assert refused(tmp_path, written[:cut]).startswith("no safetensors file")


def test_no_file_and_another_program_s_file_are_refused(tmp_path: Path):
    with pytest.raises(ValueError, match="no safetensors file"):
        load_weights(tmp_path / "none")
    foreign = save({"wte.weight": np.zeros((2, 2), np.float32)}, {"format": "pt"})
    assert refused(tmp_path, foreign) == f"format 'pt', expected '{SCHEMA}'"
    assert refused(tmp_path, save({}, None)) == f"format None, expected '{SCHEMA}'"


W_K = "blocks.2.attn.latest[0].W_K"
DAMAGES = {
    "lost": (lambda t, _: t.pop(W_K), f"tensor '{W_K}' is missing"),
    "wide": (
        lambda t, _: t.update({W_K: np.zeros((27, 4))}),
        f"tensor {W_K} is float64 [27, 4], expected float64 [27, 3]",
    ),
    "flat": (
        lambda t, _: t.update({W_K: np.zeros(27 * 3)}),
        f"tensor {W_K} is float64 [81], expected float64 [27, 3]",
    ),
    "narrow": (
        lambda t, _: t.update({W_K: t[W_K].astype(np.float32)}),
        f"tensor {W_K} is float32 [27, 3], expected float64 [27, 3]",
    ),
    "more": (lambda t, _: t.update(x=np.zeros(1)), "nothing refers to the tensor 'x'"),
    "prompt": (
        lambda t, _: t.update({"prompt.rows": np.zeros((1, 26))}),
        "tensor prompt.rows is [1, 26], expected [rows, 27]",
    ),
    "text": (lambda _, a: a.pop("structure"), "the metadata has no 'structure'"),
    "class": (
        lambda _, a: a.update(structure=a["structure"].replace("Rightmost", "Nearest")),
        "there is no 'Nearest' in a transformer",
    ),
    "field": (
        lambda _, a: a.update(structure=a["structure"].replace('"within"', '"inside"')),
        "Rightmost has the fields ['inside'], expected ['within']",
    ),
    "list": (
        lambda _, a: a.update(structure="[]"),
        "its description is of a tuple, expected a Transformer",
    ),
    "limit": (
        lambda _, a: a.update(decoding=a["decoding"].replace('"limit": 6', '"limit": -6')),
        "decoding: limit is -6, expected a whole number",
    ),
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_told_in_one_line(tmp_path: Path, written: bytes, damage: str):
    change, told = DAMAGES[damage]
    assert refused(tmp_path, changed(written, change)) == told


def test_a_file_that_was_not_damaged_is_read(tmp_path: Path, written: bytes):
    path = tmp_path / FILE
    path.write_bytes(changed(written, lambda tensors, about: None))
    assert load_weights(path).decode()[1] is tmsim.Outcome.halted


def test_a_damaged_weight_makes_other_tokens(tmp_path: Path, written: bytes):
    def damage(tensors: dict[str, np.ndarray], about: Any) -> None:
        # The table of rules, read in another order.
        tensors["blocks.2.mlp.0.W_in"][:] = tensors["blocks.2.mlp.0.W_in"][:, ::-1]

    for name, file in (("whole", written), ("damaged", changed(written, damage))):
        (tmp_path / name).write_bytes(file)
    whole, damaged = (load_weights(tmp_path / name).decode() for name in ("whole", "damaged"))
    assert whole[0].tolist() != damaged[0].tolist()
