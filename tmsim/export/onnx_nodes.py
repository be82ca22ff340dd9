"""Arithmetic as ONNX nodes, written as the formulas are: what a graph is built from."""

from __future__ import annotations

from typing import Any

import numpy as np

OPSET = 18


class Value:
    """The name of a tensor in a graph, with Python's operators as nodes."""

    def __init__(self, graph: Graph, name: str) -> None:
        self.graph, self.name = graph, name

    def _node(self, op: str, other: Any) -> Value:
        return self.graph.node(op, self, other)

    def __add__(self, other: Any) -> Value:
        return self._node("Add", other)

    def __sub__(self, other: Any) -> Value:
        return self._node("Sub", other)

    def __mul__(self, other: Any) -> Value:
        return self._node("Mul", other)

    def __truediv__(self, other: Any) -> Value:
        return self._node("Div", other)

    def __matmul__(self, other: Any) -> Value:
        return self._node("MatMul", other)

    def __gt__(self, other: Any) -> Value:
        return self._node("Greater", other)

    def __ge__(self, other: Any) -> Value:
        return self._node("GreaterOrEqual", other)

    def __le__(self, other: Any) -> Value:
        return self._node("LessOrEqual", other)

    def __and__(self, other: Any) -> Value:
        return self._node("And", other)

    def __or__(self, other: Any) -> Value:
        return self._node("Or", other)

    def same(self, other: Any) -> Value:
        """Is it equal to `other`, entry by entry?"""
        return self._node("Equal", other)

    def __invert__(self) -> Value:
        return self.graph.node("Not", self)

    @property
    def T(self) -> Value:
        return self.graph.node("Transpose", self)


class Graph:
    """A graph that grows node by node; numpy arrays become its constants.

    `dtype` is float32 or float64, that of every number that is no index.
    """

    def __init__(self, dtype: Any) -> None:
        self.dtype = np.dtype(dtype)
        self.nodes: list[Any] = []
        self.constants: dict[str, Any] = {}
        self._held: dict[Any, str] = {}

    def _name(self, value: Any) -> str:
        if isinstance(value, Value):
            return value.name
        from onnx import numpy_helper

        array = np.asarray(value)
        key = (array.shape, str(array.dtype), array.tobytes())
        if key not in self._held:
            name = f"constant{len(self._held)}"
            self._held[key] = name
            self.constants[name] = numpy_helper.from_array(array, name)
        return self._held[key]

    def node(self, op: str, *inputs: Any, **attributes: Any) -> Value:
        """The value of one more node; a Python number is a constant of the graph's dtype."""
        from onnx import helper

        told = [self.number(x) if isinstance(x, int | float) else x for x in inputs]
        output = f"v{len(self.nodes)}"
        names = [self._name(x) for x in told]
        self.nodes.append(helper.make_node(op, names, [output], **attributes))
        return Value(self, output)

    def number(self, x: float) -> np.ndarray:
        return np.array(x, self.dtype)

    def float(self, x: Value) -> Value:
        """Truth values or whole numbers as numbers of the graph's dtype."""
        return self._cast(x, self.dtype)

    def whole(self, x: Value) -> Value:
        """As int64."""
        return self._cast(x, np.dtype(np.int64))

    def _cast(self, x: Value, dtype: np.dtype) -> Value:
        from onnx import helper

        return self.node("Cast", x, to=helper.np_dtype_to_tensor_dtype(dtype))

    def where(self, condition: Value, then: Any, other: Any) -> Value:
        return self.node("Where", condition, then, other)

    def reduce(self, op: str, x: Value, axis: int, keep: bool = False) -> Value:
        """ReduceSum, ReduceMax, … along an axis."""
        return self.node(f"Reduce{op}", x, np.array([axis], np.int64), keepdims=int(keep))

    def count(self, truth: Value, axis: int, keep: bool = False) -> Value:
        """How many are true, in the graph's dtype."""
        return self.reduce("Sum", self.float(truth), axis, keep)

    def best(self, x: Value, axis: int, last: bool = False) -> Value:
        """The first (or last) place of the greatest entry, int64."""
        return self.node("ArgMax", x, axis=axis, keepdims=0, select_last_index=int(last))

    def rows(self, x: Value) -> Value:
        """How many rows x [n, …] has: int64 []."""
        shape = self.node("Shape", x)
        return self.node("Gather", shape, np.array(0, np.int64))

    def arange(self, stop: Value) -> Value:
        """0, …, stop - 1: int64."""
        return self.node("Range", np.array(0, np.int64), stop, np.array(1, np.int64))

    def columns(self, x: Value, start: int, stop: int) -> Value:
        """x[..., start:stop] of a matrix or a vector."""
        ends = (np.array([n], np.int64) for n in (start, stop, -1))
        return self.node("Slice", x, *ends)

    def last(self, x: Value) -> Value:
        """x[-1]."""
        return self.node("Gather", x, np.array(-1, np.int64), axis=0)

    def column(self, x: Value) -> Value:
        """x [n] as [n, 1]."""
        return self.node("Unsqueeze", x, np.array([1], np.int64))

    def row(self, x: Value) -> Value:
        """x [n] as [1, n]; a number as [1]."""
        return self.node("Unsqueeze", x, np.array([0], np.int64))
