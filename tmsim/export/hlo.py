"""The whole decode run as one StableHLO artifact, which any process with JAX can run.

`jax.export` (https://docs.jax.dev/en/latest/export) keeps a compiled function with its weights as
portable StableHLO; the artifact knows nothing of tmsim.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, export, lax

from tmsim.emulation import Emulation
from tmsim.engine.drivers import (
    Encoded,
    Memories,
    RunState,
    block_pass,
    no_margins,
    place,
    row_pass,
    step,
)
from tmsim.engine.memory import full
from tmsim.engine.queue import Waiting
from tmsim.engine.transformer import OUTCOMES, RUNNING, Transformer, accumulator
from tmsim.export.needs import needed
from tmsim.export.rebuilding import Rebuilt, rebuilt, vocabulary
from tmsim.proofs.rules import Prefix
from tmsim.simulation import Simulation

NAME = "stablehlo"
ARTIFACT, PROMPT, ABOUT, README = "decode.stablehlo", "prompt.npz", "about.json", "README.md"
PLATFORMS = ("cpu", "cuda", "tpu")


def write(run: Simulation | Emulation, directory: Path) -> list[Path]:
    """Write the run's decoding into `directory`: prompt in, tokens and outcome out.

    ``decode.stablehlo`` is a function of the prompt's rows [n, d_model] (n is free, except in a
    loop) and, where heads attend to an encoder, of its rows: as many as the run's. It returns
    tokens [limit, emits] int32, of which the first `made` count, and the outcome's number. Beside
    it lie the run's own prompt, what the numbers mean, and a README with the ten lines that run it.

    Raises ValueError for a construction that rewrites its context, which its host does, and where
    flatbuffers is not installed.

    >>> import tempfile, tmsim
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [path.name for path in write(tmsim.simulate("bb2"), Path(folder))]
    ['decode.stablehlo', 'prompt.npz', 'about.json', 'README.md']
    """
    needed("flatbuffers", "stablehlo")
    made = rebuilt(run)
    with jax.enable_x64(True):
        artifact = exported(made).serialize()
    given = [(np.dtype(accumulator(made.weights.dtype)), rows) for rows in inputs(made).values()]
    arrays: dict[str, Any] = {
        name: rows.astype(dtype) for name, (dtype, rows) in zip(inputs(made), given, strict=True)
    }
    about = {
        "machine": repr(run.machine), "construction": run.construction, "dtype": run.dtype,
        "rule": run.rule, "inputs": list(arrays),
        "emits": [span.name for span in made.weights.emits],
        "vocabulary": vocabulary(run, made.weights), "outcomes": list(map(str, OUTCOMES)),
    }  # fmt: skip
    directory.mkdir(parents=True, exist_ok=True)
    paths = [directory / name for name in (ARTIFACT, PROMPT, ABOUT, README)]
    paths[0].write_bytes(artifact)
    np.savez(paths[1], **arrays)
    paths[2].write_text(json.dumps(about, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    paths[3].write_text(readme(run), encoding="utf-8")
    return paths


def inputs(made: Rebuilt) -> dict[str, np.ndarray]:
    """The artifact's arguments for the run's own prompt, by name."""
    crossed = any(isinstance(head.visible, Prefix) for head in made.weights.heads)
    return {"rows": made.rows} | ({"encoder": made.encoder} if crossed else {})


def exported(made: Rebuilt, platforms: Sequence[str] = PLATFORMS) -> export.Exported:
    """The function :func:`decoding`, exported; inside ``jax.enable_x64(True)`` for float64."""
    t, scope = made.weights, export.SymbolicScope()
    dtype = accumulator(t.dtype)
    shapes = []
    for name, rows in inputs(made).items():
        fixed = t.feedback == "loop" or name == "encoder"
        length = len(rows) if fixed else "n"
        (shape,) = [export.symbolic_shape(f"{length}, {t.d_model}", scope=scope)]
        shapes.append(jax.ShapeDtypeStruct(shape, dtype))

    def decode(*given: Array) -> Any:
        return decoding(t, made.memories, made.limit, *given)

    return export.export(jax.jit(decode), platforms=platforms)(*shapes)


def decoding(
    t: Transformer, memories: Memories, limit: int, rows: Array, encoder: Array | None = None
) -> tuple[Array, Array, Array]:
    """Prompt rows [n, d_model] to tokens [limit, emits], how many were made, and the outcome.

    Traceable. Where a full cache is planned, no more rows are made than it holds.
    """
    if t.rewrites is not None:
        raise ValueError(
            f"stablehlo: {t.rewrites.__name__} rewrites the context between two compiled runs;"
            " expected a construction whose context only grows"
        )
    rows = rows.astype(t.dtype)
    encoded = _encoded(t, encoder)
    state = _begun(t, memories, encoded, rows)
    most, shape = jnp.int32(limit), (max(limit, 1), len(t.emits))
    if t.feedback != "loop":
        for memory in filter(full, (m for kinds in memories for m in kinds)):
            most = jnp.minimum(most, memory.rows - _length(rows))

    def more(carry: tuple[RunState, Array]) -> Array:
        return carry[0].outcome == RUNNING

    def body(carry: tuple[RunState, Array]) -> tuple[RunState, Array]:
        state, records = carry
        after, record = step(t, memories, encoded, most, state)
        # A pass that ends the run records nothing: its number is past those that count.
        return after, records.at[state.generated].set(record, mode="drop")

    state, records = lax.while_loop(more, body, (state, jnp.zeros(shape, jnp.int32)))
    return records, state.generated, state.outcome


def _length(rows: Array) -> Array:
    """How many rows there are, known when the artifact runs."""
    return jnp.asarray(rows.shape[0]).astype(jnp.int32)


def _encoded(t: Transformer, encoder: Array | None) -> Encoded:
    """The encoder's final rows; a row that does not count where there is no encoder."""
    if encoder is None:
        return Encoded(jnp.zeros((1, t.d_model), t.dtype), jnp.int32(0))
    count = _length(encoder)
    told = place(t, encoder.astype(t.dtype), jnp.arange(encoder.shape[0], dtype=jnp.int32))
    for block in t.encoder:
        told, _ = block_pass(block, told, Encoded(told, count))
    return Encoded(told, count)


