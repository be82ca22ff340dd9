"""Checks a certificate of exactness: ``python -m tmsim_verify cert.json``.

A certificate states a transformer's registers and affine forms, and what its numbers can be. Every
range, partial sum, gap and format is derived here again from those forms, by rational arithmetic
alone; nothing of the library that wrote the certificate is imported. A figure that is not the
derived one is refused. That the forms are those of a published construction is another question:
`tmsim certify --verify` asks it.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from tmsim_verify.reading import Reader


class Refused(ValueError):
    """What does not follow, and where."""


def verify(text: str) -> list[str]:
    """The formats in which nothing is rounded, by a certificate of which every figure holds.

    Raises Refused naming the first figure that is not the derived one.
    """
    try:
        said = json.loads(text, object_pairs_hook=_unique)
        subject = said["subject"]
        spelled = json.dumps(subject, sort_keys=True, separators=(",", ":"))
        own = {
            "certificate": 1,
            "subject": subject,
            "digest": "sha256:" + hashlib.sha256(spelled.encode()).hexdigest(),
            "derived": Reader(subject).derived(),
        }
        _same(said, own, "certificate")
        return own["derived"]["exact in"]
    except Refused:
        raise
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError,
            ValueError) as error:  # fmt: skip
        raise Refused(f"no certificate: {type(error).__name__}: {error}") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise Refused("an entry stands twice in one object")
    return dict(pairs)


def _same(said: Any, own: Any, where: str) -> None:
    if type(said) is not type(own):
        raise Refused(f"{where}: {str(said)[:60]!r}, expected {str(own)[:60]!r}")
    if isinstance(own, dict):
        if said.keys() != own.keys():
            raise Refused(f"{where}: entries {', '.join(said)}; expected {', '.join(own)}")
        for name in own:
            _same(said[name], own[name], f"{where}: {name}")
    elif isinstance(own, list) and len(said) == len(own):
        for i, (one, mine) in enumerate(zip(said, own, strict=True)):
            _same(one, mine, f"{where}[{i}]")
    elif said != own:
        raise Refused(f"{where}: {str(said)[:60]!r}, expected {str(own)[:60]!r}")
