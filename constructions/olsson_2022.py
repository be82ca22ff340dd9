"""The induction head: attention to where the last tokens came before gives what came next there.

C. Olsson et al., "In-context Learning and Induction Heads", Transformer Circuits Thread, 2022
(arXiv 2209.11895): a previous-token head in one layer, and in the next a head that matches it.

paper | previous token head     induction head, [A][B] … [A] → [B]    logits
here  | before[j], j = 1 … k    p[v] = share of v among the matches   tied, next

Layer 1 copies the tokens j rows before into row i, as codes of ±1. Layer 2 asks for the rows whose
k tokens before are the last k of row i: a match agrees in all k·b digits and scores k·b, any other
row at most k·b - 2. All matches tie, so average-hard attention is the mean of the tokens that
stand there: the empirical next-token distribution p, the exact ratio of two counts. That is the
readout (`chances`). To go on, the model writes the most probable token: one head over the
vocabulary finds the greatest p, and of equals the first one is taken.

Departures. (1) The paper finds induction heads in trained models; here they are written down, and
match k tokens, not one (k = 0: the mean of all tokens). The text's order is the machine's, up to
the frame's. (2) The paper's heads weigh with softmax; here all matches count alike. (3) Row 0 is a
null row that scores k·b - 1/2, below every match and above all else; its value is the uniform
distribution over the answers, for tokens that never came before and texts shorter than k. (4) The
vocabulary is the encoder's rows, one a token, for the head that finds the greatest p.

Precision. Codes and scores are integers and one half: exact in every format while k·b < 128
(bfloat16). Counts are summed in 24 bits or more; their ratio is rounded at most twice (compiled, it
is a product with the reciprocal of the denominator), so equal ratios are equal numbers. Two
different ratios of one denominator c are at least 1/c apart, and so are different numbers in a
format of p bits while c ≤ 2ᵖ⁻¹, which is claimed in rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from tmsim.machines.indexed import index_of, per_tape
from tmsim.machines.models.ngram import NGram, Written
from tmsim.modelled import ModelConstruction
from tmsim.outcome import Outcome

from tmsim.proofs import (  # isort: skip
    ONE, Activation, Affine, Average, Bounds, Citation, Claim, Frame, Head, Layer, Leaf, Leftmost,
    Limit, Neuron, Past, Powers, Prefix, Program, Prompt, Row, Scene, Stop, Stream, Token,
)  # fmt: skip
from tmsim.proofs.affine import Leaves
from tmsim.proofs.claim import bit_length
from tmsim.proofs.gadgets import halts

HARD = Average()
EXACT_TO = {
    "float32": {"rows": 2**23},
    "float64": {"rows": 2**52},
    "bfloat16": {"rows": 2**7},
    "float16": {"rows": 2**10},
}


class Now(NamedTuple):
    """A row of the text: its last tokens, the latest first (None before the text begins), in
    indices; the next token's distribution; and the token that is written."""

    latest: tuple[int | None, ...]
    chances: tuple[Fraction, ...]
    chosen: int


class Registers:
    """The residual stream; `before[j]` is the code of the token j + 1 rows before."""

    def __init__(self, frame: Frame) -> None:
        self.stream = s = Stream()
        V, b = frame.symbols, bit_length(frame.symbols)
        self.null, self.count = s.flag("null"), s.scalar("count")
        self.token = s.one_hot("token", V)
        self.before = [s.code(f"before[{j}]", b) for j in range(frame.tapes)]
        self.p = [s.scalar(f"p[{v}]") for v in range(V)]
        self.share = [s.scalar(f"share[{v}]") for v in range(V)]
        self.tied = s.bits("tied", V)
        self.next = s.one_hot("next", V)

    @property
    def code(self) -> list[Affine]:
        """The digits of the row's own token, ±1; 0 on the null row."""
        places = [*enumerate(self.token.coordinates)]
        digits = range(bit_length(len(places)))
        return [Affine({at: 1 if v >> j & 1 else -1 for v, at in places}) for j in digits]


def remember(r: Registers) -> Layer:
    """The oldest of the last j rows before row i is row i - j, or the null row."""
    heads = [
        Head(before.name, [], [], r.code, [*before], Leftmost(), visible=Past(True, j))
        for j, before in enumerate(r.before, 1)
    ]
    return Layer(
        "the tokens before",
        heads,
        ensures=lambda now: per_tape("before", now.latest[1:]),
    )


def induce(r: Registers) -> Layer:
    """Among the rows whose tokens before are the latest ones here, the share of each token."""
    latest = [r.code, *([*before] for before in r.before[:-1])]
    query = [ONE, *(digit for digits in latest for digit in digits)]
    key = [Leaf("null score", ()) * r.null]
    key += [Leaf("used", (j,)) * digit for j, before in enumerate(r.before) for digit in before]
    value = [t + Leaf("uniform", (v,)) * r.null for v, t in enumerate(r.token)]
    return Layer(
        "the distribution of what followed",
        [Head("induction", query, key, value, r.p, HARD)],
        ensures=lambda now: per_tape("p", now.chances),
    )


