"""The rows of a corpus file: a machine, its input, and how its run is known to end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

from tmsim.machines import Configuration, config_hash
from tmsim.outcome import Outcome

OUTCOMES = {
    "halt_state": Outcome.halted,
    "no_rule": Outcome.no_transition,
    "cutoff": Outcome.out_of_steps,
}
KINDS = {str: "text", int: "a whole number", list: "a list"}


@dataclass(frozen=True)
class End:
    """How a run ends; tuples have one entry per tape.

    Cells are counted from where the head started. `tapes` holds each tape from its first to its
    last cell that is not blank, `lefts` where that first cell is (0 on a blank tape).
    """

    outcome: Outcome
    steps: int
    state: str
    tapes: tuple[str, ...]
    lefts: tuple[int, ...]
    heads: tuple[int, ...]
    config_hash: str

    @classmethod
    def of(cls, outcome: Outcome, steps: int, last: Configuration, origin: int) -> End:
        """The end in the configuration `last`, whose tape 1 has the first head's start at `origin`.

        >>> last = Configuration("Z", ({3: "1"},), (4,), blank="0")
        >>> end = End.of(Outcome.halted, 1, last, origin=3)
        >>> end.tapes, end.lefts, end.heads, end.config_hash
        (('1',), (0,), (1,), 'e9bde196469bf4e9')
        """
        words = [last.trimmed(t) for t in range(len(last.tapes))]
        origins = [origin, *[0] * (len(words) - 1)]
        tapes = tuple("".join(map(str, word)) for _, word in words)
        lefts = [left - at if word else 0 for (left, word), at in zip(words, origins, strict=True)]
        heads = [head - at for head, at in zip(last.heads, origins, strict=True)]
        name = config_hash(last.state, heads, lefts, tapes)
        return cls(outcome, steps, str(last.state), tapes, tuple(lefts), tuple(heads), name)

    def differences(self, found: End) -> str:
        """What `found` has otherwise, as one sentence; "" if nothing."""
        pairs = [(name, getattr(self, name), getattr(found, name)) for name in vars(self)]
        wrong = [f"{name} {_told(b)}, expected {_told(a)}" for name, a, b in pairs if a != b]
        return "; ".join(wrong)


def _told(value: Any) -> str:
    if isinstance(value, tuple) and len(value) == 1:
        [value] = value
    text = value if isinstance(value, Outcome) else repr(value)
    return text if len(text) <= 40 else f"{text[:24]}…{text[-12:]}"


@dataclass(frozen=True)
class Row:
    """A row: a machine's `text` in a `format`, the word on tape 1, and the `end` of its run.

    The head starts on symbol `input_head` of the word; `place` says where the row stands.
    """

    place: str
    name: str
    format: str
    text: str
    word: tuple[str, ...]
    input_head: int
    max_steps: int
    end: End


def read(path: str | PathLike[str]) -> list[Row]:
    """The rows of a file with one JSON object a line; blank lines are left out.

    Raises ValueError naming the file, the line, the field and what was expected there, and OSError
    if the file cannot be read.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise ValueError(f"{path}: not UTF-8 text") from None
    lines = enumerate(text.split("\n"), 1)
    return [_row(f"{path}, line {number}", line) for number, line in lines if line.strip()]


def _row(place: str, line: str) -> Row:
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{place}: not JSON ({error})") from None
    if not isinstance(data, dict):
        raise ValueError(f"{place}: {_told(data)}; expected an object with a row's fields")
    tapes = _field(place, data, "tapes", int)
    if tapes < 1:
        raise ValueError(f"{place}, tapes: {tapes}; expected 1 or more")
    reason = _field(place, data, "halt_reason", str)
    if reason not in OUTCOMES:
        raise ValueError(f"{place}, halt_reason: {reason!r}; expected {', '.join(OUTCOMES)}")
    for name in ("steps", "max_steps", "input_head"):
        if _field(place, data, name, int) < 0:
            raise ValueError(f"{place}, {name}: {data[name]}; expected 0 or more")
    word = _field(place, data, "input", str)
    if data.get("format") == "morphett":  # where a space is how the input spells the blank
        word = word.replace(" ", "_")
    end = End(
        OUTCOMES[reason],
        data["steps"],
        _field(place, data, "final_state", str),
        tuple(_per_tape(place, data, "final_tape", str, tapes)),
        tuple(_per_tape(place, data, "final_tape_left", int, tapes)),
        tuple(_per_tape(place, data, "final_head", int, tapes)),
        _field(place, data, "config_hash", str),
    )
    name, format, text = (_field(place, data, key, str) for key in ("name", "format", "text"))
    return Row(
        place, name, format, text, tuple(word), data["input_head"], data["max_steps"], end
    )  # fmt: skip


def _field(place: str, data: dict[str, Any], name: str, kind: type) -> Any:
    if name not in data:
        raise ValueError(f"{place}: no field {name!r}; expected {KINDS[kind]} there")
    if type(data[name]) is not kind:
        raise ValueError(f"{place}, {name}: {_told(data[name])}; expected {KINDS[kind]}")
    return data[name]


def _per_tape(place: str, data: dict[str, Any], name: str, kind: type, tapes: int) -> Iterator[Any]:
    """The field itself for one tape; for several its list, of one entry per tape."""
    if tapes == 1:
        yield _field(place, data, name, kind)
        return
    values = _field(place, data, name, list)
    if len(values) != tapes or any(type(value) is not kind for value in values):
        raise ValueError(
            f"{place}, {name}: {_told(values)}; expected {tapes} entries, each {KINDS[kind]}"
        )
    yield from values
