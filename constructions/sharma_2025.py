"""A universal transformer: its prompt is a machine, that machine's data, and a query.

A. Sharma, "Eliciting Fine-Tuned Transformer Capabilities via Inference-Time Techniques", 2025
(arXiv 2506.08060). The main theorem as its abstract states it: with the data in its prompt a base
model approximates the fine-tuned one, because transformers are Turing complete. Abstracts were all
there was to read: what follows is a base model for which that argument can be run, derived here.

paper | base model, unchanged parameters  prompt: dataset and query  Turing machine in the prompt
here  | weights of the frame alone        rows that type the words   rule rows, `_sharma.rules`

Two frames with as many binary digits of states and symbols, and as many tapes, have the same
weights, whatever machine runs: d_model = O(log states + tapes · log symbols). The prompt is a row
per rule, the null row, and rows that type the words. Then each row is a step: it finds its heads,
squares their positions, looks up the latest write under each head (`tzamos_2026`), and attends to
the last rule that fits (state, symbols) in ±1 codes.

Departures. (1) The paper asks for some Turing complete transformer; this one has hard attention,
and tokens that are tuples of digits. (2) A rule may leave state, symbols read and symbols written
open; what it says yields to later rules. A machine's rules are found by `rules_of`, outside the
transformer; they are a rendering of its table, entry by entry or shorter. (3) No rule fits: the
null row says so. Halting is a rule as well.

Precision. Rules are matched by integers of a few digits, exact in every format. Positions are those
of `tzamos_2026`: u the unit roundoff and |here| ≤ p, two matches are computed within 16·u·p² of
each other, a match and the null row within 12·u·p² of their difference 1. The choice within 1/2
needs 16·u·p² ≤ 1/2: p ≤ 724 in float32, 2²⁴ in float64; claimed are 2⁹ and 2²³. Rows, of which
rules are some, are counted without rounding up to 2²⁴ and 2⁵³; claimed are 2²³ and 2⁵².
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from constructions._sharma.layers import LATEST, locate, obey, recall, square
from constructions._sharma.registers import Registers, digits, number
from constructions._sharma.rules import HALTS, STUCK, Action, Rule, rules_of
from tmsim.machines import Step, history
from tmsim.machines.indexed import move_index, per_tape
from tmsim.machines.loader import loading
from tmsim.outcome import Outcome

from tmsim.proofs import (  # isort: skip
    Citation, Claim, Columns, Frame, Index, Limit, Program, Row, Scene, Stop, Token,
)  # fmt: skip
from tmsim.proofs.affine import Leaves
from tmsim.proofs.claim import bit_length
from tmsim.turing import Scenes, Start, TuringConstruction

HALF = Fraction(1, 2)
EXACT_TO = {
    "float64": {"position": 2**23, "rows": 2**52},
    "float32": {"position": 2**9, "rows": 2**23},
}


def size(frame: Frame) -> dict[str, int]:
    """The sizes for states of b binary digits, symbols of g, and k tapes."""
    b, g, k = bit_length(frame.states), bit_length(frame.symbols), frame.tapes
    return {
        "layers": 4,
        "attention_layers": 3,
        "heads": k,
        "cross_heads": 0,
        "d_model": 7 + 8 * b + k * (12 * g + 13),
        "d_head": max(3, b + k * g + 1),
        "d_mlp": max(4 * k, 4 * g * k),
    }


class Sharma2025(TuringConstruction):
    citation = Citation(
        ("A. Sharma",),
        "Eliciting Fine-Tuned Transformer Capabilities via Inference-Time Techniques",
        2025,
        "arXiv",
        "2506.08060",
        "main theorem, as stated in the abstract",
    )
    claim = Claim(
        statement="one transformer, of weights that no machine changes, runs the machine in its "
        "prompt on the data in its prompt",
        rules=(LATEST,),
        dtypes=("float64", "float32"),
        grows_with=("window(T)", "precision(log T)"),
        tokens_per_step="1",
        size=size,
        ulps=16,
        exact_to=EXACT_TO,
    )

    def program(self, frame: Frame) -> Program:
        r = Registers(frame)
        pairs = [(r.next_state, r.state), *zip(r.write, r.wrote, strict=True)]
        carry = [factor for pair in pairs for factor in zip(*pair, strict=True)]
        carry += zip(r.move, r.moved, strict=True)
        # Positions are integers up to rounding, so each limit lies half way to the next.
        reach = tuple((dtype, limit["position"] + HALF) for dtype, limit in EXACT_TO.items())
        rows = tuple((dtype, limit["rows"]) for dtype, limit in EXACT_TO.items())
        return Program(
            r.stream,
            [locate(r), square(r), recall(r), obey(r)],
            positions=[Index("count", start=1)],
            feedback=Token(tuple(carry)),
            stops=[
                Stop(Outcome.halted, r.halts),
                Limit(Outcome.out_of_precision, r.count, rows),
                *(Limit(Outcome.out_of_precision, here, reach) for here in r.here),
                *(Limit(Outcome.out_of_cells, here, frame.bounds.cells + HALF) for here in r.here),
                Stop(Outcome.no_transition, r.stuck),
            ],
            emits=[x for number in (r.next_state, *r.read, *r.write, r.move) for x in number],
        )

    def leaves(self, machine: Any, frame: Frame) -> Leaves:
        """Nothing: the machine is in the prompt."""
        return {}

    def passes(
        self, machine: Any, tapes: Sequence[Any], heads: Any, steps: Iterable[Step], frame: Frame
    ) -> Scenes:
        """The rules, of which no lemma speaks, and then the run."""
        rules = [Scene(self.rule_row(rule, frame), None) for rule in rules_of(machine)]
        for run in super().passes(machine, tapes, heads, steps, frame):
            yield [*rules, *run]

    def scenes(self, start: Start, steps: Iterable[Step], frame: Frame) -> Scenes:
        typed = list(loading(start.words, start.blank, start.heads, start.state))
        moments = history(
            [*typed, *steps],
            blank=start.blank,
            state=None if typed else start.state,
            heads=(0,) * frame.tapes,
        )
        yield [Scene(self.row(now, start.blank, frame), now) for now in moments]

    @staticmethod
    def rule_row(rule: Rule, frame: Frame) -> Row:
        """A rule as a token of the prompt."""
        b, g = bit_length(frame.states), bit_length(frame.symbols)
        row: dict[str, Any] = {"rule": 1, **dict(digits("if_state", rule.state, b))}
        for tape, symbol in enumerate(rule.read):
            row |= digits(f"if_read[{tape}]", symbol, g)
        if not isinstance(rule.then, Action):
            return row | {"then_halts": rule.then == HALTS, "then_stuck": rule.then == STUCK}
        row |= digits("then_state", rule.then.state, b)
        for tape, symbol in enumerate(rule.then.write):
            row |= digits(f"then_write[{tape}]", symbol, g)
        return row | per_tape("then_move", map(move_index, rule.then.moves))

    @staticmethod
    def row(now: Any, blank: int, frame: Frame) -> Row:
        """The token of the step that led here; the null row before any step."""
        step = now.previous
        write = step.write if step else (blank,) * frame.tapes
        moves = step.moves if step else (0,) * frame.tapes
        row: dict[str, Any] = {} if step else {"null": 1}
        row |= digits("state", now.state, bit_length(frame.states))
        for tape, symbol in enumerate(write):
            row |= digits(f"wrote[{tape}]", symbol, bit_length(frame.symbols))
        return row | per_tape("moved", map(move_index, moves))

    def decode(self, emitted: Mapping[str, Any], machine: Any) -> Columns:
        """Numbers from their digits; -1 where a digit is none."""
        digit: dict[str, list[Any]] = {}
        for name, column in emitted.items():
            # The digits of a number come lowest first.
            digit.setdefault(name.rpartition(".")[0] or name, []).append(column)
        columns = {name: [*map(number, zip(*held, strict=True))] for name, held in digit.items()}
        tapes = range(machine.tapes)
        per = [[columns[f"{name}[{t}]"] for t in tapes] for name in ("read", "write", "move")]
        return Columns(columns["next_state"], *per)
