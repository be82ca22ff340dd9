"""`tmsim certify`: what a construction's numbers can be, for all machines of a frame."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from tmsim import catalogue
from tmsim.cli.arguments import whole
from tmsim.cli.exit import Exit
from tmsim.proofs import Bounds, Construction, Frame
from tmsim.proofs.certify import certify, checked, smallest_gap
from tmsim.turing import TuringConstruction

HELP = "certify for all machines of a frame that a number format holds every number exactly"
SHOWN = 4


def arguments(parser: ArgumentParser) -> None:
    """The command's arguments."""
    add = parser.add_argument
    add("construction", metavar="CONSTRUCTION", nargs="?",
        help="a name of `tmsim list`, or module:Class")  # fmt: skip
    for what, most in (("states", 2), ("symbols", 2), ("tapes", 1)):
        add(f"--{what}", metavar="N", type=whole(1), default=most,
            help="that a machine has at most (default: %(default)s)")  # fmt: skip
    add("--steps", metavar="T", type=whole(1), default=100, help="(default: %(default)s)")
    add("--cells", metavar="N", type=whole(1),
        help="largest |position| of a head (default: as many as steps)")  # fmt: skip
    add("-o", "--output", metavar="FILE", help="write the certificate")
    add("--json", action="store_true", help="print the certificate")
    add("--verify", metavar="FILE",
        help="check a certificate's figures and that its forms are the construction's")  # fmt: skip


def command(args: Namespace) -> Exit:
    """Write a certificate, or check one."""
    if args.verify is not None:
        return _verify(args.verify, args.construction)
    if args.construction is None:
        raise ValueError("certify: expected a CONSTRUCTION, or --verify FILE")
    construction = catalogue.find(args.construction)
    most = construction.claim.most_tapes
    if most is not None and args.tapes > most:
        raise ValueError(f"{args.construction}: --tapes {args.tapes}; expected at most {most}")
    bounds = Bounds(args.steps, args.cells or args.steps)
    frame = Frame.around(args.states, args.symbols, args.tapes, bounds)
    said = certify(construction, frame, args.construction, digits=digits(construction))
    text = json.dumps(said, indent=1, ensure_ascii=False)
    if args.output is not None:
        Path(args.output).write_text(text + "\n", encoding="utf-8")
    print(text if args.json else "\n".join(_lines(said)))
    return Exit.ended


def _verify(path: str, given: str | None) -> Exit:
    """The certificate's figures by the verifier, its forms by the construction."""
    from tmsim_verify import Refused, verify

    text = Path(path).read_text(encoding="utf-8")
    try:
        verify(text)
    except Refused as error:
        print(f"{path}: refused: {error}")
        return Exit.disagreed
    said = json.loads(text)
    name = said["subject"].get("construction")
    # A file says what is imported only where it names a construction of the catalogue.
    if given is None and name not in catalogue.names():
        raise ValueError(
            f"{path}: is of {name!r}; expected a name of `tmsim list`, or CONSTRUCTION"
        )
    construction = catalogue.find(given or name)
    if not checked(construction, said) or said["subject"]["digits"] != digits(construction):
        print(f"{path}: refused: these are not the forms of {given or name}")
        return Exit.disagreed
    print(f"{path}: holds", *_lines(said), sep="\n")
    return Exit.ended


def digits(construction: Construction) -> bool:
    """Are the entries of its machines' tables 0 or 1?

    A Turing machine's are. Of another model's it is taken from a claim that knows no rounding.

    >>> digits(catalogue.find("wei_2021")), digits(catalogue.find("olsson_2022"))
    (True, False)
    """
    claim = construction.claim
    return isinstance(construction, TuringConstruction) or not (claim.exact_to or claim.ulps)


def _lines(said: dict[str, Any]) -> list[str]:
    """The certificate for people."""
    subject, derived = said["subject"], said["derived"]
    frame, name, gap = subject["frame"], subject["construction"], smallest_gap(said)
    room = f"{frame['states']} states, {frame['symbols']} symbols, {frame['tapes']} tape(s)"
    lines = [
        f"{name}: every machine within {room}",
        f"  for {frame['steps']:,} steps, heads within ±{frame['cells']:,}, contexts of at most"
        f" {subject['rows']:,} rows",
        f"  largest stored number {derived['largest stored']}, largest partial sum"
        f" {derived['largest partial sum']}, in units of {derived['unit']}",
    ]
    if gap is not None:
        lines.append(f"  different scores of one row are at least {gap} apart")
    taken = sum(len(layer["by the lemma hold their kind"]) for layer in derived["layers"])
    lines.append(f"  by the lemmas {taken} registers hold a value of their kind")
    missing = derived["not certified"]
    if missing:
        lines += ["  not certified:", *(f"    {line}" for line in missing[:SHOWN])]
        more = len(missing) - SHOWN
        return [*lines, f"    … and {more} more"] if more > 0 else lines
    formats = ", ".join(derived["exact in"]) or "no format"
    return [*lines, f"  nothing is rounded, whatever the order of sums, in {formats}"]