def compare(r: Registers) -> Layer:
    """The head over the vocabulary averages the tokens of the greatest p: all of them are > 0."""
    best = Head("greatest", r.p, [*r.token], [*r.token], r.share, HARD, visible=Prefix())
    signs = [
        Neuron(share, tied, activation=Activation.heaviside)
        for share, tied in zip(r.share, r.tied, strict=True)
    ]

    def ensures(now: Now) -> Row:
        tied = [p == max(now.chances) for p in now.chances]
        share = (Fraction(x, sum(tied)) for x in tied)
        return per_tape("share", share) | {"tied": sum(x << v for v, x in enumerate(tied))}

    return Layer("the most probable tokens", [best], signs, ensures)


def choose(r: Registers) -> Layer:
    """tied[v] minus all those before is 1 at the first of them alone."""
    tied = r.tied.coordinates
    forms = [
        Affine({at: 1 if w == v else -1 for w, at in enumerate(tied[: v + 1])})
        for v in range(len(tied))
    ]
    neurons = [Neuron(form, token) for form, token in zip(forms, r.next, strict=True)]
    return Layer("the first of them", neurons=neurons, ensures=lambda now: {"next": now.chosen})


def size(frame: Frame) -> dict[str, int]:
    """Four layers for V symbols, codes of b = ⌈log₂ V⌉ digits, and orders up to k."""
    V, k, b = frame.symbols, frame.tapes, bit_length(frame.symbols)
    return {
        "layers": 4,
        "attention_layers": 3,
        "heads": k,
        "cross_heads": 1,
        "d_model": 5 * V + k * b + 2,
        "d_head": max(V, k * b + 1),
        "d_mlp": V,
    }


class Olsson2022(ModelConstruction):
    """A frame's `symbols` are the vocabulary, its `tapes` the greatest order (at least 1); it has
    no states (2 stands for none), and `bounds.cells` limits nothing."""

    citation = Citation(
        ("C. Olsson", "N. Elhage", "N. Nanda", "N. Joseph", "N. DasSarma", "T. Henighan"),
        "In-context Learning and Induction Heads", 2022, "Transformer Circuits Thread",
        "2209.11895", "the induction head, for contexts of k tokens",
    )  # fmt: skip
    model = NGram
    claim = Claim(
        statement="the next token's distribution is the text's own n-gram counts, as exact ratios",
        rules=(HARD,),
        dtypes=tuple(EXACT_TO),
        grows_with=("window(T)", "precision(log T)"),
        tokens_per_step="1",
        size=size,
        ulps=2,
        exact_to=EXACT_TO,
    )

    def frame(self, machine: NGram, bounds: Bounds) -> Frame:
        return Frame.around(2, len(machine.tokens), max(machine.order, 1), bounds)

    def program(self, frame: Frame) -> Program:
        r = Registers(frame)
        rows = tuple((dtype, limit["rows"]) for dtype, limit in EXACT_TO.items())
        return Program(
            r.stream,
            [remember(r), induce(r), compare(r), choose(r)],
            positions=[Powers("count")],
            feedback=Token(((r.next, r.token),)),
            stops=[
                Stop(Outcome.halted, halts(r.token)),
                Limit(Outcome.out_of_precision, r.count, rows),
            ],
            emits=[r.next],
        )

    def chances(self, frame: Frame) -> list[Affine]:
        """The probability of each token of the vocabulary, read from a row's final stream."""
        return [p.affine for p in Registers(frame).p]

    def leaves(self, machine: NGram, frame: Frame) -> Leaves:
        at, k = index_of(machine.tokens), machine.order
        full, share = k * bit_length(frame.symbols), Fraction(1, len(machine.answers))
        return {
            "null score": {(): full - Fraction(1, 2)},
            "used": {(j,): 1 for j in range(k)},
            "uniform": {(at[token],): share for token in machine.answers},
            "halting": {(at[token],): 1 for token in machine.halting},
        }

    def prompt(self, machine: NGram, tapes: Any, heads: Any, frame: Frame) -> Prompt:
        """The null row and the text; the encoder has a row for each token."""
        rows = super().prompt(machine, tapes, heads, frame).rows
        return Prompt(rows, [{"token": v} for v in range(len(machine.tokens))])

    def scenes(
        self, machine: NGram, given: Any, steps: Iterable[Written], frame: Frame
    ) -> Iterator[Sequence[Scene]]:
        text = [*machine.begin(given), *(step.token for step in steps)]
        at, scenes = index_of(machine.tokens), []
        told: list[int | None] = [None] * (frame.tapes + 1)
        for row in range(len(text) + 1):
            if row:
                told.append(at[text[row - 1]])
            found = machine.distribution(text[:row])
            chances = [*found.values(), *[Fraction(0)] * (frame.symbols - len(found))]
            latest = tuple(reversed(told[-frame.tapes - 1 :]))
            now = Now(latest, tuple(chances), chances.index(max(chances)))
            scenes.append(Scene({"token": told[-1]} if row else {"null": 1}, now))
        yield scenes

    def decode(self, emitted: Mapping[str, Any], machine: NGram) -> list[Written]:
        return [Written(machine.tokens[int(v)]) for v in emitted["next"]]
