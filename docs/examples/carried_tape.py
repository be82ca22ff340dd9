"""A row that carries the whole tape: three layers of neurons, and no attention at all.

paper | configuration   place of the head   rule δ               next configuration
here  | state, cell[x]  here                next_state, write …  next_here, next_cell[x]

Row i is the configuration after i steps. Its width grows with the space that there is; in return
no row ever looks at another.

Precision. All values are 0 or 1: exact in every format, for ever.
"""

from __future__ import annotations

from typing import Any

from tmsim.machines import history
from tmsim.machines.indexed import delta_row
from tmsim.outcome import Outcome
from tmsim.proofs import Citation, Claim, Layer, Neuron, Program, Scene, Stop, Stream, Token, Unique
from tmsim.proofs.gadgets import delta_registers, halts, transitions
from tmsim.turing import TuringConstruction


class Registers:
    """The residual stream; coordinate x of `here` and `cell[x]` belong to cell x - edge."""

    def __init__(self, frame):
        self.stream = s = Stream()
        self.edge = frame.bounds.cells + 1
        self.cells = range(2 * self.edge + 1)
        self.state = s.one_hot("state", frame.states)
        self.here = s.one_hot("here", len(self.cells))
        self.cell = [s.one_hot(f"cell[{x}]", frame.symbols) for x in self.cells]
        self.read = s.one_hot("read[0]", frame.symbols)
        self.next_state = s.one_hot("next_state", frame.states)
        self.write = s.one_hot("write[0]", frame.symbols)
        self.move = s.one_hot("move[0]", 3)
        self.stuck = s.flag("stuck")
        self.next_here = s.one_hot("next_here", len(self.cells))
        self.next_cell = [s.one_hot(f"next_cell[{x}]", frame.symbols) for x in self.cells]


def look(r):
    """relu(a + b - 1) is "a and b" of two values that are 0 or 1."""
    neurons = [
        Neuron(r.here[x] + symbol - 1, seen)
        for x in r.cells
        for symbol, seen in zip(r.cell[x], r.read, strict=True)
    ]
    return Layer("the symbol under the head", [], neurons, lambda now: {"read[0]": now.read[0]})


def decide(r):
    """A neuron for each state and symbol; its coefficients are δ, which the machine supplies."""
    tables = delta_registers(r.next_state, [r.write], [r.move], r.stuck)
    neurons = list(transitions(r.state, [r.read], tables))
    return Layer("δ", [], neurons, lambda now: delta_row(now.step))


def change(r):
    """The head moves by -1, 0 or 1; its old cell takes what is written, the others stay."""
    moves = [
        Neuron(r.here[x] + r.move[by + 1] - 1, r.next_here[x + by])
        for x in r.cells
        for by in (-1, 0, 1)
        if x + by in r.cells
    ]
    writes = [
        neuron
        for x in r.cells
        for old, written, new in zip(r.cell[x], r.write, r.next_cell[x], strict=True)
        for neuron in (Neuron(old - r.here[x], new), Neuron(r.here[x] + written - 1, new))
    ]

    def ensures(now):
        if now.step is None:
            return {}
        [head], [written], [arrived] = now.step.heads, now.step.write, now.step.arrived
        return {"next_here": arrived + r.edge, f"next_cell[{head + r.edge}]": written}

    return Layer("the next configuration", [], [*moves, *writes], ensures)


def size(frame):
    """N = 2·cells + 3 cells of Γ symbols, and Q states."""
    Q, G, N = frame.states, frame.symbols, 2 * frame.bounds.cells + 3
    return {
        "layers": 3,
        "attention_layers": 0,
        "heads": 0,
        "cross_heads": 0,
        "d_model": 2 * (Q + N + N * G + G + 2),
        "d_head": 0,
        "d_mlp": max(Q * G, 3 * N - 2 + 2 * N * G),
    }


class CarriedTape(TuringConstruction):
    """One tape; what the row does not hold ends the run with `out_of_cells`."""

    citation = Citation(("A. Reader",), "A row that carries the tape", 2026)
    claim = Claim(
        statement="three feed-forward layers, a row per step, the tape in the residual stream",
        rules=(Unique(),),
        dtypes=("float32", "float64", "bfloat16", "float16"),
        grows_with=("width(S)",),
        tokens_per_step="1",
        size=size,
        most_tapes=1,
    )

    def program(self, frame):
        r = Registers(frame)
        cells = zip(r.next_cell, r.cell, strict=True)
        return Program(
            r.stream,
            [look(r), decide(r), change(r)],
            positions=[],
            feedback=Token(((r.next_state, r.state), (r.next_here, r.here), *cells)),
            stops=[
                Stop(Outcome.halted, halts(r.state)),
                Stop(Outcome.out_of_cells, r.here[0] + r.here[r.cells[-1]]),
                Stop(Outcome.no_transition, r.stuck),
            ],
            emits=[r.next_state, r.read, r.write, r.move],
        )

    def scenes(self, start, steps, frame):
        """The reference run as rows: what each row is told, and the moment it stands for."""
        r = Registers(frame)
        tape: dict[int, Any] = dict(enumerate(start.words[0])) if start.words else {}
        scenes = []
        words, blank = start.words, start.blank
        for now in history(steps, tapes=words, blank=blank, state=start.state, heads=start.heads):
            if now.previous is not None:
                tape[now.previous.heads[0]] = now.previous.write[0]
            row: dict[str, Any] = {f"cell[{x}]": tape.get(x - r.edge, blank) for x in r.cells}
            row |= {"state": now.state, "here": now.heads[0] + r.edge}
            scenes.append(Scene(row, now))
        yield scenes
