"""Learning a homogeneous half-space of R^d from n labelled examples: sizes for error ε.

Unless it says otherwise a size is for labels without noise, and a real number: round it up.
"Gaussian" sizes are for inputs N(0, I) and the expected error, as d and n grow together.
"""

from __future__ import annotations

from math import acos, atan2, ceil, e, exp, lgamma, log, log1p, log2, pi, sqrt, tan

import numpy as np
from scipy import integrate, special

from tmsim.elicit.arguments import count, positive, within
from tmsim.elicit.bounds.search import largest

MAX_MARGIN_CONSTANT = 0.5005  # the error is this times d/n, in the limit; max_margin_gaussian


def max_margin_expected(d: int, epsilon: float) -> float:
    """d/ε − 1: the *expected* error of the max-margin classifier is at most ε, any inputs.

    Leaving one of n + 1 examples out changes the solution only if it is one of at most d support
    vectors, so E[error] ≤ d/(n + 1). Source: V. Vapnik, Statistical Learning Theory, 1998, theorem
    10.5. Raises ValueError for d < 1, ε outside (0, 1).

    >>> max_margin_expected(20, 0.1)
    199.0
    """
    return count("dimension", d) / _epsilon(epsilon) - 1


def max_margin(d: int, epsilon: float, delta: float) -> float:
    """d/(εδ) − 1: the same with probability 1 − δ, by Markov's inequality.

    Raises ValueError for d < 1, ε or δ outside (0, 1).

    >>> round(max_margin(20, 0.1, 0.05))
    3999
    """
    return max_margin_expected(d, _epsilon(epsilon) * within("delta", delta, 0, 1))


def max_margin_gaussian(d: int, epsilon: float) -> float:
    """0.5005·d/ε: the asymptotic size of the max-margin classifier on Gaussian inputs.

    Source: M. Opper, W. Kinzel, J. Kleinz, R. Nehl, On the ability of the optimal perceptron to
    generalise, J. Phys. A 23 (1990), for n ≫ d; finite d is some per cent better. Raises
    ValueError for d < 1, ε outside (0, 1).

    >>> round(max_margin_gaussian(20, 0.1))
    100
    """
    return MAX_MARGIN_CONSTANT * count("dimension", d) / _epsilon(epsilon)


def consistent(d: int, epsilon: float, delta: float) -> float:
    """max(4/ε·log₂(2/δ), 8d/ε·log₂(13/ε)): any learner without training error, any inputs.

    Source: A. Blumer, A. Ehrenfeucht, D. Haussler, M. Warmuth, J. ACM 36 (1989), theorem 2.1; the
    VC dimension of homogeneous half-spaces is d. Raises ValueError for d < 1, ε or δ outside
    (0, 1).

    >>> round(consistent(20, 0.1, 0.05))
    11236
    """
    eps, delta = _epsilon(epsilon), within("delta", delta, 0, 1)
    return max(4 / eps * log2(2 / delta), 8 * count("dimension", d) / eps * log2(13 / eps))


def hebb_error(d: int, n: int, noise: float = 0.0) -> float:
    """The error above the noise of Hebb's rule, w = Σ yx, on Gaussian inputs: about
    (1 − 2·noise)·arctan(E χ_{d−1}/(c √n))/π, c = (1 − 2·noise) √(2/π).

    It is one step of gradient descent from 0, and one layer of linear attention. Across w* the mean
    of y x has d − 1 independent coordinates N(0, 1/n), along it c. For many features (E χ)² → d:
    arccos √(2a/(π + 2a))/π with a = n/d where there is no noise, as F. Vallet found,
    Europhys. Lett. 8 (1989). Raises ValueError for d or n < 1, noise outside [0, 1/2).

    >>> round(hebb_error(40, 32 * 40), 4), round(acos(sqrt(64 / (pi + 64))) / pi, 4)
    (0.0681, 0.0694)
    """
    d, n = count("dimension", d), count("n", n)
    if not 0 <= noise < 0.5:
        raise ValueError(f"noise is {noise:g}; expected 0 or more and less than 1/2")
    kept = 1 - 2 * noise
    return kept * atan2(_mean_length(d - 1), kept * sqrt(2 * n / pi)) / pi


def _mean_length(d: int) -> float:
    """E χ_d, of a vector of d standard normals."""
    return sqrt(2) * exp(lgamma((d + 1) / 2) - lgamma(d / 2)) if d else 0.0


def hebb_gaussian(d: int, epsilon: float) -> float:
    """(E χ_{d−1})²·π/(2 tan²(πε)), about d/(2πε²): where `hebb_error` is ε; 0 for ε ≥ 1/2.

    Raises ValueError for d < 1, ε outside (0, 1).

    >>> round(hebb_gaussian(20, 0.1))
    275
    """
    eps, d = _epsilon(epsilon), count("dimension", d)
    return 0.0 if eps >= 0.5 else _mean_length(d - 1) ** 2 * pi / (2 * tan(pi * eps) ** 2)


