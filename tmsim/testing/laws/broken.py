"""A law that does not hold, told in parts: what a report is made of."""

from __future__ import annotations

from typing import Any, NoReturn


class LawBroken(AssertionError):
    """`law` does not hold for `case` under `about`: at `where`, `expected` was due, not `found`.

    about: a `Setting` (or what stands for one), case: a `Case`, or a batch or a renaming of cases.
    As text it is one line with all of them.

    >>> print(LawBroken("size", "MyProof", "a frame", "d_model", 31, 32))
    size: MyProof: a frame: d_model: expected 31, found 32
    """

    def __init__(
        self, law: str, about: object, case: object, where: str, expected: Any, found: Any
    ) -> None:
        super().__init__(law, about, case, where, expected, found)
        self.law, self.about, self.case = law, about, case
        self.where, self.expected, self.found = where, expected, found

    def __str__(self) -> str:
        told = f"expected {self.expected}, found {self.found}"
        return f"{self.law}: {self.about}: {self.case}: {self.where}: {told}"


def broken(
    law: str, about: object, case: object, where: str, expected: Any, found: Any
) -> NoReturn:
    """Say so."""
    raise LawBroken(law, about, case, where, expected, found)
