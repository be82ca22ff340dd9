"""A run as the values that the viewer shows: text and whole numbers, nothing else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import jax
import numpy as np

from tmsim.choices import Assembled
from tmsim.engine.transformer import AttentionHead
from tmsim.export.rebuilding import vocabulary
from tmsim.proofs import Construction
from tmsim.proofs.rules import Prefix
from tmsim.simulation import Simulation
from tmsim.viz.viewer.captured import Pass, passes
from tmsim.viz.viewer.columns import column, register_column
from tmsim.viz.viewer.heads import Look, looks
from tmsim.viz.viewer.lemmas import held


def data(run: Simulation) -> dict[str, Any]:
    """All that the page shows of a run, as a JSON object.

    A decoder's rows are shown one by one; of a loop's pass, the row that the step is read from.
    Raises ValueError for a run that cannot be shown row by row: see
    :func:`tmsim.viz.viewer.captured.passes`.

    >>> import tmsim
    >>> shown = data(tmsim.simulate("bb2"))
    >>> shown["verdict"], [layer["title"] for layer in shown["layers"]][0]
    ('matches the reference: 6 steps, 4 ones', 'head positions: mean move × count')
    """
    with jax.enable_x64(True):
        made, construction, each = passes(run)
        return about(run, construction) | _rows(run, made, construction, each) | trace(run)


def about(run: Simulation, construction: Construction) -> dict[str, Any]:
    """What the run is, in words."""
    return {
        "machine": "" if run.source is None else run.source,
        "construction": run.construction,
        "citation": str(construction.citation),
        "statement": construction.claim.statement,
        "verdict": run.verdict(),
        "matches": run.matches_reference,
        "outcome": "interrupted" if run.outcome is None else str(run.outcome),
        "arithmetic": f"{run.dtype}, {run.rule}",
        "states": list(map(str, run.machine.states)),
        "symbols": list(map(str, run.machine.symbols)),
        "halting": [str(q) for q in run.machine.states if q in run.machine.halting],
    }


def trace(run: Simulation) -> dict[str, Any]:
    """Steps as columns of indices; the start's heads and words (from cell 0 on)."""
    place = {a: i for i, a in enumerate(run.machine.symbols)}
    t = run.trace.part(0, run.steps)
    names = ("state", "next_state", "read", "write", "move", "head")
    columns = dict(zip(names, (c.tolist() for c in t.columns()), strict=True))
    words = [[place[a] for a in word] for word in run.tapes]
    words += [[] for _ in range(run.machine.tapes - len(words))]
    start = {
        "state": run.machine.states.index(run.machine.start),
        "heads": list(run.heads),
        "words": words,
        "blank": place[run.machine.blank],
    }
    return {"steps": run.steps, "start": start, "trace": columns}


def _rows(
    run: Simulation, made: Assembled, construction: Construction, each: Iterable[Pass]
) -> dict[str, Any]:
    program, weights = made.program, made.weights
    registers, loop = program.stream.registers, weights.feedback == "loop"
    layers, entered = program.layers, _entered(made)
    values: dict[tuple[int, str], list[np.ndarray]] = defaultdict(list)
    seen: dict[tuple[int, int], list[Look]] = defaultdict(list)
    ensured: list[list[Any]] = [[] for _ in layers]
    steps, first, number, counts = [], [], [], []
    ulp = construction.claim.ulps * float(jax.numpy.finfo(weights.dtype).eps) / 2
    for one in each:
        rows = list(range(len(one.scenes))) if one.active is None else [one.active]
        steps += [one.steps[row] for row in rows]
        number += rows if loop else [one.first + row for row in rows]
        counts.append(len(one.scenes))
        first += [0 if loop else one.first] * len(rows)
        for name in entered:
            place = program.stream.place(registers[name])
            values[-1, name].append(one.named["blocks.0.resid_pre"][rows, place])
        for index, (layer, block) in enumerate(zip(layers, weights.blocks, strict=True)):
            after = one.named[f"blocks.{index}.resid_post"]
            for name in _written(layer, registers):
                values[index, name].append(after[rows, program.stream.place(registers[name])])
            for h, head in enumerate(block.heads):
                seen[index, h] += _looked(one, index, head, rows)
            verdicts = held(program.stream, layer, one.scenes, after, ulp)
            ensured[index] += [_worst(verdicts)] if loop else verdicts
    named = _names(run, made)

    def told(index: int, names: Any) -> list[dict[str, Any]]:
        return [
            {"name": name}
            | register_column(
                registers[name], np.concatenate(values[index, name]), named.get(name, ())
            )
            for name in names
        ]

    return {
        "loop": loop,
        "rows": {"step": steps, "number": number, "first": first, "of": counts},
        "entered": told(-1, entered),
        "token_of": [name for name in entered if name in _token(made)],
        "layers": [
            {
                "title": layer.title,
                "registers": told(index, _written(layer, registers)),
                "ensures": None if layer.ensures is None else column(ensured[index]),
                "heads": [
                    _head(head, seen[index, h])
                    for h, head in enumerate(weights.blocks[index].heads)
                ],
            }
            for index, layer in enumerate(layers)
        ],
    }


def _looked(one: Pass, index: int, head: AttentionHead, rows: list[int]) -> list[Look]:
    pattern = one.named[f"blocks.{index}.attn.{head.name}.pattern"]
    if not isinstance(head.visible, Prefix):
        pattern = pattern[:, : len(one.scenes)]
    return looks(head, pattern[rows])


def _head(head: AttentionHead, seen: list[Look]) -> dict[str, Any]:
    return {
        "name": head.name,
        "rule": str(head.rule),
        "crosses": isinstance(head.visible, Prefix),
        "rows": column(look.rows for look in seen),
        "count": column(look.count for look in seen),
        "score": column("" if head.uniform else look.score for look in seen),
        "margin": column(look.margin for look in seen),
    }


def _worst(verdicts: list[Any]) -> Any:
    """Of a pass: what is wrong in its first wrong row, else whether a lemma speaks of any."""
    wrong = [v for v in verdicts if isinstance(v, str)]
    return wrong[0] if wrong else next((v for v in verdicts if v is not None), None)


def _written(layer: Any, registers: Mapping[str, Any]) -> list[str]:
    """The registers that the layer writes, in the stream's order."""
    written = layer.written()
    return [name for name in registers if name in written]


def _entered(made: Assembled) -> list[str]:
    """The registers that hold something before the first layer, in the stream's order."""
    placed = {span.name for _, span in made.weights.positions} | _token(made)
    written = {name for layer in made.program.layers for name in layer.written()}
    return [name for name in made.program.stream.registers if name in placed or name not in written]


def _token(made: Assembled) -> set[str]:
    """The registers that an output row hands to the next one."""
    return {target.name for _, target in made.weights.carry}


def _names(run: Simulation, made: Assembled) -> dict[str, Sequence[str]]:
    """What the values of a register stand for: what is emitted has the names that every
    construction gives it, and what is carried has those of what it is carried from."""
    names = dict(vocabulary(run, made.weights))
    for source, target in made.weights.carry:
        if source.name in names:
            names.setdefault(target.name, names[source.name])
    return names
