"""Compiled code is kept between runs of the command, in the user's cache directory.

JAX names each program by all that it depends on (the program, XLA's version, options and flags, the
processor), so that what is found there is what would be compiled. Only the command keeps it: a
process that has loaded JAX, or says itself where code is kept, is left as it is.
"""

from __future__ import annotations

import os
import sys
import warnings
from pathlib import Path

DIRECTORY = "JAX_COMPILATION_CACHE_DIR"
# JAX keeps what took a second or more to compile; the loops of small machines take less.
EVERYTHING = {
    "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
    "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
}


def keep_compiled_code() -> Path | None:
    """Tell JAX, which is not loaded yet, to keep compiled code; return the directory.

    None, and nothing is changed, where JAX is loaded, `JAX_COMPILATION_CACHE_DIR` is set (an empty
    one keeps no code), or the directory cannot be written. What cannot be read or written later is
    compiled as if nothing were kept.
    """
    if "jax" in sys.modules or DIRECTORY in os.environ:
        return None
    directory = place()
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    if not os.access(directory, os.W_OK | os.X_OK):
        return None
    os.environ[DIRECTORY] = str(directory)
    for name, value in EVERYTHING.items():
        os.environ.setdefault(name, value)
    # A full disk, or an entry that another process is writing: the program is compiled.
    for doing in ("reading", "writing"):
        warnings.filterwarnings("ignore", f"Error {doing} persistent compilation cache")
    return directory


def place() -> Path:
    """Where compiled code is kept: `~/.cache/tmsim/compiled` on Linux.

    >>> place().name
    'compiled'
    """
    from platformdirs import user_cache_path

    return user_cache_path("tmsim", appauthor=False) / "compiled"
