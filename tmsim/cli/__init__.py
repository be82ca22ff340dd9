"""The command `tmsim`: every module of `tmsim.cli.commands` is a subcommand.

Such a module has `HELP`, `arguments(parser)` and `command(args) -> Exit`. None of them may import
JAX before it is chosen: help and lists are instant.
"""

from __future__ import annotations

import io
import os
import re
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from importlib import import_module
from pkgutil import iter_modules
from typing import NoReturn, Protocol, cast

from tmsim._version import __version__
from tmsim.cli import commands
from tmsim.cli.arguments import Help
from tmsim.cli.caching import keep_compiled_code
from tmsim.cli.exit import Exit

EPILOG = """\
exit status: 0 the run is the reference's, 1 a disagreement, 2 bad input, 3 another outcome,
130 interrupted. `tmsim COMMAND --help` tells more."""


class Command(Protocol):
    """What a module of `tmsim.cli.commands` offers."""

    HELP: str

    def arguments(self, parser: ArgumentParser) -> None: ...

    def command(self, args: Namespace) -> Exit: ...


class _Parser(ArgumentParser):
    """Bad arguments are bad input like any other: a ValueError of one line."""

    def error(self, message: str) -> NoReturn:
        raise ValueError(f"{message} (see {self.prog} --help)")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status (see :class:`tmsim.cli.exit.Exit`).

    Without `argv` the process is the command: it keeps what it compiles for the next one.

    >>> main(["--version"]) == 0
    tmsim 0.1.0
    True
    """
    _encodable()
    if "" not in sys.path:
        # As with `python -m`: --construction my_module:MyProof means a file of this folder.
        sys.path.insert(0, "")
    if argv is None:
        keep_compiled_code()
    try:
        status = _run(sys.argv[1:] if argv is None else list(argv))
        sys.stdout.flush()
        return status
    except BrokenPipeError:
        # The reader has left; what is still buffered must not raise again when Python exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.unfinished
    except KeyboardInterrupt:
        return _complain("interrupted", Exit.interrupted)
    except OSError as error:
        return _complain(f"{error.filename or 'input'}: {error.strerror or error}", Exit.bad_input)
    except ValueError as error:
        return _complain(str(error), Exit.bad_input)
    except (MemoryError, RuntimeError) as error:
        if isinstance(error, RuntimeError) and "RESOURCE_EXHAUSTED" not in str(error):
            raise
        return _complain(f"not enough memory for these bounds ({error})", Exit.bad_input)


def _run(argv: list[str]) -> int:
    try:
        args = _parser(argv[:1]).parse_args(_with_signs(argv))
    except SystemExit as done:  # --help and --version, which have printed what was asked for
        return int(done.code or 0)
    return args.command(args)


def _parser(first: Sequence[str]) -> ArgumentParser:
    """The parser; `first` is the first word of the command line."""
    parser = _Parser(
        prog="tmsim", allow_abbrev=False, epilog=EPILOG, formatter_class=Help,
        description="Turing machines run inside transformers, as published proofs say.",
    )  # fmt: skip
    parser.add_argument("--version", action="version", version=f"tmsim {__version__}")
    subparsers = parser.add_subparsers(metavar="COMMAND", required=True)
    for name, command in _commands(first).items():
        sub = subparsers.add_parser(
            name, help=command.HELP, description=command.HELP, allow_abbrev=False,
            formatter_class=Help,
        )  # fmt: skip
        command.arguments(sub)
        sub.set_defaults(command=command.command)
    return parser


def _commands(first: Sequence[str]) -> dict[str, Command]:
    """The subcommand that `first` names, without importing any other; else all of them."""
    names = [module.name for module in iter_modules(commands.__path__)]
    names = [name for name in names if name in first] or names
    found = (import_module(f"{commands.__name__}.{name}") for name in names)
    return dict(zip(names, cast("Iterator[Command]", found), strict=True))


def _with_signs(argv: list[str]) -> list[str]:
    """`--head -3,1` as `--head=-3,1`: argparse would take the list for an option."""
    joined: list[str] = []
    for word in argv:
        if joined and joined[-1] == "--head" and re.match(r"-\d", word):
            joined[-1] = f"--head={word}"
        else:
            joined.append(word)
    return joined


def _encodable() -> None:
    """Symbols that the terminal's encoding lacks are printed as escapes."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _complain(message: str, status: Exit) -> int:
    print("tmsim:", " ".join(message.split()), file=sys.stderr)
    return status
