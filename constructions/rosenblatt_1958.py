"""The perceptron in context: a pass shows one example, and attention adds it where it is wrong.

F. Rosenblatt, "The perceptron: a probabilistic model for information storage and organization in
the brain", Psychological Review 65, 1958; in a transformer by the layout of von Oswald et al.
(oswald_2023). No paper is known to us that writes these weights down: they are ours.

perceptron | w ← w + y·x where y⟨w, x⟩ ≤ 0     the next example        a round without a mistake
here       | correlation: Σ error·⟨x, x'⟩      turn, the row before    clean, done

As in oswald_2023 a row knows what the weights say of it, ⟨w, x⟩, and not w. The row whose turn it
is compares the sign of that with its label, in two layers of neurons; its error is 0, 1 or -1, and
that of all other rows is 0, so linear attention tells every row y⟨x, x'⟩ of a mistake, and 0
without one. The turn goes to the row below, and from the last example back to the first.

Departures. (1) One example a pass, not one a token: a row is an example, as in the layers of
oswald_2023. (2) Inputs are integers, which loses nothing: a common factor changes no mistake.

Precision. All numbers are integers. While no row's prediction exceeds P in absolute value, a
change is at most 2P, so formats of p bits are exact up to P = 2ᵖ⁻², where a run ends; a change that
is rounded leads farther than that at once, for it exceeds 2ᵖ.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from tmsim.machines.indexed import per_tape
from tmsim.machines.models.descent import inner
from tmsim.machines.models.perceptron import Learning, Perceptron, Presented
from tmsim.modelled import ModelConstruction
from tmsim.outcome import Outcome

from tmsim.proofs import (  # isort: skip
    Activation, All, Binary, Bounds, Citation, Claim, Frame, Head, Layer, Leftmost, Limit, Linear,
    Loop, Neuron, Past, Program, Row, Scene, Stop, Stream, Sum,
)  # fmt: skip
from tmsim.proofs.affine import Leaves
from tmsim.proofs.claim import bit_length
from tmsim.proofs.gadgets import both

ATTENTION = Linear()
EXACT_TO = {
    "float32": {"prediction": 2**22},
    "float64": {"prediction": 2**51},
    "bfloat16": {"prediction": 2**6},
    "float16": {"prediction": 2**9},
}


class Now(NamedTuple):
    """A row of one pass: its input x, its label (0: none), is it its turn, and the configurations
    before and after the pass (None at the end)."""

    x: tuple[Fraction, ...]
    label: int
    turn: bool
    place: int
    at: Learning
    then: Learning | None
    mistake: bool


class Registers:
    """The residual stream of a row."""

    def __init__(self, frame: Frame) -> None:
        self.stream = s = Stream()
        self.row = s.bits("row", bit_length(frame.bounds.cells + 1))
        self.feature = [s.scalar(f"feature[{c}]") for c in range(frame.tapes)]
        self.key = [s.scalar(f"key[{c}]") for c in range(frame.tapes)]
        self.label, self.prediction = s.scalar("label"), s.scalar("prediction")
        self.first, self.last, self.query = map(s.flag, ("first", "last", "query"))
        self.turn, self.clean, self.done = map(s.flag, ("turn", "clean", "done"))
        # Where the label and the prediction have these signs.
        self.plus, self.minus, self.above, self.below = map(
            s.flag, ("plus", "minus", "above", "below")
        )
        self.mistake, self.error, self.ending = s.flag("mistake"), s.scalar("error"), s.flag("end")
        self.correlation, self.missed = s.scalar("correlation"), s.flag("missed")
        self.came, self.ends = s.flag("came"), s.flag("ends")
        self.next_prediction = s.scalar("next_prediction")
        self.next_turn, self.next_clean = s.flag("next_turn"), s.flag("next_clean")
        self.next_done = s.flag("next_done")

    @property
    def data(self) -> list:
        """What no pass changes."""
        return [*self.feature, *self.key, self.label, self.first, self.last, self.query]


def signs(r: Registers) -> Layer:
    """The signs of the label and of the prediction; a prediction of 0 has none."""
    asked = [(r.label, r.plus, r.minus), (r.prediction, r.above, r.below)]
    step = Activation.heaviside
    neurons = [
        Neuron(sign * of.affine, out, activation=step)
        for of, up, down in asked
        for sign, out in ((1, up), (-1, down))
    ]

    def ensures(now: Now) -> Row:
        said = inner(now.at.weights, now.x)
        return {"above": int(said > 0), "below": int(said < 0), "plus": int(now.label > 0)}

    return Layer("the signs", neurons=neurons, ensures=ensures)


def judge(r: Registers) -> Layer:
    """On the row whose turn it is: is the prediction on its label's side?"""
    neurons = [
        both(r.turn, r.plus, 1 - r.above, writes=r.mistake + r.error),
        both(r.turn, r.minus, 1 - r.below, writes=r.mistake - r.error),
        both(r.turn, r.last, writes=r.ending),
    ]

    def ensures(now: Now) -> Row:
        mistake = now.turn and now.mistake
        return {"mistake": int(mistake), "error": now.label * mistake}

    return Layer("the mistake", neurons=neurons, ensures=ensures)


