"""How a proof is run: weights, attention, memories, drivers. It knows no Turing machine.

On a CPU, XLA compiles a loop whose passes touch few bytes into one kernel, and starts a kernel for
every operation of any other: several times slower for a decoder of a small width. Its own limit is
a kilobyte, so a larger one is asked for here, before the first program is compiled. Loops that
touch more than that, as trainings do, are compiled as before; whoever names the option in XLA_FLAGS
keeps their own value, and where JAX has begun earlier nothing changes.
"""

import os

HOISTED = "xla_cpu_small_while_loop_byte_threshold"
HOISTED_BYTES = 1 << 17
_EXTRA = "--xla_backend_extra_options="


def with_hoisting(flags: str) -> str:
    """XLA_FLAGS with the limit in it, among other options of the backend if there are any.

    >>> with_hoisting("--xla_dump_to=here")
    '--xla_dump_to=here --xla_backend_extra_options=xla_cpu_small_while_loop_byte_threshold=131072'
    """
    option = f"{HOISTED}={HOISTED_BYTES}"
    if HOISTED in flags:
        return flags
    if _EXTRA in flags:
        return flags.replace(_EXTRA, f"{_EXTRA}{option},", 1)
    return f"{flags} {_EXTRA}{option}".strip()


os.environ["XLA_FLAGS"] = with_hoisting(os.environ.get("XLA_FLAGS", ""))
