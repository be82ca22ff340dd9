"""`tmsim cite`: the paper that a construction implements, as BibTeX."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from tmsim import catalogue
from tmsim.cli.exit import Exit

HELP = "print the BibTeX entry of the paper that a construction implements"


def arguments(parser: ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("construction", metavar="CONSTRUCTION", nargs="+",
        help="names of `tmsim list`, or module:Class; each is the key of its entry")  # fmt: skip


def command(args: Namespace) -> Exit:
    """Print an entry for each construction, once all of them were found."""
    found = {name: catalogue.find(name) for name in args.construction}
    print("\n\n".join(c.citation.bibtex(key(name)) for name, c in found.items()))
    return Exit.ended


def key(name: str) -> str:
    """The entry's key; a colon divides a module from a class, and has no place in it.

    >>> key("wei_2021"), key("my_module:MyProof")
    ('wei_2021', 'MyProof')
    """
    return name.rpartition(":")[2]
