"""The forward pass as an ONNX graph, matrix by matrix, for any runtime that reads one.

Needs the package onnx (https://onnx.ai); onnxruntime runs what it writes.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from tmsim.emulation import Emulation
from tmsim.engine.transformer import OUTCOMES, RUNNING, Transformer
from tmsim.export.needs import needed
from tmsim.export.onnx_ending import Ending, ending
from tmsim.export.onnx_layers import block_pass, placed
from tmsim.export.onnx_nodes import OPSET, Graph, Value
from tmsim.export.rebuilding import rebuilt, vocabulary
from tmsim.simulation import Simulation

NAME = "onnx"
MODEL, PROMPT, ABOUT, README = "model.onnx", "prompt.npz", "about.json", "README.md"
DTYPES = ("float32", "float64")


def write(run: Simulation | Emulation, directory: Path) -> list[Path]:
    """Write the run's forward pass into `directory`, with its prompt and a loop that decodes.

    ``model.onnx`` reads `rows` [n, d_model] (without positions) and `encoder` [m, d_model], and
    gives `token` [emits] (the last row's record), `next` (the row that it feeds back, [1, d_model];
    in a loop all rows) and `outcome` [] (-1 while the run goes on). Every pass reads all rows: a
    run of T tokens costs T passes over up to T rows.

    Raises ValueError for 16-bit formats, which onnxruntime does not compute in on a CPU, for a
    context that a host rewrites or reads as a queue, and where onnx is not installed.
    """
    made = rebuilt(run)
    model, spec = graph(made.weights), made.weights
    about = {
        "machine": repr(run.machine), "construction": run.construction, "dtype": run.dtype,
        "rule": run.rule, "grows": spec.feedback != "loop", "limit": made.limit,
        "emits": [span.name for span in spec.emits], "vocabulary": vocabulary(run, spec),
        "outcomes": list(map(str, OUTCOMES)),
    }  # fmt: skip
    directory.mkdir(parents=True, exist_ok=True)
    paths = [directory / name for name in (MODEL, PROMPT, ABOUT, README)]
    paths[0].write_bytes(model.SerializeToString())
    given: dict[str, Any] = {"rows": made.rows, "encoder": made.encoder}
    np.savez(paths[1], **{name: rows.astype(spec.dtype) for name, rows in given.items()})
    paths[2].write_text(json.dumps(about, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    paths[3].write_text(readme(run), encoding="utf-8")
    return paths


def graph(t: Transformer) -> Any:
    """The forward pass as an `onnx.ModelProto`, checked by onnx. Raises ValueError as `write`."""
    helper, checker = needed("onnx.helper", "onnx"), needed("onnx.checker", "onnx")
    if str(t.dtype) not in DTYPES:
        raise ValueError(f"onnx: dtype {t.dtype}; expected {' or '.join(DTYPES)}")
    if t.feedback == "queue" or t.rewrites is not None:
        host = "a queue" if t.rewrites is None else t.rewrites.__name__
        raise ValueError(f"onnx: the feedback is {host}; expected token, vector or loop")
    g = Graph(t.dtype)
    end = forward(g, t)
    kind = helper.np_dtype_to_tensor_dtype(g.dtype)
    whole = helper.np_dtype_to_tensor_dtype(np.dtype(np.int64))
    tell, n = helper.make_tensor_value_info, "n" if t.feedback == "loop" else 1
    inputs = [tell("rows", kind, ["n", t.d_model]), tell("encoder", kind, ["m", t.d_model])]
    outputs = [
        tell("token", whole, [len(t.emits)]), tell("next", kind, [n, t.d_model]),
        tell("outcome", whole, []),
    ]  # fmt: skip
    named = zip(("token", "next", "outcome"), (end.token, end.next, end.outcome), strict=True)
    renamed = [helper.make_node("Identity", [value.name], [name]) for name, value in named]
    made = helper.make_graph(
        [*g.nodes, *renamed], "forward", inputs, outputs, list(g.constants.values())
    )
    model = helper.make_model(
        made, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=9, producer_name="tmsim"
    )
    checker.check_model(model, full_check=True)
    return model


def forward(g: Graph, t: Transformer) -> Ending:
    """The nodes from `rows` and `encoder` to what follows from the last row."""
    rows, told = Value(g, "rows"), Value(g, "encoder")
    ties: list[Value] = []
    if t.encoder:
        told = placed(g, t, told)
    for block in t.encoder:
        told = block_pass(g, block, told, told, [])
    x = placed(g, t, rows)
    for block in t.blocks:
        x = block_pass(g, block, x, told, ties)
    return ending(g, t, x, ties)


def readme(run: Simulation | Emulation) -> str:
    """What lies beside the graph, and how to run it."""
    return f"""\
# {run.construction}, forward pass

A machine's run inside a transformer: weights and arithmetic as an ONNX graph.
`{MODEL}` reads the rows so far (`{PROMPT}` holds this run's prompt) and gives the last row's token:
integers, one for each register that `{ABOUT}` lists under `emits`, named by `vocabulary` where they
have names. Running it needs onnxruntime and numpy.

```python
import json, numpy as np, onnxruntime
about, given = json.load(open("{ABOUT}", encoding="utf-8")), np.load("{PROMPT}")
model, rows = onnxruntime.InferenceSession("{MODEL}"), given["rows"]
for _ in range(about["limit"] + 1):
    token, following, outcome = model.run(None, {{"rows": rows, "encoder": given["encoder"]}})
    if outcome != {RUNNING}:
        break
    print(*token)
    rows = np.concatenate([rows, following]) if about["grows"] else following
print(about["outcomes"][outcome] if outcome != {RUNNING} else "out_of_steps")
```
"""
