"""A model directory that Hugging Face's transformers runs unchanged: GPT-2 is the Turing machine.

Needs the package safetensors (https://huggingface.co/docs/safetensors); what it writes is read by
AutoModelForCausalLM and AutoTokenizer without any code of this library.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tmsim._version import __version__
from tmsim.choices import Assembled
from tmsim.emulation import Emulation
from tmsim.engine.assemble import rows
from tmsim.export.gpt2 import card, tokens
from tmsim.export.gpt2.lowering import EPSILON, Lowered, lowered, register_map
from tmsim.export.rebuilding import rebuilt
from tmsim.machines import TuringMachine
from tmsim.proofs import Bounds, Construction
from tmsim.proofs.rules import Softmax
from tmsim.simulation import Simulation

NAME = "huggingface"
LONGEST = 1 << 14
"""Rows up to which float32 is guaranteed. A mean of n tied rows is off by at most n · 2⁻²⁴, and a
neuron adds up at most 4(r + 2) readings of such registers, where 2^r rows are told apart: at r = 14
that is 2⁻⁴, and the neurons round what is below 2⁻²; at r = 16 it would be above."""


@dataclass(frozen=True)
class Pretrained:
    """What a model directory holds: the words, GPT-2's tensors, the input, the longest
    text, the register map and the model card."""

    vocabulary: tokens.Vocabulary
    lowered: Lowered
    prompt: str
    length: int
    registers: Mapping[str, Any]
    card: str


def write(run: Simulation | Emulation, directory: Path) -> list[Path]:
    """Write the transformer of the run, with bounds as the run's, as a GPT-2 of Hugging Face.

    The files: config.json, generation_config.json, model.safetensors (float32), tokenizer.json,
    tokenizer_config.json, registers.json (which coordinate holds what, after each part),
    prompt.txt (the machine's input as words), README.md (the model card). Raises ValueError for a
    machine that is no Turing machine, a construction that lists no vocabulary or does not claim
    softmax and float32, one of whose parts GPT-2 has no counterpart, and for bounds that need more
    than LONGEST rows.
    """
    made = rebuilt(run)
    construction = made.choices.construction
    if not isinstance(run.machine, TuringMachine):
        kind = type(run.machine).__name__
        raise ValueError(f"{run.construction}: runs a {kind}; expected a TuringMachine")
    return save(pretrained(construction, run.construction, run.machine, made.made), directory)


def check(construction: Construction, name: str, machine: TuringMachine, bounds: Bounds) -> None:
    """Raise the ValueError that `write` would raise for a run in these bounds.

    It is told before a long run is made for nothing.
    """
    if not isinstance(construction, tokens.Worded):
        raise ValueError(f"{name}: lists no vocabulary, which a tokenizer needs")
    claim = construction.claim
    soft = any(isinstance(rule, Softmax) for rule in claim.rules)
    if not soft or "float32" not in claim.dtypes:
        raise ValueError(f"{name}: claims no softmax attention in float32, which GPT-2 computes")
    program = construction.program(construction.frame(machine, bounds))
    length = 1 << tokens.digits(program.positions)
    if length > LONGEST:
        raise ValueError(
            f"{name}: {bounds.steps:,} steps within ±{bounds.cells:,} need a position table of"
            f" {length:,} rows; float32 is guaranteed to {LONGEST:,}"
        )


def pretrained(
    construction: Construction, name: str, machine: TuringMachine, made: Assembled
) -> Pretrained:
    """The construction, assembled for the machine and its input, as GPT-2. Raises as `write`."""
    check(construction, name, machine, made.frame.bounds)
    assert isinstance(construction, tokens.Worded)
    t, program = made.weights, made.program
    words = tokens.vocabulary(program, t, construction.vocabulary(machine, made.frame))
    positions = tokens.places(t)
    low = lowered(t, words.tokens, positions, words.logits)
    first = words.text(rows(program, made.prompt.rows, np.float64))
    about = card.card(
        name, construction.citation, machine, words, low, len(positions), len(t.carry)
    )
    return Pretrained(words, low, first, len(positions), _registers(low, t), about)


def save(model: Pretrained, directory: Path) -> list[Path]:
    """Write the files; returns their paths."""
    from safetensors.numpy import save as packed

    directory.mkdir(parents=True, exist_ok=True)
    words = model.vocabulary.words
    first, ends = words.index(model.prompt.split()[0]), [*map(words.index, model.vocabulary.ends)]
    ids = {"bos_token_id": first, "eos_token_id": ends[0], "pad_token_id": ends[0]}
    low = model.lowered
    config = {
        "architectures": ["GPT2LMHeadModel"], "model_type": "gpt2", "dtype": "float32",
        "activation_function": "relu", "layer_norm_epsilon": EPSILON,
        "n_embd": low.n_embd, "n_head": low.n_head, "n_inner": low.n_inner,
        "n_layer": low.n_layer, "n_positions": model.length, "vocab_size": len(words),
        "attn_pdrop": 0.0, "embd_pdrop": 0.0, "resid_pdrop": 0.0,
        "tie_word_embeddings": False, "use_cache": True, **ids,
    }  # fmt: skip
    generation = {**ids, "eos_token_id": ends, "do_sample": False, "max_length": model.length}
    texts = {
        "config.json": _json(config),
        "generation_config.json": _json(generation),
        "tokenizer.json": _json(_tokenizer(words)),
        "tokenizer_config.json": _json(
            {
                "tokenizer_class": "PreTrainedTokenizerFast",
                "model_max_length": model.length,
                "clean_up_tokenization_spaces": False,
            }
        ),
        "registers.json": _json(model.registers),
        "prompt.txt": model.prompt + "\n",
        "README.md": model.card,
    }
    made = []
    for file, text in texts.items():
        (directory / file).write_text(text, encoding="utf-8")
        made.append(directory / file)
    weights = directory / "model.safetensors"
    weights.write_bytes(packed(dict(low.tensors), {"format": "pt", "tmsim": __version__}))
    return [*made, weights]


def _tokenizer(words: Sequence[str]) -> dict[str, Any]:
    """Words between white space, of the format of the tokenizers library."""
    return {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": [],
        "normalizer": None, "pre_tokenizer": {"type": "WhitespaceSplit"},
        "post_processor": None, "decoder": None,
        "model": {
            "type": "WordLevel", "vocab": {word: i for i, word in enumerate(words)},
            "unk_token": "<unknown>",
        },
    }  # fmt: skip


def _registers(low: Lowered, t: Any) -> dict[str, Any]:
    """The register map as registers.json holds it."""
    moments = register_map(low, tokens.coordinates(t))
    named = {"embed": moments[0]}
    for layer in range(low.n_layer):
        named[f"blocks.{layer}.hook_resid_mid"] = moments[2 * layer + 1]
        named[f"blocks.{layer}.hook_resid_post"] = moments[2 * layer + 2]
    return {
        "scale": 1,
        "registers": {
            span.name: {"kind": span.kind, "size": span.stop - span.start} for span in t.registers
        },
        "lemmas": [block.title for block in t.blocks],
        "coordinates": named,
    }


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"
