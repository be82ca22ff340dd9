"""The words on the tapes as the trace of a machine that types them.

A decoder that remembers its tape as a sequence of writes can take such a trace as its prompt.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from tmsim.machines.step import Move, Step


def loading(
    words: Sequence[Sequence[Any]], blank: Any, heads: int | Sequence[int] | None, start: Any
) -> Iterator[Step]:
    """Steps from blank tapes and heads on cell 0 to the words (from cell 0 on) and the heads.

    All tapes are typed at once; the state is None until the last step enters `start`. A blank
    input with the heads on 0 needs no step.

    >>> [(s.write, [int(m) for m in s.moves], s.next_state) for s in loading([[7, 8]], 0, 0, "A")]
    [((7,), [1], None), ((8,), [-1], 'A')]
    """
    paths = [
        _path(len(word), head)
        for word, head in zip(words, starting_heads(heads, len(words)), strict=True)
    ]
    length = max(map(len, paths))
    padded = [path + path[-1:] * (length - len(path)) for path in paths]
    tapes: list[dict[int, Any]] = [{} for _ in words]
    for i in range(length - 1):
        at, then = tuple(p[i] for p in padded), tuple(p[i + 1] for p in padded)
        read = tuple(tape.get(c, blank) for tape, c in zip(tapes, at, strict=True))
        write = tuple(w[c] if 0 <= c < len(w) else blank for w, c in zip(words, at, strict=True))
        for tape, cell, symbol in zip(tapes, at, write, strict=True):
            tape[cell] = symbol
        moves = tuple(Move(b - a) for a, b in zip(at, then, strict=True))
        yield Step(None, read, start if i == length - 2 else None, write, moves, at)


def starting_heads(heads: int | Sequence[int] | None, tapes: int) -> tuple[int, ...]:
    """One head position per tape: an int is the first tape's, the others stand on cell 0."""
    if heads is None or isinstance(heads, int):
        return (heads or 0, *[0] * (tapes - 1))
    return tuple(heads)


def _path(length: int, head: int) -> list[int]:
    """From cell 0 over the word's cells to the head; each cell but the last is left, so written."""
    path = list(range(length)) or [0]
    step = 1 if head >= path[-1] else -1
    path += range(path[-1] + step, head + step, step)
    return [*path, head] if length and path[-1] == length - 1 == head else path
