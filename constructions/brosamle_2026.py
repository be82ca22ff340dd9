"""Chain of thought in ternary activations: positions in blocks, binary search for a write.

M. Brösamle, S. Eckstein, "The Expressive Power of Low Precision Softmax Transformers with
(Summarized) Chain-of-Thought", ICML 2026 (arXiv 2605.18079), the theorem on chain of thought.

paper | ipos  istate  isymbol  imove  ibit   ihpos     ispos  ipossym  fextok  imaxpos  isymex
here  | pos   state   wrote    moved  digit  at, head  there  stamp    exists  latest   read

A token is a step: the state entered, the symbols written, the moves. After every r of them the
model writes its heads' positions, digit by digit, between POS and EPOS; from there they are carried
on token by token, one layer for each. Then a search by digits, the highest first, finds the row
that wrote last to the cell under a head. After the halt the model prints the word on tape 1.
Activations are -1, 0 or 1, scores integers below 4r, and the best is 1 above all others that
matter: other rows of that score hold the same value.

Departures. (1) Positions are in two's complement: the tape is two-way, and no move saturates at
cell 0. (2) A symbol token holds a symbol of every tape. Heads that do not start on cell 0 are told
by a position block behind EINP, as the model writes them itself. (3) A token is a tuple of one-hot
factors, so that no vocabulary grows as |Q|·(3|Γ|)^K; states and symbols stay one-hot in the stream,
where the paper has codes of ⌈log₂⌉ digits. (4) One register has one meaning and one writer. What
the paper counts down, clears and uses again, the numbers of earlier rows and the positions that
are carried on, has a register in each layer: d_model is O(K r²), not O(K r). `paper_size` has the
paper's formulas; depth, heads and d_head are equal, d_mlp exceeds the paper's by at most 1. (5) The
number of a row before row 0 wraps round, and another row may be the nearest: row 0's threshold of
r - 1 takes such a query, as it does in the paper's searches by cell. (6) INP, row 0, holds the
blank: a search without a hit reads it. (7) A neuron is min(max(2s - 1/2, 0), 1), two ReLUs, where
the paper has max(s, 0): equal on integers s ≤ 1, and it rounds what softmax leaks. This is the
theorem's rounding of activations. (8) The output ends with the first blank.

Precision. Scores are below 4r and a neuron's constant is at most 2r + 1/2: bfloat16 is exact for
r ≤ 60. The mean of c equal rows is exact while c < 2²⁴. Softmax with λ = 10 + ln n leaks less than
δ = e⁻¹⁰ of the weight; a neuron's conditions are together within 4(r + 2)δ of integers, which for
r ≤ 1,000 is less than the slack of 1/4.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set

from constructions._brosamle import plan
from constructions._brosamle.construction import CITATION, DTYPES, RULES, TernaryConstruction
from constructions._brosamle.lemmas import next_factors, next_kind
from constructions._brosamle.positions import HARD, told
from constructions._brosamle.rows import Kind, Now, Transcript, chain_of_thought
from constructions._brosamle.stream import Registers, plus, surely, take
from constructions._brosamle.vocabulary import vocabulary
from tmsim.machines import Step, TuringMachine
from tmsim.proofs import ONE, Bounds, Claim, Frame, Head, Layer, Neuron, Row, Token
from tmsim.proofs.claim import bit_length
from tmsim.turing import Start


class Chain(Registers):
    """The residual stream; an input's symbols are told from the output's, which come after OUTP."""

    def __init__(self, frame: Frame) -> None:
        super().__init__(frame, digits(frame.bounds), Kind.EINP + 1)
        self.after_outp, self.input = self.stream.flag("after_outp"), self.stream.flag("input")
        self.null, self.opens = self.kind[Kind.INP], self.kind[Kind.OUTP]
        self.printing = 1 * self.counting


def split(r: Chain) -> Layer:
    """Is a symbol the input's or the output's? OUTP stands before the output's."""
    outp, symbol = r.kind[Kind.OUTP], r.kind[Kind.SYMBOL]
    head = Head("after_outp", [ONE], [outp], [outp], [r.after_outp], HARD)
    neurons = [
        surely(symbol, 1 - r.after_outp, writes=r.input),
        surely(symbol + outp, r.after_outp, writes=r.counting),
        *take(r.pos, r.opening, outp),
    ]

    def ensures(now: Now) -> Row:
        flags = {"counting": int(now.counted is not None)}
        flags["input"] = int(now.token.kind is Kind.SYMBOL and now.counted is None)
        return flags | {"opening": now.number if now.counted == 0 else None}

    return Layer("input or output", [head], neurons, ensures)


