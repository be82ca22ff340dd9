"""Weights on disk: one safetensors file whose tensors have a proof's names, and the way back.

Needs the package safetensors (https://huggingface.co/docs/safetensors).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import jax
import numpy as np

from tmsim._version import __version__
from tmsim.emulation import Emulation
from tmsim.engine import run as engine
from tmsim.engine.transformer import Transformer
from tmsim.export.needs import needed
from tmsim.export.rebuilding import Rebuilt, decoded, rebuilt, vocabulary
from tmsim.export.shapes import check_shapes
from tmsim.export.structure import described, restored
from tmsim.machines import TuringMachine
from tmsim.machines.formats import explicit
from tmsim.machines.formats.document import Document
from tmsim.outcome import Outcome
from tmsim.proofs import Program
from tmsim.simulation import Simulation

NAME = "safetensors"
SCHEMA = "tmsim-1"
FILE = "model.safetensors"
PROMPT, ENCODER = "prompt.rows", "prompt.encoder"


def write(run: Simulation | Emulation, directory: Path) -> list[Path]:
    """Write the run's transformer, its prompt and what they mean into `directory`.

    The file is ``model.safetensors``: the tensors of :func:`tmsim.export.structure.described` in
    the run's dtype, and the prompt's rows [n, d_model] in float64. Its metadata are texts: `format`
    (this schema), `version`, `dtype`, `outcome`, and as JSON `construction` (name, citation, claim,
    rule), `machine` (the `explicit` format, with the input), `registers` (name -> kind, the
    coordinates [start, stop) that it has at every layer, and the block that writes it), `heads` and
    `neurons` (what each column computes, as affine forms), `vocabulary` (of the emitted registers),
    `structure` (what is no tensor) and `decoding` (how far to decode).

    Raises ValueError where safetensors is not installed, and for a machine that the `explicit`
    format has no words for. ``write(tmsim.simulate("bb2"), Path("folder"))`` is an example.
    """
    save = needed("safetensors.numpy", "weights").save
    made = rebuilt(run)
    structure, tensors = described(made.weights)
    tensors |= {PROMPT: made.rows, ENCODER: made.encoder}
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / FILE
    about = _about(run, made, structure)
    whole = {name: np.asarray(tensor, order="C") for name, tensor in tensors.items()}
    path.write_bytes(_ordered(save(whole, about)))
    return [path]


def _ordered(file: bytes) -> bytes:
    """The same safetensors file, its header's names in order: equal runs make equal bytes.

    The format: 8 bytes with the header's length, the header in JSON, and the tensors.
    """
    end = 8 + int.from_bytes(file[:8], "little")
    header = json.loads(file[8:end])
    text = json.dumps(header, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + file[end:]


def _about(run: Simulation | Emulation, made: Rebuilt, structure: Any) -> dict[str, str]:
    """The metadata: texts, most of them JSON."""
    construction = made.choices.construction
    claim = construction.claim
    said = {
        "construction": {
            "name": run.construction,
            "citation": str(construction.citation),
            "statement": claim.statement,
            "rule": run.rule,
            "rules": list(map(str, claim.rules)),
            "dtypes": list(claim.dtypes),
            "exact_to": {dtype: dict(limit) for dtype, limit in claim.exact_to.items()},
            "grows_with": list(claim.grows_with),
            "bounds": asdict(run.bounds),
        },
        "registers": _registers(made.made.program),
        "heads": _heads(made.made.program),
        "neurons": _neurons(made.made.program),
        "vocabulary": vocabulary(run, made.weights),
        "structure": structure,
        "decoding": {
            "memory": made.choices.lowering, "kept": made.kept, "cells": made.cells,
            "limit": made.limit,
        },
    }  # fmt: skip
    texts = {name: json.dumps(part, ensure_ascii=False) for name, part in said.items()}
    ended = "interrupted" if run.outcome is None else str(run.outcome)
    return {
        "format": SCHEMA, "version": __version__, "dtype": run.dtype, "outcome": ended,
        "machine": _machine(run), **texts,
    }  # fmt: skip


def _machine(run: Simulation | Emulation) -> str:
    if isinstance(run, Simulation):
        return explicit.write(Document(run.machine, run.tapes, run.heads))
    return json.dumps({"model": type(run.machine).__name__, "text": repr(run.machine),
                       "input": repr(run.given)})  # fmt: skip


def _registers(program: Program) -> dict[str, Any]:
    """Per register its kind, its coordinates, and the block that writes it (None: an input)."""
    writes = {name: i for i, layer in enumerate(program.layers) for name in layer.written()}
    places = {r.name: program.stream.place(r) for r in program.stream.registers.values()}
    return {
        r.name: {
            "kind": r.kind, "start": places[r.name].start, "stop": places[r.name].stop,
            "block": writes.get(r.name),
        }
        for r in program.stream.registers.values()
    }  # fmt: skip


def _heads(program: Program) -> list[Any]:
    """Per block and head its forms: query and key by column, value and where it is added."""
    parts = ("query", "key", "value", "out")
    return [
        {h.name: {part: list(map(str, getattr(h, part))) for part in parts} for h in layer.heads}
        for layer in program.layers
    ]


def _neurons(program: Program) -> list[Any]:
    """Per block its neurons as [activation, reads, gate, writes]."""
    return [
        [
            [n.activation.name, str(n.reads.affine), n.gate and str(n.gate.affine),
             str(n.writes.affine)]
            for n in layer.neurons
        ]
        for layer in program.layers
    ]  # fmt: skip


@dataclass(frozen=True)
class StoredTransformer:
    """What a weights file holds: a transformer that runs, and its prompt.

    rows [n, d_model] and encoder [m, d_model] are without positions; `about` is the metadata, its
    JSON parsed.
    """

    transformer: Transformer
    rows: np.ndarray
    encoder: np.ndarray
    about: Mapping[str, Any]

    @property
    def machine(self) -> TuringMachine:
        """The machine of a Turing machine's run. Raises ValueError for another model's."""
        return explicit.parse(self.about["machine"]).machine

    def decode(self) -> tuple[np.ndarray, Outcome]:
        """The emitted registers [rows, emits] as integers, token by token, and how the run ends."""
        how = self.about["decoding"]
        memories = engine.plan(self.transformer, how["memory"], how["kept"], how["cells"])
        return decoded(self.transformer, memories, self.rows, self.encoder, how["limit"])


def load_weights(path: str | PathLike[str]) -> StoredTransformer:
    """The transformer that :func:`write` wrote.

    Raises ValueError of one line naming the file for one that is damaged, that another program
    wrote, or whose tensors do not fit together.
    """
    safetensors = needed("safetensors", "weights")
    try:
        with safetensors.safe_open(path, framework="numpy") as file:
            about: dict[str, Any] = dict(file.metadata() or {})
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (safetensors.SafetensorError, OSError, ValueError) as error:
        raise ValueError(f"{path}: no safetensors file ({error})") from None
    if about.get("format") != SCHEMA:
        raise ValueError(f"{path}: format {about.get('format')!r}, expected {SCHEMA!r}")
    try:
        return _stored(about, tensors)
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise ValueError(f"{path}: damaged metadata ({error!r})") from None
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


def _stored(about: dict[str, Any], tensors: dict[str, np.ndarray]) -> StoredTransformer:
    texts = ("construction", "registers", "heads", "neurons", "vocabulary", "structure", "decoding")
    for name in texts:
        if name not in about:
            raise ValueError(f"the metadata has no {name!r}")
        about[name] = json.loads(about[name])
    given = {name: tensors.pop(name, None) for name in (PROMPT, ENCODER)}
    with jax.enable_x64(True):
        transformer = restored(about.pop("structure"), tensors)
    check_shapes(transformer)
    for name, rows in given.items():
        if rows is None or rows.ndim != 2 or rows.shape[1] != transformer.d_model:
            shape = "absent" if rows is None else list(rows.shape)
            raise ValueError(f"tensor {name} is {shape}, expected [rows, {transformer.d_model}]")
    how = about["decoding"]
    for name in ("kept", "cells", "limit"):
        if not isinstance(how[name], int) or how[name] < 0:
            raise ValueError(f"decoding: {name} is {how[name]!r}, expected a whole number")
    return StoredTransformer(transformer, given[PROMPT], given[ENCODER], about)  # type: ignore[arg-type]
