"""The four claims, as stated in the abstract: numbers of examples up to a constant.

A. Sharma, arXiv 2506.08060 (2025), gives orders; logarithms are natural here and the constant is an
argument, 1 unless another is given. All return real numbers: the examples in the prompt, in all.
"""

from __future__ import annotations

from math import log

from tmsim.elicit.arguments import count, positive, within


def text(V: int, contexts: int, epsilon: float, delta: float, constant: float = 1.0) -> float:
    """m·V/ε²·ln(m/δ): texts over V tokens in m contexts, within total variation ε, probability 1−δ.

    As stated in the abstract. Raises ValueError for V or m < 1, ε or δ outside (0, 1).

    >>> round(text(16, 1, 0.1, 0.05))
    4793
    """
    m, e, d = _text_arguments(V, contexts, epsilon, delta)
    return positive("constant", constant) * m * V / e**2 * log(m / d)


def text_of_fixed_length(
    V: int, length: int, epsilon: float, delta: float, constant: float = 1.0
) -> float:
    """l·ln V/ε²·ln(1/δ): the same where the context, and so the length l of a text, is bounded.

    As stated in the abstract. Raises ValueError for V < 2, l < 1, ε or δ outside (0, 1).

    >>> [round(text_of_fixed_length(V, 1, 0.1, 0.05)) for V in (2, 16, 1024)]
    [208, 831, 2076]
    """
    _, e, d = _text_arguments(count("vocabulary", V, 2), 1, epsilon, delta)
    return positive("constant", constant) * count("length", length) * log(V) / e**2 * log(1 / d)


def linear(d: int, epsilon: float, constant: float = 1.0) -> float:
    """d/ε: linear classification in d dimensions, within ε; the abstract has no δ here.

    As stated in the abstract. Raises ValueError for d < 1, ε outside (0, 1).

    >>> round(linear(20, 0.1))
    200
    """
    e = within("epsilon", epsilon, 0, 1)
    return positive("constant", constant) * count("dimension", d) / e


def linear_of_fixed_context(epsilon: float, delta: float, constant: float = 1.0) -> float:
    """1/ε²·ln(1/δ): linear classification with a context of bounded length, in any dimension.

    As stated in the abstract. Raises ValueError for ε or δ outside (0, 1).

    >>> round(linear_of_fixed_context(0.1, 0.05))
    300
    """
    e, delta = within("epsilon", epsilon, 0, 1), within("delta", delta, 0, 1)
    return positive("constant", constant) / e**2 * log(1 / delta)


def _text_arguments(V: int, m: int, epsilon: float, delta: float) -> tuple[int, float, float]:
    count("vocabulary", V)
    return count("contexts", m), within("epsilon", epsilon, 0, 1), within("delta", delta, 0, 1)
