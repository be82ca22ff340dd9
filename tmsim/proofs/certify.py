"""A-priori certificates: what a program's numbers can be, for all machines of a frame.

From the registers' kinds alone follow, layer by layer, the range of every query, key, value and
score, the largest partial sum in whatever order it is taken, and how far apart two different scores
of one row lie. Where all of them are multiples of a power of two that fit into a format's mantissa,
nothing is ever rounded in that format. What does not follow is named under `not certified`.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from tmsim.proofs.as_json import digest, program_json
from tmsim.proofs.claim import Bounds, Frame
from tmsim.proofs.construction import Construction
from tmsim.proofs.deriving import Derivation


def certify(
    construction: Construction, frame: Frame, name: str = "", *, digits: bool = True
) -> dict[str, Any]:
    """The certificate of a construction for all machines of a frame, as a JSON value.

    It holds for every context of at most `rows` rows: the frame's steps, and the row that they
    start from. `name` is what `tmsim list` calls the construction; `digits` says that the entries
    of its machines' tables are 0 or 1, as those of δ are. Without it nothing is taken of them.

    >>> from tmsim import catalogue
    >>> from tmsim.proofs.construction import SHOWN
    >>> said = certify(catalogue.find("wei_2021"), SHOWN)["derived"]
    >>> said["exact in"], said["largest partial sum"]
    (['float64', 'float32', 'bfloat16', 'float16'], 23)
    """
    program, rows = construction.program(frame), construction.rows(frame) + 1
    room = {"states": frame.states, "symbols": frame.symbols, "tapes": frame.tapes}
    subject = {
        "construction": name or type(construction).__name__,
        "frame": room | {"steps": frame.bounds.steps, "cells": frame.bounds.cells},
        "rows": rows,
        "digits": digits,
        "program": program_json(program),
    }
    return {
        "certificate": 1,
        "subject": subject,
        "digest": digest(subject),
        "derived": Derivation(program, rows, digits).whole(),
    }


def checked(construction: Construction, certificate: dict[str, Any]) -> bool:
    """Are the certificate's forms the construction's, for the frame that it names?

    Whether its figures follow from the forms is the verifier's word (`python -m tmsim_verify`).
    """
    subject = certificate["subject"]
    try:
        said, name, digits = subject["frame"], subject["construction"], subject["digits"]
        bounds = Bounds(said["steps"], said["cells"])
        frame = Frame(said["states"], said["symbols"], said["tapes"], bounds)
    except (KeyError, TypeError):
        return False
    return certify(construction, frame, name, digits=digits)["subject"] == subject


def smallest_gap(certificate: dict[str, Any]) -> Fraction | None:
    """The least difference of two different scores in one row; None if no head certifies one.

    >>> from tmsim import catalogue
    >>> from tmsim.proofs.construction import SHOWN
    >>> print(smallest_gap(certify(catalogue.find("looped_tape"), SHOWN)))
    2
    """
    layers = certificate["derived"]["layers"]
    gaps = [head.get("gap") for layer in layers for head in layer.get("heads", ())]
    return min((Fraction(gap) for gap in gaps if gap), default=None)
