# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     name: python3
# ---

# %% [markdown]
# # Where arithmetic stops
#
# A proof about transformers computes with real numbers; a computer rounds. So every simulation here
# has a *horizon*: a step after which its number format can no longer tell two scores apart. The
# library promises two things about it. Inside the claim no step is wrong. And a run that leaves
# the claim says so: its outcome is `out_of_precision`, never a wrong answer.
#
# This notebook takes the safety off, and looks at what happens then. After that it melts hard
# attention into softmax and asks how hot it may get.

# %%
import matplotlib.pyplot as plt
import numpy as np

import tmsim
from tmsim import viz
from tmsim.catalogue import find
from tmsim.measure.horizon import PATHS, horizon

tzamos = find("tzamos_2026")
{dtype: dict(limits) for dtype, limits in tzamos.claim.exact_to.items()}

# %% [markdown]
# `tzamos_2026` finds a cell by $2hw - w^2 = h^2 - (h - w)^2$, a difference of large squares: a
# match and its rival differ by 1 where both are about $h^2$. That is how far it claims to get. A
# machine that only runs to the right meets the limit soonest:

# %%
run = tmsim.simulate("right-mover", dtype="float32", max_steps=5000)
run

# %% [markdown]
# ## Without the safety
#
# `horizon` removes the stop, lets the transformer go on, and compares each step with the reference
# machine. The paths are four machines: one runs away, one sweeps to and fro over a growing tape,
# one counts in binary, and one is the 5-state busy beaver.

# %%
found = {
    "bfloat16": horizon(tzamos, "bfloat16", 400),
    "float16": horizon(tzamos, "float16", 400),
    "float32": horizon(tzamos, "float32", 3000, paths=PATHS[:1]),
}
for dtype, paths in found.items():
    for path in paths:
        outcome = f"first wrong step {path.first_wrong:,}" if path.first_wrong else "none wrong"
        print(f"{dtype:9} {path.path:15} {outcome} (of {path.tried:,})")

# %% [markdown]
# The docstring of the construction proves that rounding cannot matter while
# $16\,u\,p^2 \le \tfrac12$, where $u$ is the unit roundoff of the format and $p$ the farthest
# position, so $p \le 1/\sqrt{32u}$. The machine that runs to the right is at position $t$ after $t$
# steps: its first wrong step can be held against the bound.

# %%
BITS = {"bfloat16": 8, "float16": 11, "float32": 24}  # of the mantissa: u = 2^-bits
u = np.array([2.0 ** -BITS[dtype] for dtype in found])
safe = 1 / np.sqrt(32 * u)
measured = np.array([paths[0].first_wrong for paths in found.values()])

_, ax = plt.subplots(figsize=(6, 3.8), layout="constrained")
ax.loglog(u, safe, "--", color="#0072B2", label=r"proved safe: $1/\sqrt{32u}$")
ax.loglog(u, measured, "o", color="#D55E00", label="first wrong step")
for x, y, dtype in zip(u, measured, found, strict=True):
    ax.annotate(dtype, (x, y), (6, 6), textcoords="offset points")
ax.set(xlabel="unit roundoff $u$", ylabel="position on the tape", xlim=(None, 3e-2))
ax.legend()
plt.show()

{dtype: f"{m / s:.1f} times the bound" for dtype, m, s in zip(found, measured, safe, strict=True)}

# %% [markdown]
# The bound is safe in every format. How far beyond it the first error lies is luck: rounding errors
# need not be as bad as they can be. The construction's claim is a little inside the bound.
#
# How do the others fare? These horizons were measured before, and are kept beside each
# construction. Hollow marks are runs that ended without a wrong step. Constructions in which
# nothing is ever rounded have no horizon, and no row.

# %%
viz.horizons()
plt.show()

# %% [markdown]
# ## How hot may attention be?
#
# Hard attention takes the best row. Softmax with inverse temperature $\lambda$ takes a mean, with
# weights $\propto e^{\lambda s}$: where the best row leads by a gap $\gamma$, all $n - 1$ others
# together get at most
#
# $$(n - 1)\,e^{-\lambda\gamma}.$$
#
# Cold enough, this is below the unit roundoff, and the mean is the best row as far as the format
# can tell. `looped_tape` looks up its cells in attention over all of them. Its gap, and how many
# rows there are:

# %%
hard = tmsim.simulate("bb4", construction="looped_tape", dtype="float32")
gap, rows = hard.certificate.smallest_gap, hard.context
{"gap": gap, "rows": rows}

# %%
TEMPERATURES = (4, 8, 12, 16, 20, 24, 32)


def softened(coldness, dtype):
    """How many steps are right when softmax stands for every hard rule."""
    run = tmsim.simulate("bb4", construction="looped_tape", dtype=dtype, rule=f"softmax:{coldness}")
    return run.steps if run.matches_reference else run.trace.differs(hard.trace)


steps = {dtype: [softened(c, dtype) for c in TEMPERATURES] for dtype in ("bfloat16", "float32")}
steps

# %%
_, ax = plt.subplots(figsize=(6, 3.8), layout="constrained")
styles = (("#009E73", "s", 9), ("#D55E00", "o", 4))
for (dtype, right), (colour, mark, size) in zip(steps.items(), styles, strict=True):
    below = (np.log(rows - 1) + BITS[dtype] * np.log(2)) / gap
    ax.plot(TEMPERATURES, right, mark + "-", markersize=size, color=colour, label=dtype)
    ax.axvline(below, color=colour, linestyle=":", label=f"{dtype}: the others get less than $u$")
ax.set(xlabel=r"inverse temperature $\lambda$", ylabel="right steps of the 4-state busy beaver")
ax.legend(fontsize="small")
plt.show()

# %% [markdown]
# There is nothing between wrong from the start and right to the end: errors of a mean are fed
# back, and either they are rounded away in every pass or they grow. A coarse format does not help
# as much as its line promises: $1 - u$ is rounded to 1 there, but a leak into a register that
# should hold 0 stays what it is, since small numbers have small roundoff. And $\lambda$ has to grow
# with $\ln n$, however slowly. This is why `brosamle_2026` claims softmax with
# $\lambda = \lambda_0 + \lambda_1 \ln n$:

# %%
[str(rule) for rule in find("brosamle_2026").claim.rules]

# %% [markdown]
# ## Try
#
# The proof of `wei_2021` writes positions in binary, so that no number in it is large. Give
# `horizon(find("wei_2021"), "bfloat16", 300)` the chance to fail. Then find its threshold of
# $\lambda$, and how that moves with the number of steps: its context grows with the run.
