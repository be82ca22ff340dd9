"""A run's folder of checkpoints: what is saved while it is made, and how it goes on from there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path
from time import perf_counter
from typing import Any

import jax
import numpy as np

from tmsim import checkpoint
from tmsim._version import __version__
from tmsim.compiling import CompileTimer
from tmsim.engine.transformer import Transformer
from tmsim.excerpt import Excerpt
from tmsim.machines import TuringMachine
from tmsim.machines.formats import bbchallenge, explicit
from tmsim.machines.formats.document import Document
from tmsim.proofs import Bounds
from tmsim.recorder import Recorder
from tmsim.saved import restored, stored
from tmsim.simulation import Simulation
from tmsim.task import Task

SECONDS = 10.0
"""Between two checkpoints, unless a number of tokens is given."""


@dataclass
class Progress:
    """What an attempt inside fixed bounds has come to.

    `tokens` rows were generated, `context` is how many the largest context had, `wrong` says where
    the run left the reference. `state` is the transformer's, as the engine has flattened it; None
    at the start.
    """

    bounds: Bounds
    recorder: Recorder
    tokens: int = 0
    context: int = 0
    wrong: str | None = None
    state: tuple[np.ndarray, ...] | None = None


class Checkpoints:
    """The folder in which one run is kept, so that it can be taken up after it was killed.

    task: the run, with its folder and, in tokens, how often it is saved (None: every ten seconds).
    Raises ValueError for machines whose states or symbols are not text.
    """

    def __init__(self, task: Task, timer: CompileTimer) -> None:
        assert task.checkpoint is not None
        self._began, self._timer, self._earlier = perf_counter(), timer, (0.0, 0.0)
        self.task, self.folder = task, Path(task.checkpoint)
        self.identity = _identity(task)
        self._tokens, self._at, self._digests = 0, perf_counter(), dict[Bounds, str]()

    def load(self) -> Progress | Simulation | None:
        """The run as far as it was saved: unfinished, finished, or not at all.

        Raises ValueError where the checkpoint is damaged or of another run, naming what differs.
        """
        checkpoint.clean(self.folder)
        found = checkpoint.read(self.folder)
        if found is None:
            return None
        about, arrays = found
        checkpoint.foreign(self.folder, about["identity"], self.identity)
        bounds = Bounds(**about["bounds"])
        weights = {"weights": self._weights(bounds)}
        checkpoint.foreign(self.folder, about, weights)
        if about["finished"] is not None:
            return replace(restored(about["finished"], arrays), source=self.task.source)
        excerpt = Excerpt.restored(self.task.machine, about["excerpt"], arrays)
        names = [name for name in arrays if name.startswith("state/")]
        self._tokens, self._earlier = about["tokens"], tuple(about["seconds"])
        recorder = Recorder.after(excerpt, self.task.start, self.task.keep)
        state = tuple(arrays[name] for name in names)
        counts = about["tokens"], about["context"], about["wrong"]
        return Progress(bounds, recorder, *counts, state)

    def due(self, tokens: int) -> bool:
        """Is it time to save, now that so many tokens are generated?"""
        if self.task.every is not None:
            return tokens - self._tokens >= self.task.every
        return perf_counter() - self._at >= SECONDS

    def save(self, progress: Progress) -> None:
        """Save an unfinished run, with the engine's state."""
        excerpt, arrays = progress.recorder.excerpt.stored()
        assert progress.state is not None
        arrays |= {f"state/{i}": leaf for i, leaf in enumerate(progress.state)}
        told = {name: getattr(progress, name) for name in ("tokens", "context", "wrong")}
        told |= {"finished": None, "excerpt": excerpt, "seconds": self._spent()}
        self._write(progress.bounds, told, arrays)
        self._tokens, self._at = progress.tokens, perf_counter()

    def _spent(self) -> tuple[float, float]:
        """Seconds, and those of them that went into compiling, in every process so far."""
        seconds, compiling = self._earlier
        return seconds + perf_counter() - self._began, compiling + self._timer.seconds

    def with_earlier(self, run: Simulation) -> Simulation:
        """The run with the seconds of the processes before this one."""
        seconds, compiling = self._spent()
        return replace(run, seconds=seconds, compile_seconds=min(compiling, seconds))

    def finish(self, run: Simulation) -> None:
        """Save a finished run."""
        about, arrays = stored(run)
        self._write(run.bounds, {"finished": about}, arrays)

    def _write(
        self, bounds: Bounds, about: Mapping[str, Any], arrays: Mapping[str, np.ndarray]
    ) -> None:
        told = {
            "identity": self.identity, "bounds": asdict(bounds), "weights": self._weights(bounds),
        }  # fmt: skip
        checkpoint.write(self.folder, told | dict(about), arrays)

    def _weights(self, bounds: Bounds) -> str:
        if bounds not in self._digests:
            self._digests[bounds] = digest(self.task.within(bounds).weights)
        return self._digests[bounds]


def digest(weights: Transformer) -> str:
    """64 hexadecimal digits: the SHA-256 of all weights, with their shapes and number formats.

    The text of a construction may change under the same name: then its weights are others.
    """
    total = sha256()
    for leaf in jax.tree.leaves(weights):
        array = np.asarray(leaf)
        total.update(f"{array.dtype.name}{array.shape}".encode() + array.tobytes())
    return total.hexdigest()


def _notation(machine: TuringMachine) -> str | None:
    """The machine as people write busy beavers, if it can be written so."""
    try:
        return bbchallenge.write(machine)
    except ValueError:
        return None


def _identity(task: Task) -> dict[str, Any]:
    """Everything on which the run depends, in the order in which it is compared."""
    proof = type(task.construction)
    rule = task.rule or task.construction.claim.rules[0]
    return {
        "version": __version__,
        "machine": _notation(task.machine),
        "definition": explicit.write(Document(task.machine)),
        "tape": [list(word) for word in task.tapes],
        "head": list(task.start.heads),
        "construction": f"{proof.__module__}.{proof.__qualname__}",
        "dtype": task.dtype,
        "rule": str(rule),
        "memory": task.memory,
        "max_steps": task.max_steps,
        "cells": task.cells,
        "check": task.check,
        "keep": task.keep,
    }
