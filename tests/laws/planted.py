"""Constructions with one error each: the law that must see it is named in the docstring."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from jax import Array
from jax.core import Tracer

from constructions.looped_tape import LoopedTape
from constructions.tzamos_2026 import Tzamos2026
from constructions.wei_2021 import Wei2021
from tmsim.engine.positions import told
from tmsim.outcome import Outcome
from tmsim.proofs import ONE, Frame, Head, Index, Layer, Leftmost, Limit, Program, Rightmost, Stop
from tmsim.turing import Start


def with_layers(program: Program, change: Callable[[Layer], Layer]) -> Program:
    return replace(program, layers=[change(layer) for layer in program.layers])


def with_heads(program: Program, change: Callable[[Head], Head]) -> Program:
    def changed(layer: Layer) -> Layer:
        return replace(layer, heads=[change(head) for head in layer.heads])

    return with_layers(program, changed)


class WideSlack(Tzamos2026):
    """theorem: a slack of 5/2 takes a neighbour's write for the cell's own."""

    def program(self, frame: Frame) -> Program:
        def changed(head: Head) -> Head:
            own = isinstance(head.rule, Rightmost)
            return replace(head, rule=Rightmost(Fraction(5, 2)), address=None) if own else head

        return with_heads(super().program(frame), changed)


class EveryRule(Tzamos2026):
    """rules_agree: the claim takes in a rule that finds the first write instead of the last."""

    claim = replace(Tzamos2026.claim, rules=(*Tzamos2026.claim.rules, Leftmost()))


class WrongLemma(Wei2021):
    """lemmas: claim C.6 says that a cell never written was written with the blank."""

    def program(self, frame: Frame) -> Program:
        def changed(layer: Layer) -> Layer:
            if not layer.title.startswith("Claim C.6"):
                return layer
            said = layer.ensures
            assert said is not None

            def ensures(now: Any) -> dict[str, Any]:
                return {name: value or 0 for name, value in said(now).items()}

            return replace(layer, ensures=ensures)

        return with_layers(super().program(frame), changed)


class WrongWeight(Wei2021):
    """lemmas: the last adder takes the carry once where it must take it twice."""

    def program(self, frame: Frame) -> Program:
        def changed(layer: Layer) -> Layer:
            if not layer.title.endswith("the new position"):
                return layer
            *others, last = layer.neurons
            halved = replace(last, writes=Fraction(1, 2) * last.writes.affine)
            return replace(layer, neurons=[*others, halved])

        return with_layers(super().program(frame), changed)


class NoLemmas(LoopedTape):
    """lemmas: says nothing, so that nothing could be wrong."""

    def program(self, frame: Frame) -> Program:
        return with_layers(super().program(frame), lambda layer: replace(layer, ensures=None))


class NoRounding(Tzamos2026):
    """readings, jit: claims that its means are not rounded."""

    claim = replace(Tzamos2026.claim, ulps=0)


class WrongAddress(Tzamos2026):
    """fold: tells the table the cell that the head went to, not the one it wrote."""

    def program(self, frame: Frame) -> Program:
        def changed(head: Head) -> Head:
            told = head.address
            return head if told is None else replace(head, address=replace(told, write=told.read))

        return with_heads(super().program(frame), changed)


TOO_FAR = 4000


class TooFar(Tzamos2026):
    """fold: claims positions in float32 that rounding does not allow, and stops only there."""

    claim = replace(
        Tzamos2026.claim,
        dtypes=("float64", "float32"),
        exact_to={"float32": {"position": TOO_FAR, "rows": 2**23}},
    )

    def program(self, frame: Frame) -> Program:
        def changed(stop: Stop | Limit) -> Stop | Limit:
            here = isinstance(stop, Limit) and int(stop.bound("float32") or 0) == 2**9
            return replace(stop, at_most=(("float32", TOO_FAR),)) if here else stop

        program = super().program(frame)
        return replace(program, stops=[changed(stop) for stop in program.stops])


class WrongSize(LoopedTape):
    """size: a formula that forgets a coordinate."""

    claim = replace(
        LoopedTape.claim,
        size=lambda frame: {
            **LoopedTape.claim.size(frame),
            "d_model": LoopedTape.claim.size(frame)["d_model"] - 1,
        },
    )


class FirstIsBlank(LoopedTape):
    """renaming: takes the first symbol of the machine's list for the blank."""

    @staticmethod
    def start(machine: Any, tapes: Sequence[Any], heads: Any) -> Start:
        return LoopedTape.start(machine, tapes, heads)._replace(blank=0)


class WrongMoves(Tzamos2026):
    """hypotheses: wrong under its own claim too, so that no failure shows a hypothesis needed."""

    def leaves(self, machine: Any, frame: Frame) -> Any:
        tables = dict(super().leaves(machine, frame))
        flipped = {(*at[:-1], 2 - at[-1]): 1 for at in tables["move[0]"]}
        return {**tables, "move[0]": flipped}


class NoStuck(LoopedTape):
    """outcomes: does not stop where there is no transition."""

    def program(self, frame: Frame) -> Program:
        program = super().program(frame)
        return replace(program, stops=[s for s in program.stops if s.outcome != "no_transition"])


class OneCellLess(Wei2021):
    """outcomes: stops on the last cell that it was given."""

    def program(self, frame: Frame) -> Program:
        program = super().program(frame)
        stops = [
            replace(s, at_most=frame.bounds.cells - 1)
            if isinstance(s, Limit) and s.outcome is Outcome.out_of_cells
            else s
            for s in program.stops
        ]
        return replace(program, stops=stops)


class NoEdge(Tzamos2026):
    """outcomes: takes no notice of where its precision ends."""

    def program(self, frame: Frame) -> Program:
        program = super().program(frame)
        return replace(
            program, stops=[s for s in program.stops if s.outcome is not Outcome.out_of_precision]
        )


class HaltsLate(Wei2021):
    """outcomes: a start state that halts is not looked at before the first step."""

    def program(self, frame: Frame) -> Program:
        program = super().program(frame)
        first, *others = program.stops
        assert isinstance(first, Stop)
        late = replace(first, when=first.when - program.stream.registers["null"])
        return replace(program, stops=[late, *others])


class AtOnce(Tzamos2026):
    """hypotheses: every run ends before its first step, in claimed number formats too."""

    def program(self, frame: Frame) -> Program:
        return replace(super().program(frame), stops=[Stop(Outcome.halted, ONE)])


@dataclass(frozen=True)
class Traced(Index):
    """A position that is another one outside compiled code."""


@told.register
def _(position: Traced, i: Array, dtype: Any) -> Array:
    off = 0 if isinstance(i, Tracer) else 1
    return told(Index(position.register, start=position.start + off), i, dtype)


class OtherWhenTraced(Tzamos2026):
    """jit: reads its row number from a position that depends on being compiled."""

    def program(self, frame: Frame) -> Program:
        return replace(super().program(frame), positions=[Traced("count", start=1)])
