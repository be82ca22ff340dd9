"""What an experiment says: a question, the figures that answer it, and a verdict."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from numpy.typing import NDArray

Value = float | int | str | bool | tuple[float, float] | None
Numbers = Sequence[float] | NDArray[Any]
Row = dict[str, Any]
"""Each a :data:`Value`, by name. (`Any`, so that what an experiment wrote it may compute with.)"""

VERDICTS = ("holds", "within tolerance", "refuted", "not met")


@dataclass(frozen=True)
class Curve:
    """One series of a figure: points, or a line where it is a formula.

    `low` and `high` are the ends of the interval at each point, where there is one. ValueError
    where the lengths differ.
    """

    label: str
    x: Numbers
    y: Numbers
    line: bool = False
    low: Numbers | None = None
    high: Numbers | None = None

    def __post_init__(self) -> None:
        for field in fields(self):
            values = getattr(self, field.name)
            if field.name in ("x", "y", "low", "high") and values is not None:
                object.__setattr__(self, field.name, tuple(map(float, values)))
        for name, values in (("y", self.y), ("low", self.low), ("high", self.high)):
            if values is not None and len(values) != len(self.x):
                raise ValueError(
                    f"curve {self.label!r}: {len(values)} values of {name}, expected {len(self.x)}"
                )


@dataclass(frozen=True)
class Figure:
    """The data of one plot, with its axes named."""

    x_label: str
    y_label: str
    curves: Sequence[Curve]
    log_x: bool = False
    log_y: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "curves", tuple(self.curves))


@dataclass(frozen=True)
class Result:
    """The answer of one experiment.

    `rows` are the figures: in each, `expected`, `measured` and, where it was estimated,
    `interval` (low, high), next to whatever says what was varied. `target` is what the base model
    was compared with and `readout` how its output became a distribution. `rule` is the test that
    decides `passed`. `verdict` is about the *question*: "holds" or "refuted" (the claim is false
    and the experiment shows it), "within tolerance" (a formula was met as well as `rule` asks),
    or "not met": the experiment itself failed, and only then is `passed` false.

    ValueError where there are no rows, where a row lacks expected or measured, or where a figure
    is NaN.

    >>> row = {"n": 100, "expected": 0.1, "measured": 0.11, "interval": (0.09, 0.13)}
    >>> one = Result("x1", "A title", "Is it 0.1?", "the population", "simplex", (row,),
    ...              rule="within 20 %", verdict="within tolerance", passed=True)
    >>> one.to_json()["rows"][0]["measured"]
    0.11
    """

    id: str
    title: str
    question: str
    target: str
    readout: str
    rows: Sequence[Mapping[str, Any]]
    rule: str
    verdict: str
    passed: bool
    figure: Figure | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "rows", tuple(self._plain(row) for row in self.rows))
        object.__setattr__(self, "passed", bool(self.passed))
        if not self.rows:
            raise ValueError(f"experiment {self.id}: no rows; expected at least one figure")
        if self.verdict not in VERDICTS:
            expected = ", ".join(map(repr, VERDICTS))
            raise ValueError(
                f"experiment {self.id}: verdict {self.verdict!r}; expected one of {expected}"
            )
        if self.passed == (self.verdict == "not met"):
            raise ValueError(
                f"experiment {self.id}: passed is {self.passed} and the verdict is "
                f"{self.verdict!r}; 'not met' is what failed"
            )

    def _plain(self, row: Mapping[str, Any]) -> Row:
        """The row with Python's own numbers in place of arrays' scalars."""
        missing = {"expected", "measured"} - set(row)
        if missing:
            raise ValueError(f"experiment {self.id}: a row lacks {' and '.join(sorted(missing))}")
        plain = {}
        for key, value in row.items():
            if hasattr(value, "tolist"):
                value = value.tolist()
            if isinstance(value, list | tuple):
                value = tuple(map(float, value))
            numbers = value if isinstance(value, tuple) else (value,)
            if any(isinstance(x, float) and math.isnan(x) for x in numbers):
                raise ValueError(f"experiment {self.id}: {key} is NaN in {dict(row)}")
            plain[key] = value
        return plain

    def to_json(self) -> dict[str, Any]:
        """The result as JSON knows it: dicts, lists, strings and numbers."""
        return asdict(self)


def verdict(passed: bool, otherwise: str = "within tolerance") -> str:
    """What to say of a question whose test came out so.

    >>> verdict(True), verdict(True, "refuted"), verdict(False, "refuted")
    ('within tolerance', 'refuted', 'not met')
    """
    return otherwise if passed else "not met"
