"""The four layers of sharma_2025."""

from __future__ import annotations

from fractions import Fraction

from constructions._sharma.registers import Registers, coordinates, digits, signs
from tmsim.machines.indexed import move_index, per_tape
from tmsim.proofs.gadgets import both, total

from tmsim.proofs import (  # isort: skip
    ONE, Address, Average, Head, Layer, Neuron, Rightmost,
)  # fmt: skip

LATEST = Rightmost(within=Fraction(1, 2))


def locate(r: Registers) -> Layer:
    """The moves so far add up to the head's position: their mean, times their count.

    Rules move nothing: they only make the mean smaller, as much as the count larger.
    """
    return Layer(
        "head positions: mean move × count",
        [
            Head(f"mean[{t}]", [], [], [d], [r.mean[t]], Average())
            for t, d in enumerate(r.displacement)
        ],
        [Neuron(r.count, here, gate=mean) for here, mean in zip(r.here, r.mean, strict=True)],
        lambda now: per_tape("here", now.heads),
    )


def square(r: Registers) -> Layer:
    """x² = max(x, 0)·x + max(-x, 0)·(-x), for the cell under the head and the cell written."""

    def ensures(now):
        wrote_at = now.previous.heads if now.previous else now.heads
        here = per_tape("here²", (cell**2 for cell in now.heads))
        return here | per_tape("there²", (cell**2 for cell in wrote_at))

    pairs = [*zip(r.here, r.here_squared, strict=True), *zip(r.there, r.there_squared, strict=True)]
    return Layer(
        "squares of the positions",
        neurons=[Neuron(x, x2, gate=x) for p, x2 in pairs for x in (1 * p, -p)],
        ensures=ensures,
    )


def recall(r: Registers) -> Layer:
    """The symbols under the heads."""

    def ensures(now):
        return dict(pair for t, a in enumerate(now.read)
                    for pair in digits(f"read[{t}]", a, r.symbol_bits))  # fmt: skip

    heads = [match_latest(r, t) for t in range(len(r.read))]
    return Layer("the latest write under each head", heads, ensures=ensures)


def match_latest(r: Registers, tape: int) -> Head:
    """The symbol that the latest row with there = here wrote, and the null row's blank if none.

    A match scores 2·here², the null row one less, and a rule, whose `there` is 0, scores -2.
    """
    here, there = r.here[tape], r.there[tape]
    return Head(
        f"latest[{tape}]",
        query=[2 * here, 2 * ONE, 2 * r.here_squared[tape] - 1],
        key=[2 * there, -r.there_squared[tape] - r.rule, r.null],
        value=coordinates(r.wrote[tape]),
        out=coordinates(r.read[tape]),
        rule=LATEST,
        address=Address(read=1 * here, write=there, null=r.null + r.rule),
    )


def match_rule(r: Registers) -> Head:
    """The last rule that fits the state and the symbols: what a rule leaves open is 0 in its key.

    A rule of n digits scores their agreements less their disagreements less n: 0 if it fits, and
    at most -2 if not. The null row, which says that there is no transition, scores -1, a step -3.
    """
    asked = [r.if_state, *r.if_read]
    said = total(*(coordinate for number in asked for coordinate in coordinates(number)))
    then = [r.then_state, *r.then_write, r.then_move]
    out = [r.next_state, *r.put, r.move]
    return Head(
        "rule",
        query=[*(s for number in (r.state, *r.read) for s in signs(number)), ONE],
        key=[*(s for number in asked for s in signs(number)), 3 * r.rule + 2 * r.null - 3 - said],
        value=[*(c for part in then for c in coordinates(part)), r.then_halts,
               r.then_stuck + r.null],
        out=[*(c for part in out for c in coordinates(part)), r.halts, r.stuck],
        rule=LATEST,
    )  # fmt: skip


def obey(r: Registers) -> Layer:
    """The transition that the prompt says, with the symbol read where it says no other."""

    def ensures(now):
        step = now.step
        if step is None or step.state is None:
            return {}
        told = {"halts": 0, "stuck": 0, **dict(digits("next_state", step.next_state, r.state_bits))}
        for t, (symbol, move) in enumerate(zip(step.write, step.moves, strict=True)):
            told |= dict(digits(f"write[{t}]", symbol, r.symbol_bits))
            told[f"move[{t}]"] = move_index(move)
        return told

    neurons = []
    for read, put, write in zip(r.read, r.put, r.write, strict=True):
        unnamed = 1 - put[0][0] - put[0][1]
        for seen, said, then in zip(*map(coordinates, (read, put, write)), strict=True):
            neurons += [Neuron(said, then), both(seen, unnamed, writes=then)]
    return Layer("the rule that fits, and what it writes", [match_rule(r)], neurons, ensures)
