"""Every machine of a class, run in a transformer and held to the reference; counts are kept.

Where a construction's rows are steps, all machines' numbers follow from one assembled machine per
entry of δ and choice for it: a machine's weights are those of a base machine, but for what its own
entries change. Other constructions run their machines together, compared when they have ended.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from time import perf_counter
from typing import Any

import jax
import numpy as np

from tmsim import checkpoint
from tmsim._version import __version__
from tmsim.batch import Prepared, prepared, refused
from tmsim.catalogue import find
from tmsim.engine.assemble import assemble
from tmsim.engine.transformer import OUTCOMES
from tmsim.machines.enumerated import Enumerated
from tmsim.outcome import Outcome
from tmsim.proofs import Bounds, Construction
from tmsim.proofs.claim import padded
from tmsim.together import Found, together

AT_ONCE = 1 << 15
"""Machines whose numbers are put together at a time: some 100 MB."""


@dataclass(frozen=True)
class Counts:
    """What the first `done` machines came to, whose runs took `made` steps in `seconds`.

    `outcomes` counts how runs ended; of those that halted, `steps` and `ones` count how many took
    so many steps, and left so many symbols that are not blank. `champions` are the numbers of the
    first machine with the most steps and the first with the most ones. `wrong` counts runs that are
    not the reference's, the first of which is machine `first_wrong`.
    """

    done: int
    outcomes: Counter[str]
    steps: Counter[int]
    ones: Counter[int]
    champions: tuple[int | None, int | None]
    wrong: int
    first_wrong: int | None
    made: int
    seconds: float

    @classmethod
    def none(cls) -> Counts:
        """Before the first machine."""
        return cls(0, Counter(), Counter(), Counter(), (None, None), 0, None, 0, 0.0)

    def with_runs(self, numbers: np.ndarray, found: Found, seconds: float) -> Counts:
        """The counts with the runs of the next machines, which have these numbers."""
        halted = found.codes == OUTCOMES.index(Outcome.halted)
        outcomes, steps, ones = (
            Counter(np.asarray(a).tolist()) for a in (found.codes, found.steps[halted],
                                                      found.sigma[halted])
        )  # fmt: skip
        champions = tuple(
            _champion(best, before, np.where(halted, column, -1), numbers)
            for best, before, column in zip(
                self.champions, (self.steps, self.ones), (found.steps, found.sigma), strict=True
            )
        )
        wrong = np.flatnonzero(found.wrong)
        first = self.first_wrong
        if first is None and len(wrong):
            first = int(numbers[wrong[0]])
        return Counts(
            self.done + len(found.codes),
            self.outcomes + Counter({str(OUTCOMES[code]): n for code, n in outcomes.items()}),
            self.steps + steps, self.ones + ones, champions,  # type: ignore[arg-type]
            self.wrong + len(wrong), first, self.made + int(found.steps.sum()),
            self.seconds + seconds,
        )  # fmt: skip

    def as_json(self) -> dict[str, Any]:
        """A JSON object that :meth:`restored` reads."""
        counted = {name: _sorted(getattr(self, name)) for name in ("outcomes", "steps", "ones")}
        return {
            "done": self.done, **counted, "champions": list(self.champions), "wrong": self.wrong,
            "first_wrong": self.first_wrong, "made": self.made, "seconds": self.seconds,
        }  # fmt: skip

    @classmethod
    def restored(cls, told: dict[str, Any]) -> Counts:
        numbered = {n: Counter({int(k): v for k, v in told[n].items()}) for n in ("steps", "ones")}
        most_steps, most_ones = told["champions"]
        return cls(**{
            **told, **numbered, "outcomes": Counter(told["outcomes"]),
            "champions": (most_steps, most_ones),
        })  # fmt: skip


def exhaust(
    states: int,
    symbols: int,
    *,
    construction: str = "tzamos_2026",
    max_steps: int = 100,
    dtype: str | None = None,
    share: int = 1,
    folder: str | PathLike[str] | None = None,
    watch: Callable[[Counts], None] | None = None,
) -> Counts:
    """Run every machine of the class on the blank tape, and compare each with the reference.

    share: only machines 0, share, 2·share, … folder: where the counts are kept after each part, and
    from where a run that was killed goes on. watch: called with the counts after each part.

    Raises ValueError for a construction that does not run Turing machines, a dtype that it does not
    claim, and a folder that holds another run.

    >>> found = exhaust(1, 2)
    >>> dict(found.outcomes), max(found.steps), found.wrong
    ({'out_of_steps': 32, 'halted': 32}, 1, 0)
    """
    kind, proof = Enumerated(states, symbols), find(construction)
    dtype = dtype or proof.claim.dtypes[0]
    if dtype not in proof.claim.dtypes:
        raise ValueError(f"dtype {dtype!r}: expected one of the claim's, {proof.claim.dtypes}")
    for what, number in (("max_steps", max_steps), ("share", share)):
        if number < 1:
            raise ValueError(f"{what} is {number}; expected 1 or more")
    about = {
        "version": __version__, "states": states, "symbols": symbols, "dtype": dtype,
        "construction": construction, "max_steps": max_steps, "share": share,
    }  # fmt: skip
    counts = Counts.none() if folder is None else _kept(Path(folder), about)
    bounds = Bounds(max_steps, padded(max_steps + 2) - 2)
    numbers = range(0, kind.count, share)
    with jax.enable_x64(True):
        run = _runner(kind, proof, bounds, dtype) if counts.done < len(numbers) else None
        while run is not None and counts.done < len(numbers):
            began = perf_counter()
            part = np.asarray(numbers[counts.done : counts.done + AT_ONCE])
            counts = counts.with_runs(part, run(part), perf_counter() - began)
            if folder is not None:
                checkpoint.write(Path(folder), about | {"counts": counts.as_json()}, {})
            if watch is not None:
                watch(counts)
    return counts


def _kept(folder: Path, about: dict[str, Any]) -> Counts:
    checkpoint.clean(folder)
    found = checkpoint.read(folder)
    if found is None:
        return Counts.none()
    checkpoint.foreign(folder, found[0], about)
    return Counts.restored(found[0]["counts"])


def _runner(
    kind: Enumerated, proof: Construction, bounds: Bounds, dtype: str
) -> Callable[[np.ndarray], Found]:
    """What runs the machines of these numbers."""
    first = kind.machine(0)
    frame = proof.frame(first, bounds)
    if refused(proof, assemble(proof.program(frame), proof.leaves(first, frame), dtype)):
        return lambda numbers: together(
            proof, [kind.machine(number) for number in numbers.tolist()], bounds, dtype
        )
    changed = Changed(kind, proof, bounds, dtype)

    def run(numbers: np.ndarray) -> Found:
        ended = changed.prepared(numbers).run()
        return Found(ended.code, ended.steps, ended.sigma, ended.wrong)

    return run


class Changed:
    """The numbers of any machines of a class, put together from those of few.

    Every array of a machine is the base machine's (all choices 0), changed by each entry of δ in
    places where no other entry changes it.
    """

    def __init__(self, kind: Enumerated, proof: Construction, bounds: Bounds, dtype: str) -> None:
        self.kind = kind
        few = [[0] * kind.entries]
        for entry in range(kind.entries):
            for choice in range(kind.choices):
                few.append([choice if e == entry else 0 for e in range(kind.entries)])
        machines = [kind.of(chosen) for chosen in few]
        self.few = prepared(proof, machines, [()] * len(machines), bounds, dtype)
        leaves, self.tree = jax.tree.flatten(self.few.each)
        self.leaves = [self._changes(np.asarray(leaf)) for leaf in leaves]

    def _changes(self, leaf: np.ndarray) -> tuple[np.ndarray, list[tuple[np.ndarray, np.ndarray]]]:
        """The base machine's array, and per entry where it changes it and to what, by choice."""
        flat = leaf.reshape(len(leaf), -1)
        by_entry = flat[1:].reshape(self.kind.entries, self.kind.choices, -1)
        places = [np.flatnonzero((each != flat[0]).any(0)) for each in by_entry]
        assert len(np.unique(np.concatenate(places))) == sum(map(len, places))
        return leaf[0], [(at, each[:, at]) for at, each in zip(places, by_entry, strict=True)]

    def prepared(self, numbers: np.ndarray) -> Prepared:
        """The machines of these numbers."""
        powers = self.kind.choices ** np.arange(self.kind.entries)[::-1]
        chosen = numbers[:, None] // powers % self.kind.choices
        filled = [self._filled(base, changes, chosen) for base, changes in self.leaves]
        return replace(self.few, each=jax.tree.unflatten(self.tree, filled))

    @staticmethod
    def _filled(base: np.ndarray, changes: Any, chosen: np.ndarray) -> np.ndarray:
        every = np.broadcast_to(base.ravel(), (len(chosen), base.size)).copy()
        for entry, (at, values) in enumerate(changes):
            every[:, at] = values[chosen[:, entry]]
        return every.reshape(len(chosen), *base.shape)


def _champion(
    best: int | None, before: Counter[int], column: np.ndarray, numbers: np.ndarray
) -> int | None:
    """The first machine that reaches the greatest count yet."""
    at = int(column.argmax())
    return int(numbers[at]) if column[at] > max(before, default=-1) else best


def _sorted(counts: Counter[Any]) -> dict[str, int]:
    return {str(key): counts[key] for key in sorted(counts)}
