"""Hugging Face's own classes run the exported machine, token for token.

The expected texts are the construction's own rows of the reference's run. A generated text is equal
to them if every row's next token is: all rows run at once, and only the last ones one by one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from itertools import islice
from typing import Any, NamedTuple

import jax
import numpy as np
import pytest

import tmsim
from tmsim import catalogue
from tmsim.choices import Choices
from tmsim.engine.assemble import rows
from tmsim.export import huggingface
from tmsim.export.rebuilding import rebuilt
from tmsim.machines import TuringMachine, load, steps
from tmsim.proofs import Bounds

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
pytest.importorskip("safetensors")
torch.set_num_threads(1)

NAME = "brosamle_2026"
LAST = 12
PALINDROME = "ab" * 65 + "ba" * 65
FAR = [
    ("sweeper", ["1" * 260], 560),
    ("palindrome", [PALINDROME], 560),
    ("palindrome-2-tapes", [PALINDROME], 560),
    ("binary-increment", ["1" * 260], 560),
    ("right-then-left", ["1" * 270], 560),
]
"""Machines that come back to a cell after more than 500 steps."""
SHUTTLE = {
    ("right", "1"): ("right", "1", "R"),
    ("right", "_"): ("left", "x", "L"),
    ("left", "1"): ("left", "_", "L"),
    ("left", "_"): ("done", "_", "R"),
}


class Case(NamedTuple):
    """A model directory, the words of the true text, how many of them are its prompt."""

    directory: Any
    expected: list[str]
    prompt: int
    model: Any
    tokenizer: Any


def machine_named(name: str) -> Any:
    if name != "right-then-left":
        return load(name).machine
    return TuringMachine.one_tape(SHUTTLE, start="right", blank="_", halting={"done"})


def made_case(directory, machine, tapes, most: int, cells: int) -> Case:
    """Export without a run, and write down what the construction says of the reference's run."""
    construction = catalogue.find(NAME)
    choices = Choices(
        construction=construction, name=NAME, max_steps=most, dtype="float32", rule=None,
        memory="auto", cells=cells, check=False,
    )  # fmt: skip
    with jax.enable_x64(True):
        made = choices.assembled(machine, tapes, (0,) * machine.tapes, Bounds(most, cells))
    model = huggingface.pretrained(construction, NAME, machine, made)
    huggingface.save(model, directory)
    taken = list(islice(steps(machine, tapes), most))
    heads = (0,) * machine.tapes
    [scenes] = construction.passes(machine, tapes, heads, taken, made.frame)
    text = model.vocabulary.text(rows(made.program, [s.row for s in scenes], np.float64))
    return Case(directory, text.split(), len(model.prompt.split()), *loaded(directory))


def loaded(directory) -> tuple[Any, Any]:
    return (
        transformers.AutoModelForCausalLM.from_pretrained(directory),
        transformers.AutoTokenizer.from_pretrained(directory),
    )


def generated(case: Case, given: int, to: int) -> list[str]:
    """The words that greedy decoding makes of the first `given` true ones, up to `to` words."""
    told = case.tokenizer(" ".join(case.expected[:given]), return_tensors="pt")
    text = case.model.generate(**told, do_sample=False, max_length=to)
    return case.tokenizer.decode(text[0]).split()


def wrong_rows(case: Case) -> tuple[list[int], float]:
    """The rows whose next word is not the true one, and the smallest margin of those it is."""
    ids = case.tokenizer(" ".join(case.expected), return_tensors="pt").input_ids
    with torch.no_grad():
        logits = case.model(ids).logits[0, case.prompt - 1 : -1]
    best = logits.topk(2)
    wrong = (best.indices[:, 0] != ids[0, case.prompt :]).nonzero()[:, 0] + case.prompt
    return wrong.tolist(), (best.values[:, 0] - best.values[:, 1]).min().item()


def gap(machine, tapes, most: int) -> int:
    """The most steps between two visits of a cell."""
    last, longest = {}, 0
    for number, step in enumerate(islice(steps(machine, tapes), most)):
        for at in enumerate(step.heads):
            longest = max(longest, number - last.get(at, number))
            last[at] = number
    return longest


@pytest.fixture(scope="module")
def far(tmp_path_factory) -> Any:
    """The machines that come back from afar, each exported once."""
    made: dict[str, Case] = {}

    def case(name: str, tapes: list[str], most: int) -> Case:
        if name not in made:
            folder, machine = tmp_path_factory.mktemp(name), machine_named(name)
            made[name] = made_case(folder, machine, tapes, most, 300)
        return made[name]

    return case