def unseen_directions(d: int, n: int) -> float:
    """E[arccos √B]/π, B ~ Beta(n/2, (d − n)/2): no learner has less error on Gaussian inputs.

    For n < d and w uniform on the sphere, even one who is told w's projection on the span of the n
    inputs: the rest of w is symmetric about 0, so the projection's half-space is the best answer.
    ½ for n = 0, towards it for d ≫ n; 0 for n ≥ d, where nothing is claimed. Raises ValueError for
    d < 1, n < 0.

    >>> [round(unseen_directions(d, 299), 3) for d in (299, 320, 1280, 100_000)]
    [0.0, 0.082, 0.34, 0.483]
    """
    d, n = count("dimension", d), count("n", n, 0)
    if n == 0 or n >= d:
        return 0.5 if n == 0 else 0.0
    a, b = n / 2, (d - n) / 2

    def at(theta: float) -> float:
        """θ times the density of arccos √B, 2·cos^(2a − 1)·sin^(2b − 1)/Beta(a, b)."""
        powers = special.xlogy(2 * a - 1, np.cos(theta)) + special.xlogy(2 * b - 1, np.sin(theta))
        return theta * 2 * np.exp(powers - special.betaln(a, b))

    peak = acos(sqrt(n / d))
    width = 20 / sqrt(d)
    spread = np.clip([peak - width, peak + width], 0, pi / 2)
    return float(integrate.quad(at, *spread, points=[peak], limit=200)[0]) / pi


def unseen_directions_size(d: int, epsilon: float, delta: float) -> float:
    """Necessary examples of any learner on Gaussian inputs, from `unseen_directions`.

    Within ε with probability 1 − δ means an expected error of at most ε + δ(1 − ε). Grows in
    proportion to d, which refutes a size without d. Raises ValueError for d < 1, ε or δ outside
    (0, 1).

    >>> [round(unseen_directions_size(d, 0.1, 0.05) / d, 2) for d in (100, 400)]
    [0.81, 0.81]
    """
    eps, delta = _epsilon(epsilon), within("delta", delta, 0, 1)
    risk = eps + delta * (1 - eps)
    return float(largest(lambda n: unseen_directions(d, n) > risk) + 1)


def worst_inputs(d: int, epsilon: float, delta: float) -> float:
    """Necessary examples of any learner when the inputs are the worst: order (d + ln(1/δ))/ε.

    The larger of two. (1) d linearly independent inputs, d − 1 of them with probability 1/(n + 1)
    and labels by fair coins: a learner errs on half of those not seen, so its expected error is at
    least (d − 1)/(2e(n + 1)), and this is at most ε + δ(1 − ε). (2) Two inputs, one with
    probability just above ε: it is not seen with probability (1 − ε)ⁿ, and then its label is
    guessed; ½(1 − ε)ⁿ ≤ δ. Source: the arguments of A. Ehrenfeucht, D. Haussler, M. Kearns,
    L. Valiant, Information and Computation 82 (1989), with the constants that these steps yield.
    Raises ValueError for d < 1, ε or δ outside (0, 1).

    >>> round(worst_inputs(20, 0.1, 0.05), 1), round(worst_inputs(1, 0.1, 0.05), 1)
    (23.1, 0.0)
    """
    d, eps, delta = count("dimension", d), _epsilon(epsilon), within("delta", delta, 0, 1)
    many = (d - 1) / (2 * e * (eps + delta * (1 - eps))) - 1
    # The n that follows must leave the d − 1 inputs a probability of at most 1 together.
    many = many if ceil(max(many, 0)) + 1 >= d - 1 else 0.0
    rare = rare_input(eps, log(1 / delta)) if d >= 2 else 0.0
    return max(0.0, many, rare)


def rare_input(epsilon: float, log_inverse_delta: float) -> float:
    """(ln(1/δ) − ln 2)/−ln(1 − ε): the second part of `worst_inputs`, for d ≥ 2, from ln(1/δ).

    Takes the logarithm, so that δ may be smaller than any float. Raises ValueError for ε outside
    (0, 1), ln(1/δ) not above 0.

    >>> round(rare_input(0.1, log(20)), 1)
    21.9
    """
    told = positive("ln(1/delta)", log_inverse_delta)
    return max(0.0, told - log(2)) / -log1p(-_epsilon(epsilon))


def noisy_labels(epsilon: float, delta: float) -> float:
    """Necessary examples to be within *excess* error ε when labels are noisy: ln(1/(4δ))/KL.

    One input, whose label is 1 with probability just beyond ½ + ε/2 or below ½ − ε/2: the wrong
    answer costs more than ε, and errs with probability at least ¼exp(−n·KL), where
    KL = ε·ln((1 + ε)/(1 − ε)) ≈ 2ε². So the order is 1/ε² already for d = 1. Source: J. Bretagnolle
    and C. Huber, 1979. Raises ValueError for ε or δ outside (0, 1).

    >>> round(noisy_labels(0.1, 0.05), 1)
    80.2
    """
    eps, delta = _epsilon(epsilon), within("delta", delta, 0, 1)
    return max(0.0, log(1 / (4 * delta))) / (eps * log((1 + eps) / (1 - eps)))


def _epsilon(epsilon: float) -> float:
    return within("epsilon", epsilon, 0, 1)
