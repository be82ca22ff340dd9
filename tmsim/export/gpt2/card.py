"""The model card: what the model is, how it is run, how far it is right, where registers are."""

from __future__ import annotations

from collections.abc import Mapping

from tmsim._version import __version__
from tmsim.export.gpt2.lowering import BALANCE, D_HEAD, EPSILON, SHARPNESS, Lowered
from tmsim.export.gpt2.tokens import Vocabulary
from tmsim.machines import TuringMachine
from tmsim.machines.formats import explicit
from tmsim.machines.formats.document import Document
from tmsim.proofs import Citation

CARD = """\
---
library_name: transformers
pipeline_tag: text-generation
tags: [turing-machine, interpretability]
---

# A Turing machine in GPT-2

`{name}` ({citation}) for one machine, written by tmsim {version}. No weight was trained.
It is a GPT-2 of {n_layer} layers, {n_head} heads, n_embd {n_embd}, ReLU; it needs no code of its
own.

```python
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained(".")
model = AutoModelForCausalLM.from_pretrained(".")
prompt = tokenizer(open("prompt.txt").read(), return_tensors="pt")
text = model.generate(**prompt, do_sample=False, max_length={short})
print(tokenizer.decode(text[0]))
```

## The machine

```json
{machine}
```

## Words

Words stand between spaces; a text with any other word is refused by the tokenizer. `B:1:R` is a
step: the state entered, the symbol written, the move (commas separate tapes). Between POS and EPOS
are the digits of the heads' positions, from the lowest on, in two's complement; `INP =1 =0 EINP:A`
is an input; between OUTP and EOUTP is the word on tape 1 after the halt.

A text ends with {ends}.

The whole vocabulary: {words}

## How far it is right

To {length:,} words, prompt included (`n_positions`): so many the position table tells apart, and
behind its end GPT-2 fails. A head may start up to {start:,} cells from cell 0. The next word's
logit is {factors} and any other one's at most {less}, up to a rounding below 1/4, in float32 on any
hardware that does not round matrix products to fewer bits (TF32, bfloat16 and float16 are not
covered).

- Layer norm is the identity: `layer_norm_epsilon` {epsilon} swallows every variance, the norm's
  weight is its square root, and coordinate {balance} holds minus the sum of all others.
- Scores are integers times {sharpness}: what softmax leaves to a row that is not among the best is
  e^-{sharpness}, 0 in float32. Among n equal rows each has 1/n, rounded; their mean is off by at
  most n 2^-24, which pairs of ReLUs, relu(x) - relu(x - 1), round to 0 or 1 in the same layer.

## Registers

`registers.json` says which coordinate of the residual stream holds what: `coordinates` maps the
moment (`embed`, `blocks.0.hook_resid_mid`, `blocks.0.hook_resid_post`, ...) to {{register:
coordinate}}, at scale {scale}. A one-hot register `state` has the coordinates `state.0`,
`state.1`, ...; one of kind `code` holds the binary digits -1 and 1, the lowest first. A coordinate
is used again once all its readers have acted, so that the map differs from layer to layer. `lemmas`
says what each layer does. Heads have {d_head} coordinates each.
"""


def card(
    name: str, citation: Citation, machine: TuringMachine, words: Vocabulary, low: Lowered,
    length: int, factors: int,
) -> str:  # fmt: skip
    """The card in Markdown; `length` is the longest text in words, `factors` the due word's logit.

    The heads' positions are told apart up to length / 2; with r digits, length = 2^r, the longest
    run has r / (r + 1) of that many steps.
    """
    half, digits = length // 2, length.bit_length() - 1
    document = explicit.write(Document(machine))
    return CARD.format(
        name=name, citation=citation, version=__version__, n_layer=low.n_layer,
        n_head=low.n_head, n_embd=low.n_embd, short=min(length, 1000), machine=document.strip(),
        ends=_ends(words.ends), words=" ".join(f"`{word}`" for word in words.words),
        length=length, start=half - 2 - half * digits // (digits + 1), factors=factors,
        less=factors - 1, epsilon=EPSILON, balance=BALANCE, sharpness=SHARPNESS, scale=1,
        d_head=D_HEAD,
    )  # fmt: skip


def _ends(ends: Mapping[str, object]) -> str:
    return ", ".join(f"`{word}` ({outcome})" for word, outcome in ends.items())
