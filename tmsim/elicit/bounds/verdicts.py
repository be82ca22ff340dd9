"""What the sizes say of each claim: tight, loose by a factor, too small, false for every constant.

A claim is an order, so its constant is free. The constant that a claim would need is the ratio of
what is necessary, or needed, to what it says. Where that ratio grows without end as one parameter
does, no constant will do; it is computed along that parameter, and a short proof says why.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from math import log
from typing import Any

from tmsim.elicit.bounds import claims, linear, text_lower

TIGHT = 2.0  # a claim within this factor of what is needed
GROWTH = 1.25  # each needed constant over the one before, where the parameter grows by 4


@dataclass(frozen=True)
class Verdict:
    """What is found of a claim in one setting.

    factor: of the claim over what is needed, or the constant needed last where none will do.
    constants: (value of the parameter, constant needed there). because: the short proof.
    """

    claim: str
    setting: str
    verdict: str
    factor: float
    because: str
    parameter: str = ""
    constants: tuple[tuple[float, float], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The verdict as JSON knows it."""
        return asdict(self)


def compared(claim: str, setting: str, stated: float, needed: float, because: str) -> Verdict:
    """The verdict on a claim whose order is right: its size with constant 1 beside what is needed.

    >>> compared("d/ε", "max-margin", 200, 100.1, "…").verdict
    'tight'
    >>> compared("d/ε", "max-margin", 200, 20, "…").verdict
    'loose by a factor 10'
    """
    factor = stated / max(needed, 1.0)
    if factor >= TIGHT:
        told = f"loose by a factor {factor:.3g}"
    else:
        told = "tight" if factor >= 1 / TIGHT else f"too small by a factor {1 / factor:.3g}"
    return Verdict(claim, setting, told, factor, because)


def unbounded(
    claim: str,
    setting: str,
    parameter: str,
    values: Sequence[float],
    constant: Callable[[float], float],
    because: str,
) -> Verdict:
    """The verdict on a claim whose needed constant is computed at growing values of a parameter.

    "false for every constant" where each is more than GROWTH times the one before: the numbers show
    the growth, `because` proves it. Otherwise the largest constant found is told.

    >>> unbounded("n", "x", "d", (1, 4, 16), lambda d: d, "d has no bound").verdict
    'false for every constant'
    >>> unbounded("n", "x", "d", (1, 4, 16), lambda d: 3.0, "…").verdict
    'not refuted: constant 3 is enough here'
    """
    found = [constant(value) for value in values]
    pairs = pairwise(found)
    grows = found[0] > 0 and all(late > GROWTH * early for early, late in pairs)
    told = f"not refuted: constant {max(found):.3g} is enough here"
    told = "false for every constant" if grows else told
    points = tuple(zip(map(float, values), found, strict=True))
    return Verdict(claim, setting, told, found[-1], because, parameter, points)


