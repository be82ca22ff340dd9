"""Attention semantics as values: which rows a head chooses, how rows are scored, what is visible.

"Hard attention" means six different things in the literature; here each is a class, and nothing is
inferred. Equal parameters make equal (and hashable) values, so that compiled code is shared.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from fractions import Fraction


@dataclass(frozen=True)
class Rule:
    """How the weights follow from the scores of the visible rows."""

    @property
    def hard(self) -> bool:
        """Does it choose rows by comparing scores, so that another such rule may replace it?"""
        return False

    def __str__(self) -> str:
        given = [
            str(getattr(self, f.name)) for f in fields(self) if getattr(self, f.name) != f.default
        ]
        return ":".join([type(self).__name__.lower(), *given])


@dataclass(frozen=True)
class Hard(Rule):
    @property
    def hard(self) -> bool:
        return True


@dataclass(frozen=True)
class Unique(Hard):
    """The row of the greatest score, of which the proof says there is one: a tie is reported."""


@dataclass(frozen=True)
class Leftmost(Hard):
    """The earliest row of the greatest score."""


@dataclass(frozen=True)
class Rightmost(Hard):
    """The latest row whose score is within `within` of the greatest."""

    within: Fraction = Fraction(0)


@dataclass(frozen=True)
class Average(Hard):
    """The mean over all rows of the greatest score ("average-hard", "saturated"): sum / count."""


@dataclass(frozen=True)
class TopTwo(Hard):
    """The mean of the two best rows when their scores are within `within`, else the best."""

    within: Fraction = Fraction(1)


@dataclass(frozen=True)
class Softmax(Rule):
    """Weights ∝ exp(λ·score) with λ = `inverse_temperature` + `log_growth`·ln(visible rows)."""

    inverse_temperature: Fraction = Fraction(1)
    log_growth: Fraction = Fraction(0)

    @property
    def hard(self) -> bool:
        return True


@dataclass(frozen=True)
class Linear(Rule):
    """Σ score · value, without normalisation ("linear attention")."""


@dataclass(frozen=True)
class Sum(Rule):
    """Σ value over all visible rows, whatever their score."""


RULES: tuple[type[Rule], ...] = (
    Unique, Leftmost, Rightmost, Average, TopTwo, Softmax, Linear, Sum,
)  # fmt: skip


def parse_rule(text: str) -> Rule:
    """The rule written as its name and parameters.

    Raises ValueError naming the text and the rules there are.

    >>> parse_rule("rightmost:1/2")
    Rightmost(within=Fraction(1, 2))
    """
    name, *given = text.split(":")
    known = {rule.__name__.lower(): rule for rule in RULES}
    if name not in known:
        raise ValueError(
            f"rule {text!r}: expected one of {', '.join(known)} (parameters after ':')"
        )
    try:
        return known[name](*map(Fraction, given))
    except (TypeError, ValueError, ZeroDivisionError):
        names = [f.name for f in fields(known[name])] or ["no parameter"]
        raise ValueError(f"rule {text!r}: expected {name} with {', '.join(names)}") from None


@dataclass(frozen=True)
class Score:
    """How a query q and a key k give a score; rounded to `decimals` places when given."""

    decimals: int | None = field(default=None, kw_only=True)


@dataclass(frozen=True)
class Dot(Score):
    """⟨q, k⟩."""


@dataclass(frozen=True)
class NegAbsDot(Score):
    """-|⟨q, k⟩| (Pérez et al. 2021)."""


@dataclass(frozen=True)
class ClippedDot(Score):
    """min(⟨q, k⟩, at) (Qiu et al. 2025)."""

    at: Fraction = Fraction(2)


@dataclass(frozen=True)
class Visibility:
    """Which rows a head sees from row i."""


@dataclass(frozen=True)
class Past(Visibility):
    """Rows j ≤ i of its own sequence (j < i when `strict`), the last `window` of them if given."""

    strict: bool = False
    window: int | None = None

    def __post_init__(self) -> None:
        if self.window is not None and self.window < 1:
            raise ValueError(
                f"Past: a window of {self.window} rows sees nothing; expected 1 or more"
            )

    def sees(self, i: int, j: int) -> bool:
        latest = i - 1 if self.strict else i
        return j <= latest and (self.window is None or j > latest - self.window)


@dataclass(frozen=True)
class All(Visibility):
    """Every row of its own sequence (encoders, loops over the cells of a tape)."""

    def sees(self, i: int, j: int) -> bool:
        del i, j
        return True


@dataclass(frozen=True)
class Prefix(Visibility):
    """The encoder's rows (cross-attention)."""

    def sees(self, i: int, j: int) -> bool:
        del i, j
        return True
