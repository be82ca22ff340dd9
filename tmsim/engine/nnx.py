"""The same weights as a flax.nnx module, for anyone who wants to train them."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from flax import nnx
from jax import Array

from tmsim.engine.drivers import Encoded, block_pass, place
from tmsim.engine.transformer import Transformer


class TransformerModule(nnx.Module):
    """A transformer whose arrays are `nnx.Param`s, in the order of the pytree's leaves.

    Calling it on rows [n, d_model] (without positions) gives the final stream [n, d_model].
    """

    def __init__(self, transformer: Transformer) -> None:
        leaves, self._structure = jax.tree.flatten(transformer)
        self.weights = nnx.List([nnx.Param(leaf) for leaf in leaves])

    @property
    def transformer(self) -> Transformer:
        """The current weights as a pytree that the engine runs."""
        return jax.tree.unflatten(self._structure, [weight[...] for weight in self.weights])

    def __call__(self, rows: Array) -> Array:
        t = self.transformer
        x = place(t, rows, jnp.arange(len(rows), dtype=jnp.int32))
        encoded = Encoded(jnp.zeros((0, t.d_model), rows.dtype), jnp.int32(0))
        for block in t.blocks:
            x, _ = block_pass(block, x, encoded)
        return x


def to_nnx(transformer: Transformer) -> TransformerModule:
    """The weights as a module; ``to_nnx(t).transformer`` is the way back.

    Heads that choose rows by comparing scores pass no gradient to W_Q and W_K; a softmax does.

    >>> import jax.numpy as jnp
    >>> from tmsim.engine.assemble import assemble
    >>> from tmsim.proofs import Layer, Neuron, Program, Stream, Vector
    >>> s = Stream(); x, y = s.scalar("x"), s.scalar("y")
    >>> p = Program(s, [Layer("y = 2x", neurons=[Neuron(x, 2 * y)])], [], Vector(()), [], [y])
    >>> to_nnx(assemble(p, {}, "float32"))(jnp.array([[3.0, 0.0]]))
    Array([[3., 6.]], dtype=float32)
    """
    return TransformerModule(transformer)