def learn(r: Registers) -> Layer:
    """Every row adds ⟨y·x, x'⟩ of a mistaken x; the turn, and the state of the round."""
    value, then = [r.error], r.next_prediction
    before = Past(strict=True, window=1)
    heads = [
        Head("mistaken", r.feature, r.key, value, [r.correlation], ATTENTION, visible=All()),
        Head("missed", [], [], [r.mistake, r.ending], [r.missed, r.ends], Sum(), visible=All()),
        Head("row before", [], [], [r.turn], [r.came], Leftmost(), visible=before),
    ]
    changed = [(r.prediction, 1), (r.prediction, -1), (r.correlation, 1), (r.correlation, -1)]
    neurons = [
        *(Neuron(sign * of.affine, sign * then) for of, sign in changed),
        Neuron(r.came - r.ends, r.next_turn),
        both(r.first, r.ends, writes=r.next_turn),
        Neuron(r.clean - r.missed - r.ends, r.next_clean),
        Neuron(1 * r.ends, r.next_clean),
        both(r.clean, r.ends, 1 - r.missed, writes=r.next_done),
    ]

    def ensures(now: Now) -> Row:
        if now.then is None:
            return {}
        state = {"next_clean": int(now.then.clean), "next_done": int(now.then.done)}
        turn = int(bool(now.label) and now.then.turn == now.place)
        return state | {"next_prediction": inner(now.then.weights, now.x), "next_turn": turn}

    return Layer("the update", heads, neurons, ensures)


def size(frame: Frame) -> dict[str, int]:
    """Three layers, three heads of width d at most, for d features; rows are counted in w bits."""
    w = bit_length(frame.bounds.cells + 1)
    return {
        "layers": 3,
        "attention_layers": 1,
        "heads": 3,
        "cross_heads": 0,
        "d_model": 2 * frame.tapes + w + 23,
        "d_head": frame.tapes,
        "d_mlp": 9,
    }


class Rosenblatt1958(ModelConstruction):
    """A frame's `tapes` are the features, `bounds.cells` the rows for examples; it has no states
    and no symbols (2 stands for none)."""

    citation = Citation(
        ("F. Rosenblatt",), "The perceptron: a probabilistic model for information storage and "
        "organization in the brain", 1958, "Psychological Review",
    )  # fmt: skip
    model = Perceptron
    claim = Claim(
        statement="a pass is the perceptron's update by one example",
        rules=(ATTENTION,),
        dtypes=tuple(EXACT_TO),
        grows_with=("window(N)", "precision(log T)"),
        tokens_per_step="1 pass over N + 1 rows",
        size=size,
        exact_to=EXACT_TO,
    )

    def frame(self, machine: Perceptron, bounds: Bounds) -> Frame:
        return Frame(2, 2, machine.features, bounds)

    def program(self, frame: Frame) -> Program:
        r = Registers(frame)
        carry = [(r.next_prediction, r.prediction), (r.next_turn, r.turn)]
        carry += [(r.next_clean, r.clean), (r.next_done, r.done), *((x, x) for x in r.data)]
        limits = tuple((dtype, limit["prediction"]) for dtype, limit in EXACT_TO.items())
        return Program(
            r.stream,
            [signs(r), judge(r), learn(r)],
            positions=[Binary("row", r.row.size)],
            feedback=Loop(tuple(carry), active=r.turn),
            stops=[
                Stop(Outcome.halted, r.done),
                Limit(Outcome.out_of_precision, r.prediction, limits),
            ],
            emits=[r.row, r.mistake],
        )

    def leaves(self, machine: Perceptron, frame: Frame) -> Leaves:
        return {}

    def scenes(
        self, machine: Perceptron, given: Any, steps: Iterable[Presented], frame: Frame
    ) -> Iterator[Sequence[Scene]]:
        at, rows = machine.begin(given), frame.bounds.cells
        examples = at.data.examples
        if len(examples) > rows:
            raise ValueError(f"{len(examples)} examples: expected at most {rows} (cells)")
        empty = ((Fraction(0),) * machine.features, 0)
        known = [*examples, *[empty] * (rows - len(examples)), (at.data.query, 0)]
        for _ in range(1 + sum(1 for _ in steps)):
            taken = machine.after(at)
            ended = isinstance(taken, Outcome)
            then, mistake = (None, False) if ended else (taken.then, taken.step.mistake)
            yield [
                Scene(
                    self.row(x, int(y), place, at, place == rows),
                    Now(x, int(y), place == at.turn, place, at, then, mistake),
                )
                for place, (x, y) in enumerate(known)
            ]
            at = at if then is None else then

    @staticmethod
    def row(x: Sequence[Fraction], label: int, place: int, at: Learning, query: bool) -> Row:
        row = per_tape("feature", x) | {"prediction": inner(at.weights, x), "query": int(query)}
        row |= {"clean": int(at.clean), "done": int(at.done)}
        if not label:
            return row
        last = place + 1 == len(at.data.examples)
        row |= per_tape("key", x) | {"label": label, "turn": int(place == at.turn)}
        return row | {"first": int(place == 0), "last": int(last)}

    def decode(self, emitted: Mapping[str, Any], machine: Perceptron) -> list[Presented]:
        columns = zip(emitted["row"], emitted["mistake"], strict=True)
        return [Presented(int(row) + 1, bool(mistake)) for row, mistake in columns]
