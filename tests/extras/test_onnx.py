"""The ONNX graph, run by onnxruntime in a process without tmsim: the same tokens."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import tmsim
from tmsim.engine.attention import attention
from tmsim.engine.positions import place
from tmsim.engine.transformer import AttentionHead
from tmsim.export.onnx_layers import attended, placed
from tmsim.export.rebuilding import decoded, rebuilt
from tmsim.proofs.positions import Binary, Index, OneHot, Powers
from tmsim.proofs.rules import Dot, Past, parse_rule

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")

from tmsim.export.onnx_graph import graph, write  # noqa: E402
from tmsim.export.onnx_nodes import OPSET, Graph, Value  # noqa: E402


def helper() -> ModuleType:
    path = Path(__file__).parents[1] / "export" / "running.py"
    spec = importlib.util.spec_from_file_location("running", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


running = helper()
RUNS = [
    ("bb4", "tzamos_2026", "float64"),  # a position code that float32 bounds, latest within 1/2
    ("bb4", "tzamos_2026", "float32"),
    ("bb2", "wei_2021", "float32"),  # vectors fed back, an encoder, averages, ReLU adders
    ("bb2", "perez_2021", "float64"),  # -|score|, powers of 1/i
    ("bb2", "merrill_2024", "float64"),  # projected layer norm, clipped neurons
    ("bb3", "looped_tape", "float32"),  # a loop over cells, unique matches
    ("subleq/countdown", "giannou_2023", "float32"),  # a loop, the two best rows
    ("counter/gcd", "jiang_2025", "float64"),  # thresholds, a uniform head
    ("bb2", "li_2025", "float32"),  # leftmost
]


@pytest.mark.parametrize("machine, construction, dtype", RUNS)
def test_onnxruntime_makes_the_same_tokens(
    tmp_path: Path, machine: str, construction: str, dtype: str
):
    run = tmsim.simulate(machine, construction=construction, dtype=dtype)
    assert run.matches_reference
    write(run, tmp_path)
    made = rebuilt(run)
    expected, outcome = decoded(made.weights, made.memories, made.rows, made.encoder, made.limit)
    assert running.tokens(running.printed(tmp_path)) == (expected.tolist(), str(outcome))
    assert len(expected) == run.tokens


def evaluated(g: Graph, value: Value, **given: np.ndarray) -> np.ndarray:
    """What onnxruntime computes for the value."""
    of = onnx.helper.np_dtype_to_tensor_dtype
    tell = onnx.helper.make_tensor_value_info
    inputs = [tell(name, of(x.dtype), list(x.shape)) for name, x in given.items()]
    outputs = [onnx.helper.make_empty_tensor_value_info(value.name)]
    made = onnx.helper.make_graph(g.nodes, "part", inputs, outputs, list(g.constants.values()))
    opset = [onnx.helper.make_opsetid("", OPSET)]
    model = onnx.helper.make_model(made, opset_imports=opset, ir_version=9)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    return session.run(None, given)[0]


RULES = "unique leftmost rightmost rightmost:1/2 average toptwo:2 softmax softmax:3:1 linear sum"


@pytest.mark.parametrize("rule", RULES.split())
def test_every_rule_is_the_engine_s(rule: str):
    draw = np.random.default_rng(7)
    # So small a range that many scores tie.
    q, keys = (draw.integers(-1, 2, (12, 2)).astype(np.float64) for _ in range(2))
    values = draw.integers(-9, 10, (12, 3)).astype(np.float64)
    visible = np.tril(np.ones((12, 12), bool), -1)  # The first row sees nothing.
    with jax.enable_x64(True):
        none: Any = jnp.zeros((0, 0))
        head = AttentionHead(
            none, none, none, none, none, none, none, None, "h", parse_rule(rule), Dot(), Past()
        )
        every = (jnp.asarray(x) for x in (q, keys, values, visible))
        expected, _ = attention(head, *every)
    g = Graph("float64")
    s, seen, given = (Value(g, name) for name in ("s", "seen", "values"))
    made = attended(parse_rule(rule), g, s, seen, given)
    found = evaluated(g, made, s=q @ keys.T, seen=visible, values=values)
    assert np.allclose(found, expected, rtol=1e-12, atol=0)


POSITIONS = [
    Index("x", start=3), Powers("x", 3, (0, -1, 2)), Binary("x", 4, offset=-3),
    Binary("x", 3, offset=2, signed=True), OneHot("x", 3),
]  # fmt: skip


@pytest.mark.parametrize("position", POSITIONS, ids=str)
def test_every_position_is_the_engine_s(position: Any):
    from tmsim.engine.assemble import assemble
    from tmsim.proofs import Program, Stream, Vector

    s = Stream()
    s.scalar("before")
    x = s.one_hot("x", position.size) if position.size > 1 else s.scalar("x")
    with jax.enable_x64(True):
        t = assemble(Program(s, [], [position], Vector(()), [], [x]), {}, "float64")
        rows = np.arange(9.0 * s.width).reshape(9, -1)
        expected = place(t, jnp.asarray(rows), jnp.arange(9))
    g = Graph("float64")
    assert np.array_equal(evaluated(g, placed(g, t, Value(g, "rows")), rows=rows), expected)


@pytest.mark.parametrize("x, told", [(0.0, None), (1.0, "halted"), (3.0, "out_of_cells")])
def test_of_the_stops_that_fire_the_first_counts(x: float, told: str | None):
    from tmsim.engine.assemble import assemble
    from tmsim.outcome import Outcome
    from tmsim.proofs import Limit, Program, Stop, Stream, Vector

    s = Stream()
    y = s.scalar("y")
    stops = [Limit(Outcome.out_of_cells, y, 2), Stop(Outcome.halted, 1 * y)]
    t = assemble(Program(s, [], [], Vector(((y, y),)), stops, [y]), {}, "float32")
    session = onnxruntime.InferenceSession(graph(t).SerializeToString())
    given = {"rows": np.array([[x]], np.float32), "encoder": np.zeros((0, 1), np.float32)}
    code = int(session.run(["outcome"], given)[0])
    assert (None if code < 0 else str(tuple(Outcome)[code])) == told


def test_a_damaged_weight_makes_other_tokens():
    made = rebuilt(tmsim.simulate("bb2", dtype="float32"))
    last = made.weights.blocks[2]
    mlp = replace(last.mlps[0], W_in=last.mlps[0].W_in[:, ::-1])
    damaged = replace(made.weights, blocks=(*made.weights.blocks[:2], replace(last, mlps=(mlp,))))
    given = {name: x.astype(np.float32) for name, x in
             (("rows", made.rows), ("encoder", made.encoder))}  # fmt: skip
    first = [
        onnxruntime.InferenceSession(graph(t).SerializeToString()).run(["token"], given)[0]
        for t in (made.weights, damaged)
    ]
    assert first[0].tolist() != first[1].tolist()


@pytest.mark.parametrize(
    "construction, dtype, told",
    [
        ("wei_2021", "bfloat16", "onnx: dtype bfloat16; expected float32 or float64"),
        ("li_2025", "float16", "onnx: dtype float16; expected float32 or float64"),
        ("schuurmans_2024", "float32", "onnx: the feedback is a queue; expected"),
        ("pencil_2025", "float32", "onnx: the feedback is Reduce; expected"),
    ],
)
def test_what_it_cannot_say_is_refused(tmp_path: Path, construction: str, dtype: str, told: str):
    run = tmsim.simulate("bb2", construction=construction, dtype=dtype)
    with pytest.raises(ValueError, match=told):
        write(run, tmp_path)
    assert not list(tmp_path.iterdir())
