"""What a run was: a value to look at, compare and keep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from os import PathLike
from typing import Any

import numpy as np

from tmsim._version import __version__
from tmsim.certificate import Certificate
from tmsim.excerpt import Excerpt
from tmsim.machines import Configuration, TuringMachine, initial
from tmsim.machines.formats import explicit
from tmsim.machines.formats.document import Document
from tmsim.machines.html import table
from tmsim.outcome import Outcome
from tmsim.proofs import Bounds
from tmsim.recorder import RunningHash
from tmsim.trace import Trace


@dataclass(frozen=True)
class Simulation:
    """A Turing machine's run inside a transformer.

    `source` is what named the machine (a name, a path, a text); None for one given as a value.
    `outcome` is None when the run was interrupted; the rest then describes the part that was made.
    `steps` counts transitions, `tokens` rows that the transformer generated (passes of a loop),
    `context` the rows of its largest context.
    `trace` holds every step, or of a run longer than it was asked to keep an :class:`Excerpt`.
    `matches_reference` is None when the run was not checked; `disagreement` says where it went
    wrong. `activations` holds the captured arrays by name.
    """

    machine: TuringMachine
    source: str | None
    construction: str
    engine: str
    dtype: str
    rule: str
    memory: str
    bounds: Bounds
    tapes: tuple[tuple, ...]
    heads: tuple[int, ...]
    outcome: Outcome | None
    trace: Trace | Excerpt
    tokens: int
    context: int
    certificate: Certificate | None
    matches_reference: bool | None
    disagreement: str | None
    seconds: float
    compile_seconds: float
    activations: Mapping[str, np.ndarray] = field(default_factory=dict)

    @property
    def steps(self) -> int:
        return len(self.trace)

    @cached_property
    def final(self) -> Configuration:
        """The configuration that the transformer's own tokens lead to."""
        return self.trace.last(initial(self.machine, self.tapes, self.heads))

    @property
    def state(self) -> Any:
        return self.final.state

    @property
    def lefts(self) -> list[int]:
        """Per tape, the position of the first cell that is not blank (0 if none is)."""
        return [self.final.trimmed(t)[0] for t in range(self.machine.tapes)]

    @property
    def tapes_at_end(self) -> list[str | list]:
        """Per tape, the cells without outer blanks: text, or a list where a symbol is longer."""
        short = all(isinstance(a, str) and len(a) == 1 for a in self.machine.symbols)
        words = [self.final.trimmed(t)[1] for t in range(self.machine.tapes)]
        return ["".join(map(str, word)) if short else list(word) for word in words]

    @property
    def tape(self) -> Any:
        """The tape at the end; a list with one entry per tape when there are several."""
        return self.tapes_at_end[0] if self.machine.tapes == 1 else self.tapes_at_end

    @property
    def head(self) -> Any:
        """The head's position relative to cell 0; a list when there are several tapes."""
        heads = list(self.final.heads)
        return heads[0] if self.machine.tapes == 1 else heads

    @property
    def sigma(self) -> int:
        """How many cells are not blank at the end."""
        return sum(len(tape) for tape in self.final.tapes)

    @property
    def tokens_per_second(self) -> float | None:
        """Without the time that compilation took; None for a run without tokens."""
        spent = self.seconds - self.compile_seconds
        return self.tokens / spent if self.tokens and spent > 0 else None

    @property
    def trace_hash(self) -> str | None:
        """Of all steps, kept or not: see :meth:`tmsim.trace.Trace.hash`."""
        return self.trace.hash()

    @cached_property
    def hashes(self) -> dict[int, str]:
        """The hash after 1,000, 10,000, … steps and after all of them; {} for several tapes.

        >>> import tmsim
        >>> tmsim.simulate("bb2").hashes
        {6: 'b16d1918'}
        """
        if isinstance(self.trace, Excerpt):
            marks, crc = dict(self.trace.marks), self.trace.crc
        else:
            running = RunningHash(self.machine)
            running.add(self.trace)
            marks, crc = running.marks, running.crc
        return {} if crc is None else marks | {self.steps: crc}

    def as_json(self) -> dict[str, Any]:
        """The object that ``tmsim run --json`` prints."""
        return {
            "version": __version__,
            "machine": self.source if self.source is not None else document(self),
            "construction": self.construction,
            "engine": self.engine,
            "dtype": self.dtype,
            "rule": self.rule,
            "memory": self.memory,
            "bounds": asdict(self.bounds),
            "outcome": None if self.outcome is None else str(self.outcome),
            "steps": self.steps,
            "tokens": self.tokens,
            "context": self.context,
            "state": self.state,
            "tape": self.tape,
            "head": self.head,
            "matches_reference": self.matches_reference,
            "seconds": self.seconds,
            "compile_seconds": self.compile_seconds,
            "tokens_per_second": self.tokens_per_second,
            "trace_hash": self.trace_hash,
            "certificate": None if self.certificate is None else asdict(self.certificate),
        }

    def with_activations(self, activations: Mapping[str, np.ndarray]) -> Simulation:
        """The same run with captured activations."""
        return replace(self, activations=activations)

    def save(self, path: str | PathLike[str]) -> None:
        """Write the run to one .npz file, readable by :meth:`load` without pickle.

        Raises ValueError for machines whose states or symbols are not text.
        """
        from tmsim.saved import save

        save(self, path)

    @classmethod
    def load(cls, path: str | PathLike[str]) -> Simulation:
        """The run that :meth:`save` wrote. Raises ValueError naming the file and what is wrong."""
        from tmsim.saved import load

        return load(path)

    def view(self) -> Any:
        """The run step by step, as a widget for Jupyter, VS Code and marimo: tape, tokens, where
        every head looks, every register, and whether each layer's lemma holds.

        ``tmsim view`` writes the same as a page. Raises ValueError where anywidget is not
        installed, for a run whose rows are not the machine's steps (a translated one), and for one
        that did not keep all of its steps.
        """
        from tmsim.viz.viewer import widget

        return widget(self)

    def verdict(self) -> str:
        """One sentence: how the run ended, and whether it is the reference's."""
        if self.disagreement is not None:
            return f"differs from the reference: {self.disagreement}"
        binary = self.machine.blank == "0" and set(self.machine.symbols) == {"0", "1"}
        what = f"{self.steps:,} steps, {self.sigma:,} {'ones' if binary else 'non-blank cells'}"
        if self.matches_reference:
            return f"matches the reference: {what}"
        return f"not checked against the reference: {what}"

    def __repr__(self) -> str:
        ended = "interrupted" if self.outcome is None else self.outcome
        return (
            f"<Simulation {ended} in state {self.state} after {self.steps:,} steps: "
            f"{self.construction}, {self.dtype}; {self.verdict()}>"
        )

    def __rich__(self) -> Any:
        from rich.table import Table

        table = Table(title=self.verdict(), show_header=False)
        for name, value in self.summary().items():
            table.add_row(name, value)
        return table

    def _repr_html_(self) -> str:
        return table(self.summary().items(), caption=self.verdict())

    def __treescope_repr__(self, path: str | None, subtree_renderer: Any) -> Any:
        from treescope.repr_lib import render_object_constructor

        fields = {**self.summary(), "trace": self.trace, "certificate": self.certificate}
        return render_object_constructor(Simulation, fields, path, subtree_renderer)

    def summary(self) -> dict[str, str]:
        """What a person wants to know, as text."""
        speed = self.tokens_per_second
        return {
            "outcome": "interrupted" if self.outcome is None else str(self.outcome),
            "steps": f"{self.steps:,}",
            "tokens": f"{self.tokens:,}" + (f" ({speed:,.0f} a second)" if speed else ""),
            "context": f"{self.context:,} rows",
            "state": str(self.state),
            "tape": _short(self.tape),
            "head": str(self.head),
            "construction": f"{self.construction}, {self.engine}, {self.dtype}, {self.rule}",
            "certificate": str(self.certificate or "none"),
        }


def _short(tape: Any, width: int = 72) -> str:
    text = tape if isinstance(tape, str) else str(tape)
    return text if len(text) <= width else f"{text[: width // 2]} … {text[-width // 2 :]}"


def document(simulation: Simulation) -> str:
    """The machine, its words and its heads, in the format `explicit`."""
    return explicit.write(Document(simulation.machine, simulation.tapes, simulation.heads))