@pytest.mark.parametrize(("name", "tapes", "most"), FAR, ids=[name for name, _, _ in FAR])
def test_every_next_token_is_the_machines(far, name, tapes, most) -> None:
    """Each of 1,000 rows and more, and generate() says the same where it is asked."""
    case = far(name, tapes, most)
    assert gap(machine_named(name), tapes, most) > 500
    assert len(case.expected) - case.prompt >= 1000
    wrong, margin = wrong_rows(case)
    assert not wrong
    assert margin > 0.99
    end = len(case.expected)
    assert generated(case, end - LAST, end) == case.expected


def test_a_thousand_tokens_from_the_prompt_alone(far) -> None:
    case = far(*FAR[0])
    prompt = (case.directory / "prompt.txt").read_text().split()
    assert prompt == case.expected[: case.prompt]
    end = case.prompt + 1000
    assert generated(case, case.prompt, end) == case.expected[:end]


def test_a_damaged_weight_is_noticed(far) -> None:
    """The head that reads the symbol loses its query: some next word is wrong."""
    case = far(*FAR[0])
    before = case.model.transformer.h[33].attn.c_attn.weight.clone()
    try:
        with torch.no_grad():
            case.model.transformer.h[33].attn.c_attn.weight[:, :64] = 0
        assert wrong_rows(case)[0]
    finally:
        with torch.no_grad():
            case.model.transformer.h[33].attn.c_attn.weight.copy_(before)


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> tuple[Any, Case]:
    """A run inside tmsim, written as the command writes it."""
    run = tmsim.simulate("bb3", construction=NAME, max_steps=30, cells=30)
    directory = tmp_path_factory.mktemp("bb3")
    huggingface.write(run, directory)
    model, tokenizer = loaded(directory)
    prompt = (directory / "prompt.txt").read_text()
    text = model.generate(**tokenizer(prompt, return_tensors="pt"), max_length=400)
    words = tokenizer.decode(text[0]).split()
    return run, Case(directory, words, len(prompt.split()), model, tokenizer)


def test_the_text_is_the_run_of_tmsim(small) -> None:
    """The tokens are the engine's, the steps the reference's, and the end is the machine's."""
    run, case = small
    steps_said = [w.split(":") for w in case.expected if w.count(":") == 2]
    assert [(q, a) for q, a, _ in steps_said] == [
        (s.next_state, s.write[0]) for s in steps(run.machine)
    ]
    assert [m for *_, m in steps_said] == [s.moves[0].name for s in steps(run.machine)]
    assert case.expected[-1] == "EOUTP"
    assert len(case.expected) == run.context


def test_no_code_of_tmsim_is_needed(small) -> None:
    _, case = small
    script = """
import sys
sys.modules["tmsim"] = None
from transformers import AutoModelForCausalLM, AutoTokenizer
tokenizer = AutoTokenizer.from_pretrained(".")
model = AutoModelForCausalLM.from_pretrained(".")
prompt = tokenizer(open("prompt.txt").read(), return_tensors="pt")
print(type(model).__name__, tokenizer.decode(model.generate(**prompt, do_sample=False)[0]))
"""
    alone = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    told = subprocess.run(
        [sys.executable, "-c", script],
        cwd=case.directory,
        env=alone,
        capture_output=True,
        text=True,
    )
    assert told.stdout.split() == ["GPT2LMHeadModel", *case.expected], told.stderr


def test_registers_are_where_the_map_says(small) -> None:
    """Every register of every row, at every moment that it is held, is the engine's own."""
    run, case = small
    held = tmsim.simulate(
        "bb3", construction=NAME, max_steps=30, cells=30, activations=("all",), dtype="float64"
    ).activations
    told = json.loads((case.directory / "registers.json").read_text())
    ids = case.tokenizer(" ".join(case.expected), return_tensors="pt").input_ids
    with torch.no_grad():
        states = case.model(ids, output_hidden_states=True).hidden_states
    compared = 0
    spans = {span.name: span for span in rebuilt(run).weights.registers}
    layers = len(told["lemmas"])
    for layer in range(layers - 1):
        moment = told["coordinates"][f"blocks.{layer}.hook_resid_post"]
        engine = held[f"blocks.{layer}.resid_post"]
        for name, coordinate in moment.items():
            register, _, place = name.rpartition(".")
            span = spans[register] if register in spans else spans[name]
            at = span.start + (int(place) if register in spans else 0)
            ours = engine[:, at]
            theirs = states[layer + 1][0, : len(ours), coordinate].numpy()
            np.testing.assert_allclose(theirs, ours, atol=1e-3, err_msg=f"{layer} {name}")
            compared += 1
    assert compared > 1000


def test_a_missing_transition_ends_the_text(tmp_path) -> None:
    case = made_case(tmp_path, load("bb2-undefined").machine, (), 10, 10)
    assert generated(case, case.prompt, 100) == [*case.expected, "<no_transition>"]


def test_a_foreign_word_is_refused(small) -> None:
    with pytest.raises(Exception, match="UNK"):
        small[1].tokenizer("INP EINP:Q")
