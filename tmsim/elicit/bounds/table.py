"""The sizes side by side: what is claimed, what suffices, what is needed, what was measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import jax
import numpy as np

from tmsim.elicit import sources
from tmsim.elicit.arguments import count, member
from tmsim.elicit.bounds import claims, simulated, text_lower
from tmsim.elicit.bounds import linear as half_spaces
from tmsim.elicit.bounds import text as counting
from tmsim.elicit.bounds.simulated import Measured

SOURCES: dict[str, Callable[[int], np.ndarray]] = {"uniform": sources.uniform, "zipf": sources.zipf}
MOST_OUTCOMES = 1 << 13  # of a text, to tabulate its distribution


@dataclass(frozen=True)
class Row:
    """A number of examples `n`, of a kind: stated, sufficient, approximate, necessary, measured.

    `n` is None where it was not computed, and `note` says why; `interval` is a measurement's.
    """

    name: str
    kind: str
    formula: str
    n: float | None
    interval: tuple[float, float] | None = None
    note: str = ""

    def as_json(self) -> dict[str, Any]:
        """The row as JSON knows it."""
        return asdict(self)


def text(
    V: int, m: int, length: int, epsilon: float, delta: float, *,
    source: str = "uniform", seed: int = 0, trials: int | None = 300,
) -> list[Row]:  # fmt: skip
    """The sizes for m contexts of texts of l tokens over V, TV ≤ ε with probability 1 − δ.

    A context is a prompt, and its l tokens are one of V^l texts. source: the distribution of these,
    uniform or zipf, for what depends on it. trials: of the simulation; None leaves it out. Raises
    ValueError for V < 2, m, l or trials < 1, ε or δ outside (0, 1), another source.

    >>> rows = text(16, 1, 1, 0.1, 0.05, trials=None)
    >>> [(row.kind, round(row.n)) for row in rows[:3]]
    [('stated', 4793), ('stated', 831), ('sufficient', 704)]
    """
    V, m, length = count("vocabulary", V, 2), count("contexts", m), count("length", length)
    member("source", source, SOURCES)
    two = (epsilon, delta)
    stated = claims.text(V, m, *two), claims.text_of_fixed_length(V, length, *two)
    rows = [
        Row("abstract, text", "stated", "m·V/ε²·ln(m/δ)", stated[0]),
        Row("abstract, fixed length", "stated", "l·ln V/ε²·ln(1/δ)", stated[1]),
    ]
    N, symbol = V**length, "V" if length == 1 else "V^l"
    if length > 1:
        formula = "l²·m(V·ln 2 + ln(m/δ))/(2ε²)"
        size = counting.of_texts(V, m, length, *two)
        rows.append(Row("m prefixes as contexts", "sufficient", formula, size))
    if N > MOST_OUTCOMES:
        note = f"{V}^{length} texts are more than {MOST_OUTCOMES:,}"
        return [*rows, Row("texts as symbols", "necessary", f"m·Ω({symbol}/ε²)", None, note=note)]
    bhc = counting.bretagnolle_huber_carol(N, m, *two), counting.mcdiarmid(N, m, *two)
    p = SOURCES[source](N)
    rows += [
        Row("Bretagnolle–Huber–Carol", "sufficient", f"m({symbol}·ln 2 + ln(m/δ))/(2ε²)", bhc[0]),
        Row("McDiarmid", "sufficient", f"m(½√({symbol} − 1) + √(ln(m/δ)/2))²/ε²", bhc[1]),
        Row("Gaussian limit", "approximate", "m((μ + zσ)/ε)²", counting.gaussian(p, m, *two)),
    ]
    rows.append(
        _tried("minimax", "necessary", f"m·Ω({symbol}/ε²), Bayes risk",
               lambda: text_lower.minimax(N, m, *two))
    )  # fmt: skip
    any_prompt = text_lower.prompt_tokens(N, m, epsilon) * np.log(N) / np.log(V)
    rows.append(Row("any prompt, its tokens", "necessary", "metric entropy/ln V", any_prompt))
    if trials is not None:
        each, key = np.tile(p, (m, 1)), jax.random.key(seed)
        rows.append(_measured("counting", lambda: simulated.text(key, each, *two, trials)))
    return rows


def linear(
    d: int, epsilon: float, delta: float, *, seed: int = 0, trials: int | None = 100
) -> list[Row]:
    """The sizes for a half-space of R^d, error ≤ ε with probability 1 − δ.

    trials: of the simulation; None leaves it out. Raises ValueError for d or trials < 1, ε or δ
    outside (0, 1).

    >>> [row.kind for row in linear(20, 0.1, 0.05, trials=None)][:3]
    ['stated', 'stated', 'sufficient']
    """
    two, key = (epsilon, delta), jax.random.key(seed)
    hs = half_spaces
    sizes: list[tuple[str, str, str, Callable[[], float]]] = [
        ("abstract, linear", "stated", "d/ε", lambda: claims.linear(d, epsilon)),
        ("abstract, fixed context", "stated", "1/ε²·ln(1/δ)",
         lambda: claims.linear_of_fixed_context(*two)),
        ("max-margin, expected error", "sufficient", "d/ε − 1",
         lambda: hs.max_margin_expected(d, epsilon)),
        ("max-margin, Markov", "sufficient", "d/(εδ) − 1", lambda: hs.max_margin(d, *two)),
        ("any consistent learner", "sufficient", "8d/ε·log₂(13/ε), 4/ε·log₂(2/δ)",
         lambda: hs.consistent(d, *two)),
        ("max-margin, Gaussian x", "approximate", "0.5005·d/ε",
         lambda: hs.max_margin_gaussian(d, epsilon)),
        ("Hebb, Gaussian x", "approximate", "d·π/(2·tan²(πε))",
         lambda: hs.hebb_gaussian(d, epsilon)),
        ("worst x", "necessary", "Ω((d + ln(1/δ))/ε)", lambda: hs.worst_inputs(d, *two)),
        ("Gaussian x, unseen span", "necessary", "Ω(d)",
         lambda: hs.unseen_directions_size(d, *two)),
        ("noisy labels, excess error", "necessary", "ln(1/(4δ))/(2ε²)",
         lambda: hs.noisy_labels(*two)),
    ]  # fmt: skip
    rows = [Row(name, kind, formula, size()) for name, kind, formula, size in sizes]
    if trials is not None:
        for learner in simulated.LEARNERS:
            run = partial(simulated.linear, key, learner, d, epsilon, delta, trials)
            rows.append(_measured(learner, run))
    return rows


def _tried(name: str, kind: str, formula: str, size: Callable[[], float]) -> Row:
    try:
        return Row(name, kind, formula, size())
    except ValueError as error:
        return Row(name, kind, formula, None, note=str(error))


def _measured(name: str, measure: Callable[[], Measured]) -> Row:
    """A simulation's row; one that is too large, or has too few trials, says so in its note."""
    try:
        found = measure()
    except ValueError as error:
        return Row(name, "measured", "simulation", None, note=str(error))
    low, high = found.interval
    return Row(name, "measured", "simulation", found.n, (low, high), f"{found.trials} trials")
