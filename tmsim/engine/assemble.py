"""Program -> Transformer: affine forms become columns of real weight matrices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from tmsim.engine import transformer as tf
from tmsim.proofs.affine import Affine, Expression, Leaf, Leaves, constant
from tmsim.proofs.feedback import Feedback, Loop, Queue, Rewriting, Token, Vector
from tmsim.proofs.program import Head, Layer, Limit, Neuron, PreNorm, Program, Stop
from tmsim.proofs.rules import Prefix
from tmsim.proofs.stream import Register, Stream

DTYPES = ("float64", "float32", "bfloat16", "float16")


class Weights:
    """Builds arrays of one dtype, with the machine's numbers in the leaves' places."""

    def __init__(self, leaves: Leaves, dtype: str) -> None:
        if dtype not in DTYPES:
            raise ValueError(f"dtype {dtype!r}: expected one of {', '.join(DTYPES)}")
        self.leaves, self.dtype = leaves, jnp.dtype(dtype)

    def wide(self) -> Weights:
        """The same machine's numbers in the accumulator's dtype."""
        return Weights(self.leaves, str(tf.accumulator(self.dtype)))

    def array(self, numbers: np.ndarray) -> Array:
        # A weight beyond a narrow format is infinite there; what comes of it is the run's to show.
        with np.errstate(over="ignore"):
            # Put there as it is: `jnp.asarray` would compile a program for each shape.
            out = jax.device_put(numbers.astype(self.dtype))
        if out.dtype != self.dtype:
            raise ValueError(f"{self.dtype} became {out.dtype}: run inside jax.enable_x64(True)")
        return out

    def number(self, coefficient: Any) -> float:
        if isinstance(coefficient, Leaf):
            coefficient = self.leaves[coefficient.name].get(coefficient.index, 0)
        return float(coefficient)

    def columns(self, stream: Stream, forms: Sequence[Affine]) -> tuple[np.ndarray, np.ndarray]:
        """The forms as columns W [d, forms] and constants b [forms]."""
        W = np.zeros((stream.width, len(forms)))
        for j, form in enumerate(forms):
            for coordinate, coefficient in form.terms.items():
                W[stream.slot(coordinate), j] = self.number(coefficient)
        return W, np.array([float(form.constant) for form in forms])

    def affine(self, stream: Stream, forms: Sequence[Expression | Any]) -> tuple[Array, Array]:
        W, b = self.columns(stream, [constant(form) for form in forms])
        return self.array(W), self.array(b)

    def directions(self, stream: Stream, forms: Sequence[Affine]) -> Array:
        """The forms as rows: what each head value or neuron adds to the stream."""
        return self.array(self.columns(stream, forms)[0].T)


def assemble(program: Program, leaves: Leaves, dtype: str) -> tf.Transformer:
    """The real weights of one machine.

    Raises ValueError for an unknown dtype, and when JAX would store another one (float64 needs
    ``jax.enable_x64(True)`` around assembly and run).

    >>> from tmsim.proofs import Stream, Layer, Neuron, Program, Vector
    >>> s = Stream(); x, y = s.scalar("x"), s.scalar("y")
    >>> double = Program(s, [Layer("y = 2x", neurons=[Neuron(x, 2 * y)])], [], Vector(()), [], [y])
    >>> assemble(double, {}, "float32").blocks[0].mlps[0].W_out
    Array([[0., 2.]], dtype=float32)
    """
    w, stream = Weights(leaves, dtype), program.stream
    stops = [s.when if isinstance(s, Stop) else s.of for s in program.stops]
    W_stop, b_stop = w.wide().affine(stream, stops)
    feedback, span = program.feedback, _spans(stream)
    active = [feedback.active] if isinstance(feedback, Loop) else []
    W_active, b_active = w.affine(stream, active) if active else (None, None)
    carry, token = feedback.carry, isinstance(feedback, Token)
    rewrites = isinstance(feedback, Rewriting)
    marks = w.wide().affine(stream, feedback.marks) if rewrites else (None, None)
    return tf.Transformer(
        blocks=tuple(_block(layer, stream, w) for layer in program.layers),
        encoder=tuple(_block(layer, stream, w) for layer in program.encoder),
        W_E=tuple(w.directions(stream, [*target]) for _, target in carry) if token else (),
        W_U=tuple(w.affine(stream, [*source])[0] for source, _ in carry) if token else (),
        W_stop=W_stop,
        b_stop=b_stop,
        W_active=None if W_active is None else W_active[:, 0],
        b_active=None if b_active is None else b_active[0],
        W_marks=marks[0],
        b_marks=marks[1],
        stops=tuple(_threshold(stop, dtype) for stop in program.stops),
        positions=tuple((p, span(stream.registers[p.register])) for p in program.positions),
        feedback=_feedback(program),
        queue=_window(program.feedback, span),
        rewrites=type(feedback) if rewrites else None,
        carry=tuple((span(a), span(b)) for a, b in carry),
        emits=tuple(map(span, program.emits)),
        registers=tuple(map(span, stream.registers.values())),
        d_model=stream.width,
        dtype=w.dtype,
    )


def _feedback(program: Program) -> str:
    for kind, name in ((Token, "token"), (Vector, "vector"), (Loop, "loop"), (Queue, "queue")):
        if isinstance(program.feedback, kind):
            return name
    name = type(program.feedback).__name__
    raise ValueError(f"feedback {name}: the engine drives Token, Vector, Loop and Queue")


def _window(feedback: Feedback, span: Callable[[Register], tf.Span]) -> tf.Window | None:
    if not isinstance(feedback, Queue):
        return None
    return tf.Window(feedback.window, feedback.cells, span(feedback.full))


def _spans(stream: Stream) -> Callable[[Register], tf.Span]:
    def span(register: Register) -> tf.Span:
        place = stream.place(register)
        return tf.Span(register.name, register.kind, place.start, place.stop)

    return span


def _threshold(stop: Stop | Limit, dtype: str) -> tuple[Any, str, float]:
    if isinstance(stop, Stop):
        return stop.outcome, "above", 0.5
    bound = stop.bound(dtype)
    return stop.outcome, "beyond", float("inf") if bound is None else float(bound)


def _block(layer: Layer, stream: Stream, w: Weights) -> tf.Block:
    source = layer.norm.view if layer.norm is not None and layer.norm.view else stream
    by_activation: dict[Any, list[Neuron]] = {}
    for neuron in layer.neurons:
        by_activation.setdefault((neuron.activation, neuron.gate is not None), []).append(neuron)
    return tf.Block(
        heads=tuple(_head(head, source, stream, w) for head in layer.heads),
        mlps=tuple(_mlp(neurons, source, stream, w) for neurons in by_activation.values()),
        norm=None if layer.norm is None else _norm(layer.norm, stream, w),
        title=layer.title,
    )


def _head(head: Head, source: Stream, stream: Stream, w: Weights) -> tf.AttentionHead:
    # Keys and values of cross-attention are read from the encoder's rows, which have no view.
    told = stream if isinstance(head.visible, Prefix) else source
    address = None
    if head.address is not None:
        a = head.address
        address = tf.Address(*w.wide().affine(source, [a.read, a.write, a.null]))
    return tf.AttentionHead(
        *w.affine(source, head.query),
        *w.affine(told, head.key),
        *w.affine(told, head.value),
        w.directions(stream, [constant(form) for form in head.out]),
        address,
        head.name,
        head.rule,
        head.score,
        head.visible,
    )


def _mlp(neurons: list[Neuron], source: Stream, stream: Stream, w: Weights) -> tf.MLP:
    gates = [n.gate for n in neurons if n.gate is not None]
    W_gate, b_gate = w.affine(source, gates) if gates else (None, None)
    W_in, b_in = w.affine(source, [n.reads for n in neurons])
    W_out = w.directions(stream, [n.writes.affine for n in neurons])
    return tf.MLP(W_in, b_in, W_gate, b_gate, W_out, neurons[0].activation)


def _norm(norm: PreNorm, stream: Stream, w: Weights) -> tf.Norm:
    W, b = w.affine(stream, norm.project) if norm.view is not None else (None, None)
    return tf.Norm(W, b, norm.unit, float(norm.eps))


def rows(program: Program, named: Sequence[Any], dtype: Any) -> np.ndarray:
    """Rows given by their registers as the matrix [rows, d_model], without positions."""
    vectors = [[float(x) for x in program.stream.encode(row)] for row in named]
    return np.array(vectors, np.float64).reshape(len(named), program.stream.width).astype(dtype)
