"""Short fingerprints of configurations and of traces, to compare runs across programs.

The definitions are those of the machine corpus: FNV-1a (64 bits) of a configuration written as
text, and CRC-32 of eight-byte records for a trace.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Sequence

from tmsim.machines.machine import TuringMachine
from tmsim.machines.step import Configuration, State, Step

_RECORD = struct.Struct("<iBBBB")


def config_hash(
    state: State, heads: Sequence[int], lefts: Sequence[int], tapes_text: Sequence[str]
) -> str:
    """16 hex digits: FNV-1a 64 of `state|head|left|text`, with `|head|left|text` for each tape.

    `text` is a tape without its outer blanks and `left` the position of its first cell (0 if the
    tape is blank).

    >>> config_hash("Z", [0], [-2], ["1111"])
    'e76ad5a7d49505fc'
    """
    tapes = zip(heads, lefts, tapes_text, strict=True)
    text = f"{state}" + "".join(f"|{head}|{left}|{word}" for head, left, word in tapes)
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return f"{value:016x}"


def configuration_hash(configuration: Configuration) -> str:
    """`config_hash` of a configuration, its symbols written one after the other.

    >>> configuration_hash(Configuration("Z", ({0: "1", 2: "1"},), (2,), blank="0"))
    'f21ee726b9084183'
    """
    words = [configuration.trimmed(tape) for tape in range(len(configuration.tapes))]
    texts = ["".join(map(str, word)) for _, word in words]
    return config_hash(configuration.state, configuration.heads, [left for left, _ in words], texts)


def trace_hash(machine: TuringMachine, steps: Iterable[Step]) -> str | None:
    """8 hex digits: CRC-32 of one little-endian record per step of a one-tape machine.

    A record is the head before the move (int32), then a byte each for the state, the symbol read
    and the symbol written (as places in `machine.states` and `machine.symbols`) and the move plus
    1. None if the machine does not fit these bytes: several tapes, or more than 256 states or
    symbols. Raises ValueError for a head outside int32.

    >>> bar = TuringMachine.one_tape({("A", "0"): ("A", "1", "R")}, start="A", blank="0")
    >>> trace_hash(bar, [])
    '00000000'
    """
    if machine.tapes != 1 or max(len(machine.states), len(machine.symbols)) > 256:
        return None
    state = {q: i for i, q in enumerate(machine.states)}
    symbol = {a: i for i, a in enumerate(machine.symbols)}
    crc = 0
    for q, (read,), _, (write,), (move,), (head,) in steps:
        if not -(2**31) <= head < 2**31:
            raise ValueError(f"head position {head} does not fit the record's 32 bits")
        record = _RECORD.pack(head, state[q], symbol[read], symbol[write], move + 1)
        crc = zlib.crc32(record, crc)
    return f"{crc:08x}"