def _begun(t: Transformer, memories: Memories, encoded: Encoded, rows: Array) -> RunState:
    """The state after all prompt rows but the next one to run."""
    last = _length(rows) - 1
    held: Any = ()
    queue: Any = ()
    if t.queue is not None:
        last, queue = jnp.int32(t.queue.window - 1), waiting(t, rows)
    if t.feedback == "loop":
        last = jnp.int32(0)
    else:
        empty = tuple(
            tuple(
                () if isinstance(head.visible, Prefix) else memory.empty(head)
                for head, memory in zip(block.heads, kinds, strict=True)
            )
            for block, kinds in zip(t.blocks, memories, strict=True)
        )
        # Zeros that are made when the artifact runs, and do not lie in it.
        held = jax.tree.map(lambda part: jnp.zeros(part.shape, part.dtype), empty)

        def taken(i: Array, states: Any) -> Any:
            x = place(t, rows[i], i)
            return row_pass(t, memories, states, x, i, encoded)[1]

        held = lax.fori_loop(jnp.int32(0), last, taken, held)
    x = rows if t.feedback == "loop" else rows[last]
    margins = jax.tree.map(jnp.asarray, no_margins(t))
    return RunState(x, last, jnp.int32(0), jnp.int32(RUNNING), held, margins, queue)


def waiting(t: Transformer, rows: Array) -> Waiting:
    """The string of the prompt, as :func:`tmsim.engine.queue.begun` reads it."""
    assert t.queue is not None
    _, symbol = t.carry[0]
    there = rows[:, symbol.start : symbol.stop]
    symbols = jnp.zeros(t.queue.cells + len(t.carry), jnp.int32)
    window, slots = t.queue.window, len(symbols)

    def put(j: Array, symbols: Array) -> Array:
        return symbols.at[j % slots].set(jnp.argmax(there[j]).astype(jnp.int32))

    upto = jnp.minimum(_length(rows), window + slots)
    symbols = lax.fori_loop(jnp.int32(window), upto, put, symbols)
    return Waiting(symbols, (there > 0.5).any(1).sum().astype(jnp.int32))


def readme(run: Simulation | Emulation) -> str:
    """What lies beside the artifact, and how to run it."""
    wide = '\njax.config.update("jax_enable_x64", True)' if run.dtype == "float64" else ""
    return f"""\
# {run.construction}, decoding

A machine's run inside a transformer, weights included, as StableHLO that JAX wrote.
`{ARTIFACT}` takes a prompt (`{PROMPT}` holds this run's) and returns tokens: integers, one column
for each register that `{ABOUT}` lists under `emits`, named by `vocabulary` where they have names.
Running it needs flatbuffers, and JAX {jax.__version__} or a later version that still reads its
exports.

```python
import json, jax, numpy as np
from jax import export{wide}
about, given = json.load(open("{ABOUT}", encoding="utf-8")), np.load("{PROMPT}")
decode = export.deserialize(bytearray(open("{ARTIFACT}", "rb").read()))
# Numbers stay in their own format: XLA might keep narrow ones in float32.
run = jax.jit(decode.call, compiler_options={{"xla_allow_excess_precision": False}})
tokens, made, outcome = run(*(given[name] for name in about["inputs"]))
for token in np.asarray(tokens)[: int(made)].tolist():
    print(*token)
print(about["outcomes"][int(outcome)])
```
"""
