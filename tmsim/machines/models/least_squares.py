"""Least squares by gradient descent: the loss of an example is (⟨w, x⟩ - y)²/2. As text:

features 2
rates 1/4 1/4 1/8
momentum 9/10
decay 0
nesterov no
threshold 0
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from tmsim.machines.models.descent import Descent, described, settings

NAMES = ("features", "rates", "momentum", "decay", "nesterov", "threshold")


@dataclass(frozen=True)
class LeastSquares(Descent):
    """The learner of linear functions: see :class:`Descent`.

    >>> learner = LeastSquares(1, (Fraction(1, 2),) * 3)
    >>> given = [([1], 2), ([1], 4)], [1]
    >>> learner.output(learner.run(given, 3).configuration)
    {'weights': [2.625], 'prediction': 2.625}
    """

    def link(self, prediction: Fraction) -> Fraction:
        return prediction


def parse(text: str) -> LeastSquares:
    """A learner as text: see the module. Raises ValueError naming the line or the field.

    >>> parse("features 2\\nrates 1/4 x 3").rates
    (Fraction(1, 4), Fraction(1, 4), Fraction(1, 4))
    """
    told = settings(text, NAMES)
    if "features" not in told:
        raise ValueError("no line says 'features'; expected 'features' and a whole number")
    return LeastSquares(**told)


def write(machine: LeastSquares) -> str:
    """The learner as :func:`parse` reads it.

    >>> parse(write(LeastSquares(2, ("1/2",)))) == LeastSquares(2, ("1/2",))
    True
    """
    return described(machine)
