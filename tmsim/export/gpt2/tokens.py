"""A construction's vocabulary as a tokenizer's: words, embeddings, logits, and what ends a text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from tmsim.engine import assemble
from tmsim.engine.transformer import Transformer
from tmsim.machines import TuringMachine
from tmsim.outcome import Outcome
from tmsim.proofs import Binary, Frame, Program, Row
from tmsim.proofs.positions import Position


@runtime_checkable
class Worded(Protocol):
    """A construction that lists its tokens, as a tokenizer must."""

    def vocabulary(self, machine: TuringMachine, frame: Frame) -> Mapping[str, Row]:
        """Every token of the machine's runs, by a word without white space."""
        ...


@dataclass(frozen=True)
class Vocabulary:
    """words [V]; tokens [V, d] their embeddings, logits [d, V] their scores, both in the stream of
    the proof; `ends` the words that end a text, and what each means."""

    words: tuple[str, ...]
    tokens: np.ndarray
    logits: np.ndarray
    ends: Mapping[str, Outcome]

    def text(self, embedded: np.ndarray) -> str:
        """The words whose embeddings [n, d] these are.

        Raises ValueError for a row that is no token's.
        """
        index = {row.tobytes(): word for row, word in zip(self.tokens, self.words, strict=True)}
        said = []
        for number, row in enumerate(np.asarray(embedded, np.float64)):
            if row.tobytes() not in index:
                raise ValueError(f"row {number} holds no token of the vocabulary")
            said.append(index[row.tobytes()])
        return " ".join(said)


def vocabulary(program: Program, t: Transformer, named: Mapping[str, Row]) -> Vocabulary:
    """The named rows as tokens, and one token more for each stop that the last layers decide.

    A token's logit is the sum of its factors', so that the one that is due scores their number F,
    and any other one at least 1 less. A stop's scores 2F where it fires, and 0 elsewhere. Raises
    ValueError for a stop with a constant, for which a logit without a bias has no place.
    """
    tokens = assemble.rows(program, [*named.values()], np.float64)
    read = np.zeros((t.d_model, len(named)))
    for source, target in t.carry:
        read[source.start : source.stop] = tokens[:, target.start : target.stop].T
    words, logits, ends = list(named), [read], {}
    told = np.zeros(t.d_model, bool)
    for _, target in t.carry:
        told[target.start : target.stop] = True
    forms, constants = np.asarray(t.W_stop, np.float64), np.asarray(t.b_stop, np.float64)
    for (outcome, kind, _), form, b in zip(t.stops, forms.T, constants, strict=True):
        if kind != "above":
            continue
        if not form[~told].any():
            fires = tokens @ form + b > 0.5
            ends |= {word: outcome for word, last in zip(named, fires, strict=True) if last}
            continue
        if b:
            raise ValueError(f"stop {outcome}: its form has the constant {b}; expected none")
        words.append(f"<{outcome}>")
        ends[words[-1]] = outcome
        logits.append(2 * len(t.carry) * form[:, None])
    extra = np.zeros((len(words) - len(named), t.d_model))
    return Vocabulary(tuple(words), np.vstack([tokens, extra]), np.hstack(logits), ends)


def digits(positions: Sequence[Position]) -> int:
    """How many binary digits tell a row its number.

    Raises ValueError for positions that are no binary digits, or none.

    >>> digits([Binary("pos", 12, signed=True)])
    12
    """
    for position in positions:
        if not isinstance(position, Binary):
            kind = type(position).__name__
            raise ValueError(f"position {position.register}: {kind}; expected binary digits")
    if not positions:
        raise ValueError("rows are told no position; expected binary digits")
    return min(position.size for position in positions)


def places(t: Transformer) -> np.ndarray:
    """What rows are told about their numbers, [n, d]: every number that the digits tell apart."""
    table = np.zeros((1 << digits([p for p, _ in t.positions]), t.d_model))
    for position, span in t.positions:
        table[:, span.start : span.stop] = [position.at(i) for i in range(len(table))]
    return table


def coordinates(t: Transformer) -> Sequence[str]:
    """Each coordinate's name [d]: the register's, with the place in it where there are several."""
    return [
        span.name if span.stop - span.start == 1 and span.kind in ("flag", "scalar")
        else f"{span.name}.{i}"
        for span in t.registers
        for i in range(span.stop - span.start)
    ]  # fmt: skip
