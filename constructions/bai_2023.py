"""Logistic regression in context: gradient descent with a sigmoid that is a sum of ReLUs.

Y. Bai, F. Chen, H. Wang, C. Xiong, S. Mei, "Transformers as Statisticians: Provable In-Context
Learning with In-Context Algorithm Selection", NeurIPS 2023 (arXiv 2306.04637): gradient descent on
convex risks whose derivative is approximated by sums of ReLUs.

paper | ∂ₛℓ(s, y) ≈ Σ c_m σ(a_m s + b_m y + d_m)      η/N           step t
here  | link - label, link = Σ slope[m]·max(s - t_m, 0)  rate · share  pass t

The layer before oswald_2023's three writes the link of each row's prediction: a piecewise linear
function through points of the sigmoid. From there on everything is as it was; the rows that are
summed have the error y - link in place of y - prediction.

Departures. (1) The paper's attention is ReLU attention, with the derivative's two arguments inside
the heads; here a feed-forward layer writes the link, and attention is linear. (2) The knots are at
even places, and the link is constant beyond the last. (3) As in oswald_2023, passes share their
weights, and momentum and decay are ours.

Precision. The weights compute descent with this link without error but for rounding; the claim is
64 units of roundoff per pass, for at most 64 knots. The link is within `tolerance` of the sigmoid
(tmsim.machines.models.logistic): 7.8e-4 for 64 knots, 6.6e-6 for 1024. A step moves the weights by
at most rate · tolerance · max ‖x‖ otherwise than the sigmoid's step would.
"""

from __future__ import annotations

from itertools import pairwise

from constructions._descent import ATTENTION, DescentConstruction, Registers, sizes
from tmsim.machines.models.descent import Descent
from tmsim.machines.models.logistic import Logistic, points
from tmsim.proofs import ONE, Bounds, Citation, Claim, Frame, Layer, Neuron, Register
from tmsim.proofs.affine import Expression, Leaves
from tmsim.proofs.claim import padded


def joined(r: Registers, chance: Register, knots: int) -> Layer:
    """The piecewise linear sigmoid: at each knot the slope changes."""
    known = points(knots)
    slopes = [(v - u) / (b - a) for (a, u), (b, v) in pairwise(known)]
    changes = [after - before for before, after in zip([0, *slopes], [*slopes, 0], strict=True)]
    bends = [
        Neuron(r.prediction - at, change * chance)
        for (at, _), change in zip(known, changes, strict=True)
    ]
    return Layer(
        "the chance of class 1",
        neurons=[*bends, Neuron(ONE, known[0][1] * chance)],
        ensures=lambda now: {"chance": now.link},
    )


def size(frame: Frame) -> dict[str, int]:
    """Four layers with one head of width d, for d features, fewer than Q steps, and M knots."""
    return sizes(frame, first=1, own=frame.symbols + 1)


class Bai2023(DescentConstruction):
    """A frame's `states` are the steps and one more, `symbols` the knots of the sigmoid (exactly),
    `tapes` the features, `bounds.cells` the rows for examples."""

    citation = Citation(
        ("Y. Bai", "F. Chen", "H. Wang", "C. Xiong", "S. Mei"),
        "Transformers as Statisticians: Provable In-Context Learning with In-Context Algorithm "
        "Selection", 2023, "NeurIPS", "2306.04637", "gradient descent on convex risks",
    )  # fmt: skip
    model = Logistic
    claim = Claim(
        statement="k passes are k steps of descent on the logistic loss, its sigmoid made of ReLUs",
        rules=(ATTENTION,),
        dtypes=("float64", "float32"),
        grows_with=("window(N)", "width(k)"),
        tokens_per_step="1 pass over N + 1 rows",
        size=size,
        ulps=64,
    )

    def frame(self, machine: Logistic, bounds: Bounds) -> Frame:
        return Frame(padded(len(machine.rates) + 1), machine.knots, machine.features, bounds)

    def link(self, r: Registers, frame: Frame) -> tuple[list[Layer], Expression]:
        chance = r.stream.scalar("chance")
        return [joined(r, chance, frame.symbols)], chance

    def leaves(self, machine: Descent, frame: Frame) -> Leaves:
        if isinstance(machine, Logistic) and machine.knots != frame.symbols:
            raise ValueError(
                f"{machine.knots} knots: expected {frame.symbols}, the frame's symbols"
            )
        return super().leaves(machine, frame)