def text(V: int, m: int, length: int, epsilon: float, delta: float, needed: float) -> list[Verdict]:
    """The two claims about text; needed: the examples that counting needs, measured or sufficient.

    Raises ValueError for V < 2, m or l < 1, ε or δ outside (0, 1).

    >>> [v.verdict for v in text(64, 1, 1, 0.1, 0.05, needed=1360)]
    ['loose by a factor 14.1', 'false for every constant']
    """
    stated = claims.text(V, m, epsilon, delta)
    first = "m·V/ε²·ln(m/δ)"
    V_and_log = (
        "V and ln(m/δ) add, they do not multiply: m(V·ln 2 + ln(m/δ))/(2ε²) is enough "
        "(Bretagnolle–Huber–Carol), if every context has as many examples"
    )
    found = [compared(first, "texts of one token", stated, needed, V_and_log)]
    if length > 1:
        say = (
            "it has no l: a context's texts are V^l outcomes, and every learner needs Ω(V^l/ε²) "
            "examples of a context (Bayes risk)"
        )

        def by_length(tokens: float) -> float:
            least = text_lower.minimax(2 ** int(tokens), m, epsilon, delta)
            return least / claims.text(2, m, epsilon, delta)

        found = [unbounded(first, "texts of l tokens, V = 2", "l", (4, 6, 8, 10), by_length, say)]
    say = (
        "uniform p and n ≤ V examples give counting E[TV] = (1 − 1/V)^n ≥ 1 − n/V, and for every "
        "learner the Bayes risk asks for Ω(V/ε²): C·ln V is below both for large V, whatever C"
    )
    # One ε and one δ at which no constant will do are enough: ones at which little is needed.
    at = min(max(epsilon, 0.02), 0.3), min(delta, 0.1)

    def by_vocabulary(N: float) -> float:
        stated = claims.text_of_fixed_length(int(N), 1, *at)
        return text_lower.minimax(int(N), 1, *at) / stated

    values = tuple(4 ** (j + max(2, round(log(V, 4)))) for j in range(3))
    setting = "total variation, l = 1, ε = {:g}, δ = {:g}".format(*at)
    found.append(unbounded("l·ln V/ε²·ln(1/δ)", setting, "V", values, by_vocabulary, say))
    return found


def half_space(d: int, epsilon: float, delta: float, needed: float | None = None) -> list[Verdict]:
    """The two claims about linear classification; needed: what max-margin needs, measured.

    Raises ValueError for d < 1, ε or δ outside (0, 1).

    >>> [v.verdict for v in half_space(20, 0.1, 0.05)][:2]
    ['tight', 'false for every constant']
    """
    stated, claim = claims.linear(d, epsilon), "d/ε"
    expected = linear.max_margin_gaussian(d, epsilon)
    found = [
        compared(claim, "max-margin, expected error, Gaussian x", stated, expected,
                 "E[error] ≤ d/(n + 1) for any inputs, as at most d examples are support vectors; "
                 "0.5005·d/n in the Gaussian limit"),
    ]  # fmt: skip
    if needed is not None:
        setting = f"max-margin, probability {1 - delta:g}, Gaussian x"
        found.append(compared(claim, setting, stated, needed, "measured; δ is fixed here"))
    grid = [k / min(epsilon, 0.1) for k in (1.0, 4.0, 16.0)]
    deltas = [k * max(10 * d * (1 + epsilon), log(1 / delta)) for k in (0.5, 2.0, 8.0)]
    rare, near = min(delta, 0.05), min(epsilon, 0.4)
    fixed = claims.linear_of_fixed_context(near, delta)
    found += [
        unbounded(claim, "one layer of linear attention (Hebb), Gaussian x", "1/ε", grid,
                  lambda at: linear.hebb_gaussian(d, 1 / at) / claims.linear(d, 1 / at),
                  "its error is about 0.4·√(d/n), so it needs d/(2πε²)"),
        unbounded(claim, "any learner, worst x, error ≤ ε with probability 1 − δ", "ln(1/δ)",
                  deltas, lambda at: linear.rare_input(epsilon, at) / stated,
                  "it has no δ: an input of probability ε is not seen with probability (1 − ε)ⁿ, "
                  "so n ≥ ln(1/(2δ))/ε (d ≥ 2)"),
        unbounded(claim, "any learner, noisy labels, excess error", "1/ε", grid,
                  lambda at: linear.noisy_labels(1 / at, rare) / claims.linear(d, 1 / at),
                  "telling a coin of bias ½ + ε/2 from ½ − ε/2 takes ln(1/(4δ))/(2ε²) tosses"),
        unbounded("1/ε²·ln(1/δ)", "any learner, Gaussian x", "d", (64, 256, 1024),
                  lambda at: linear.unseen_directions_size(int(at), near, delta) / fixed,
                  "n < d inputs say nothing of w outside their span; the error is at least "
                  "E[arccos √Beta(n/2, (d − n)/2)]/π, which tends to ½ as d grows"),
    ]  # fmt: skip
    return found
