"""TransformerLens opens the exported machine, and its cache shows the registers."""

from __future__ import annotations

import json

import pytest

import tmsim
from tmsim.export import huggingface

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
bridge = pytest.importorskip("transformer_lens.model_bridge")


def test_the_cache_shows_the_state_of_every_step(tmp_path) -> None:
    """The register `state` of row i is the state that the word of row i names."""
    torch.set_num_threads(1)
    run = tmsim.simulate("bb3", construction="brosamle_2026", max_steps=30, cells=30)
    huggingface.write(run, tmp_path)
    tokenizer = transformers.AutoTokenizer.from_pretrained(tmp_path)
    # TransformerLens asks the tokenizer for "a", which is no word of the machine's.
    tokenizer.backend_tokenizer.model.unk_token = "EOUTP"
    model = bridge.TransformerBridge.boot_transformers(
        str(tmp_path), device="cpu", dtype=torch.float32, tokenizer=tokenizer
    )
    text = "INP EINP:A B:1:R B:1:L C:0:R A:1:L"
    logits, cache = model.run_with_cache(tokenizer(text, return_tensors="pt").input_ids)
    assert tokenizer.decode(logits[0, -1].argmax()) == "B:1:R"
    told = json.loads((tmp_path / "registers.json").read_text())["coordinates"]
    states = [*run.machine.states]
    for layer in range(5):
        moment = f"blocks.{layer}.hook_resid_mid"
        places = [told[moment][f"state.{q}"] for q in range(len(states))]
        shown = cache[moment][0, 1:, places].argmax(-1).tolist()
        assert [states[q] for q in shown] == ["A", "B", "B", "C", "A"]
        assert torch.allclose(cache[moment][0, 1:, places].sum(-1), torch.ones(5), atol=1e-4)
