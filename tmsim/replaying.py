"""A run decoded anew, and a sample of its rows attended to by dense attention."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from tmsim.certificate import Certificate
from tmsim.engine import run as engine
from tmsim.engine.assemble import rows as assembled_rows
from tmsim.engine.interrupts import Interrupts
from tmsim.engine.memory import Table
from tmsim.engine.replay import Replayed, Tap, records, replay
from tmsim.engine.streaming import GROUP, gaps, nothing, stream, supported, told
from tmsim.engine.transformer import AttentionHead
from tmsim.excerpt import Excerpt
from tmsim.generating import unique
from tmsim.proofs.claim import padded
from tmsim.proofs.rules import Prefix
from tmsim.recorder import Recorder
from tmsim.simulation import Simulation
from tmsim.task import Task
from tmsim.trace import Trace

BLOCK = 1 << 16


class Sample:
    """Rows drawn from a run, and what the audit of them has found wrong so far.

    at: the rows' numbers, the prompt's first row being 0; wrong: a sentence for each disagreement.
    Raises ValueError for a head whose rule does not let the past stream by.
    """

    def __init__(
        self, run: Simulation, task: Task, rows: int, seed: int,
        watch: Callable[[int, int], None] | None,
    ) -> None:  # fmt: skip
        self.run, self.task, self.watch = run, task, watch
        frame, program, self.weights, prompt = task.within(run.bounds)
        for head in self.weights.heads:
            if not isinstance(head.visible, Prefix) and not supported(head.rule):
                raise ValueError(
                    f"head {head.name}: rule {head.rule}; expected one that picks rows or adds"
                )
        self.given = assembled_rows(program, prompt.rows, np.float64)
        self.encoder = assembled_rows(program, prompt.encoder, np.float64)
        kept = padded(len(self.given) + task.construction.rows(frame))
        self.memories = engine.plan(self.weights, task.lowering, kept, frame.bounds.cells)
        self.before = len(self.given) - 1
        self.total = self.before + run.tokens
        self.block = min(padded(max(self.total, 2)), BLOCK)
        drawn = random.Random(seed).sample(range(run.tokens), min(rows, run.tokens))
        self.at = np.array(sorted(drawn), np.int64) + self.before
        self.wrong: list[str] = []
        self.done = 0

    def audited(self) -> dict[str, Any]:
        """The fields of :class:`Audit` that dense attention decides; what is wrong is noted."""
        asked = self._asked()
        heads = self.weights.heads
        dense = self._streamed(list(zip(heads, asked.taps, strict=True)))
        memories = [memory for block in self.memories for memory in block]
        values, found, unknown, scored = [], [], 0, 0
        for name, head, memory, tap, seen in zip(
            unique([head.name for head in heads]), heads, memories, asked.taps, dense, strict=True
        ):
            if seen is None:
                values.append(tap.z)
                continue
            z, (gap, tied) = told(head, seen), gaps(head, seen)
            values.append(z)
            found.append((name, np.nanmin(gap), tied.sum()))
            unknown += int(np.isnan(gap).sum())
            scored += int((self.at + 1).sum())
            self._compare(f"{name}: the value", z, tap.z)
            if isinstance(memory, Table):
                holder = np.where(seen.holder < 0, seen.null, seen.holder)
                self._compare(f"{name}: the row", seen.row, holder)
        follow = np.asarray(records(self.weights, asked.x, tuple(values)))
        self._compare("the record", follow, asked.record)
        certificate = Certificate.of(*map(list, zip(*found, strict=True)), np.inf)  # type: ignore[arg-type]
        return {"certificate": certificate, "unknown": unknown, "scores": scored}

    def _blocks(self) -> Iterator[tuple[int, Replayed]]:
        """The run's rows, with the number of each block's first one."""
        with Interrupts() as interrupts:
            again = replay(
                self.weights, self.memories, self.given, self.encoder, self.total, self.block
            )
            for n, block in enumerate(again):
                yield n * self.block, block
                self.done += min(self.block, self.total - n * self.block)
                if self.watch is not None:
                    self.watch(self.done, 2 * self.total)
                interrupts.check()

    def _asked(self) -> Replayed:
        """The sample's rows; and is the replay the run?"""
        recorder = Recorder(self.task.machine, self.task.start, 0)
        parts = []
        for start, block in self._blocks():
            here = self.at[(self.at >= start) & (self.at < start + self.block)] - start
            parts.append(jax.tree.map(lambda a, here=here: np.asarray(a)[here], block))
            made = np.asarray(block.record)[max(self.before - start, 0) : self.total - start]
            part = self.task.trace(made, self.weights, recorder.latest)
            part = part.part(0, self.run.steps - len(recorder))
            self._same(part, len(recorder))
            recorder.add(part)
        excerpt, run = recorder.excerpt, self.run
        for what, mine, theirs in (
            ("steps", len(excerpt), run.steps),
            ("the trace hash", excerpt.hash(), run.trace_hash),
            ("the final configuration", recorder.configuration, run.final),
        ):
            if mine != theirs:
                self.wrong.append(f"the replay is not the run: {what} is {mine}, not {theirs}")
        return jax.tree.map(lambda *arrays: np.concatenate(arrays), *parts)

    def _same(self, part: Trace, done: int) -> None:
        """Compare the steps that the run keeps."""
        trace = self.run.trace
        kept = trace.first if isinstance(trace, Excerpt) else trace
        at = part.differs(kept.part(done, min(done + len(part), len(kept))))
        if at is not None:
            self.wrong.append(f"the replay is not the run: step {done + at + 1} differs")

    def _streamed(self, heads: list[tuple[AttentionHead, Tap]]) -> list[Any]:
        """What dense attention sees, per head; None for one that looks at the encoder."""
        m = -(-len(self.at) // GROUP) * GROUP
        # The last group is filled with its last query.
        order = np.minimum(np.arange(m), len(self.at) - 1).reshape(-1, min(GROUP, m))

        def groups(a: np.ndarray) -> Any:
            return jax.device_put(np.asarray(a)[order])

        i = groups(self.at.astype(np.int32))
        asked = [jax.tree.map(groups, tap) for _, tap in heads]
        seen: list[Any] = [
            None if isinstance(head.visible, Prefix)
            else jax.device_put(
                jax.tree.map(lambda a: a.reshape(*order.shape, *a.shape[1:]), nothing(head, m)),
                may_alias=False,
            )
            for head, _ in heads
        ]  # fmt: skip
        for start, block in self._blocks():
            for h, (head, _) in enumerate(heads):
                if seen[h] is not None:
                    tap, at = block.taps[h], jnp.int32(start)
                    seen[h] = stream(head, asked[h], i, seen[h], tap, at)

        def flat(a: Any) -> np.ndarray:
            return np.asarray(a).reshape(m, *a.shape[2:])[: len(self.at)]

        return [None if s is None else jax.tree.map(flat, s) for s in seen]

    def _compare(self, what: str, dense: np.ndarray, run: Any) -> None:
        """Dense attention and the run must have the same numbers, bit for bit."""
        shape = len(self.at), -1
        run = np.asarray(run)
        other = (dense.reshape(shape) != run.reshape(shape)).any(1)
        for k in np.flatnonzero(other).tolist():
            told = f"row {self.at[k]}: {what} is {run[k]} in the run, {dense[k]} by dense attention"
            self.wrong.append(told)