def begin(r: Chain) -> Layer:
    """EINP stands on cell 0."""
    return told(r, *(Neuron(r.kind[Kind.EINP], -plus(*at)) for at in r.at[0]))


def places(r: Chain) -> list[Neuron]:
    """The output is read at its count; row i of the input is written to cell i - 1."""
    neurons = [*take(r.pos, r.stamp, r.input)]
    for head, there in zip(r.head, r.there, strict=True):
        neurons += [*take(r.count, head), *take(r.back[1], there, r.input)]
    return neurons


def layers(r: Chain) -> list[Layer]:
    """The theorem's 5r/2 + 8 layers."""
    nothing = [[] for _ in r.tapes]
    kind, factors = next_kind(r), next_factors(r, [], nothing)
    own = {1: [split(r)], plan.told_by(r.r): [begin(r)]}
    last = plan.fetched(r.r)
    return plan.layers(r, places(r), own | {last + 3: [kind], last + 4: [factors]})


def digits(bounds: Bounds) -> int:
    """r: the least even number of digits that tells all rows and all cells apart."""
    r = 4
    while prompt_length(r, bounds.cells) + generated(r, bounds) > 1 << r:
        r += 2
    return r


def prompt_length(r: int, cells: int) -> int:
    """INP, the cells of the longest word, EINP, a block for heads that do not start on 0."""
    return 2 + (cells + 1) + (r + 2)


def generated(r: int, bounds: Bounds) -> int:
    """The rows of the steps, with the blocks between them, and those of the output."""
    return run_length(r, bounds.steps) + 2 + (bounds.cells + 1)


def run_length(r: int, steps: int) -> int:
    """t + j(r + 2) with j = ⌈t/r⌉ - 1 blocks."""
    return steps + (-(-steps // r) - 1) * (r + 2)


def size(frame: Frame) -> dict[str, int]:
    """The theorem's depth and heads; d_model with a register of its own for every meaning."""
    r, Q, G, K = digits(frame.bounds), frame.states, frame.symbols, frame.tapes
    return {
        "layers": 5 * r // 2 + 8,
        "attention_layers": 5 * r // 2 + 3,
        "heads": 3 * K,
        "cross_heads": 0,
        "d_model": r * r + 9 * r - 1 + K * r * (2 * r + 10) + 30 + 5 * Q + K * (4 * G + 20),
        "d_head": 4 * r - 1,
        "d_mlp": max(8 * K * r + 4 * r + 2 * K, Q * G**K + 2, Q + 1 + 8 * K + (K + 1) * G),
    }


def paper_size(r: int, states: int, symbols: int, tapes: int) -> dict[str, int]:
    """The theorem's formulas: there registers are cleared and used again, and values are codes.

    >>> paper_size(28, 6, 2, 1)["layers"], paper_size(28, 6, 2, 1)["d_model"]
    (78, 380)
    """
    Q, G, K, code = states, symbols, tapes, (bit_length(states), bit_length(symbols))
    return {
        "layers": 5 * r // 2 + 8,
        "heads": 3 * K,
        "d_model": 6 * K * r + 6 * r + 3 * code[0] + (3 * K + 1) * code[1] + 10 * K + 21,
        "d_head": 4 * r - 1,
        "d_value": max(r, *code),
        "d_mlp": max(18 * r + 2, 14 * K * r + 2 * r, Q * G**K + 1),
    }


class Brosamle2026(TernaryConstruction):
    citation = CITATION
    claim = Claim(
        statement="ternary activations, depth and width O(log T), chain of thought",
        rules=RULES,
        dtypes=DTYPES,
        grows_with=("window(T)", "depth,width(log T)"),
        tokens_per_step="2 + 2/r",
        size=size,
    )

    def rows(self, frame: Frame) -> int:
        return generated(digits(frame.bounds), frame.bounds)

    def registers(self, frame: Frame) -> Chain:
        return Chain(frame)

    def layers(self, r: Chain) -> list[Layer]:
        return layers(r)

    def feedback(self, r: Registers) -> Token:
        return Token(tuple(r.carry))

    def vocabulary(self, machine: TuringMachine, frame: Frame) -> Mapping[str, Row]:
        """Every token of the machine's runs, by its word."""
        absent = Chain(frame).absent
        return {word: t.row(absent, frame.tapes) for word, t in vocabulary(machine).items()}

    def contexts(
        self, start: Start, steps: Iterable[Step], digits: int, halting: Set[int]
    ) -> list[Transcript]:
        return [chain_of_thought(start, steps, digits, halting)]
