"""Linear self-attention descends the gradient: k layers are k steps of least squares, exactly.

J. von Oswald, E. Niklasson, E. Randazzo, J. Sacramento, A. Mordvintsev, A. Zhmoginov,
M. Vladymyrov, "Transformers Learn In-Context by Gradient Descent", ICML 2023 (arXiv 2212.07677),
Proposition 1.

paper | token (x, y - Wx)       W_K, W_Q select x   η/N                     test token (x, -Wx)
here  | feature, label,         key, feature        rate · share, η · 1/N   query: prediction = Wx,
      | prediction = Wx                                                     key = 0

Linear attention sums (y - ⟨w, x⟩)·⟨x, x'⟩ over the examples x, as seen from the row of x'. That is
-N times the gradient's product with x', so each row can follow the weights by what they say of it.
The loop's pass is the paper's layer; passes share their weights, except that each step has a rate
of its own. Rows are told 1/N, and rate · share is the paper's η/N.

Departures. (1) The paper ties no weights; here they are tied, and the rates stand in a table that
the row's clock reads (its recurrent transformer ties them too). (2) Labels are numbers, not
vectors. (3) Momentum (also Nesterov's) and weight decay are ours: one more number a row, and a term
in the gradient. They are those of optax.sgd and of
optax.chain(optax.add_decayed_weights(decay), optax.sgd(rate, momentum)). (4) The query has no key:
the paper's test token enters the sum with its own prediction as its error. (5) A class is read off
each step: does the prediction exceed a threshold?

Precision. Nothing in the proof is rounded; its numbers are. Per pass and row the claim is 64
units of roundoff. Over up to 100 steps, for rates below 2/λ (λ the largest eigenvalue of the mean
x xᵀ, plus the decay; with momentum a third of that) and a momentum up to 0.9, predictions are
within 2e-5 (float32) and 1e-12 (float64) of optax's in ‖w‖‖x‖; measured, 1.6e-6 and 3.4e-15 at
most. Beyond, errors grow with the steps: a momentum of 0.99 and 1,000 steps gave 7.1e-5 in float32.
Pointwise nothing can be said where x is nearly orthogonal to w.
"""

from __future__ import annotations

from constructions._descent import ATTENTION, DescentConstruction, Registers, sizes
from tmsim.machines.models.least_squares import LeastSquares
from tmsim.proofs import Bounds, Citation, Claim, Frame, Layer
from tmsim.proofs.affine import Expression
from tmsim.proofs.claim import padded


def size(frame: Frame) -> dict[str, int]:
    """Three layers with one head of width d, for d features and fewer than Q steps."""
    return sizes(frame, first=0, own=0)


class Oswald2023(DescentConstruction):
    """A frame's `states` are the steps and one more, `tapes` the features, `bounds.cells` the rows
    for examples; it has no symbols (2 stands for none)."""

    citation = Citation(
        ("J. von Oswald", "E. Niklasson", "E. Randazzo", "J. Sacramento", "A. Mordvintsev",
         "A. Zhmoginov", "M. Vladymyrov"),
        "Transformers Learn In-Context by Gradient Descent", 2023, "ICML", "2212.07677",
        "Proposition 1",
    )  # fmt: skip
    model = LeastSquares
    claim = Claim(
        statement="k layers of linear attention are k steps of gradient descent on least squares",
        rules=(ATTENTION,),
        dtypes=("float64", "float32"),
        grows_with=("window(N)", "width(k)"),
        tokens_per_step="1 pass over N + 1 rows",
        size=size,
        ulps=64,
    )

    def frame(self, machine: LeastSquares, bounds: Bounds) -> Frame:
        return Frame(padded(len(machine.rates) + 1), 2, machine.features, bounds)

    def link(self, r: Registers, frame: Frame) -> tuple[list[Layer], Expression]:
        return [], r.prediction
