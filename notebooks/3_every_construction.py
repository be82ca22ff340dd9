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
# # One machine, every construction
#
# There are many proofs that transformers can compute, and they differ in what they take for
# granted: hard or soft attention, a growing context or a looped one, numbers of growing precision
# or small ones.
# Here one machine, the 4-state busy beaver, runs through those that can run it, and we compare what
# they cost.

# %%
import matplotlib.pyplot as plt
from IPython.display import Markdown

import tmsim
from tmsim import viz
from tmsim.catalogue import find
from tmsim.measure.comparison import compare

NAMES = (
    "looped_tape", "li_2025", "schuurmans_2024", "tzamos_2026", "perez_2021", "nowak_2024",
    "sharma_2025", "pencil_2025", "merrill_2024", "wei_2021",
)  # fmt: skip
machine = tmsim.load("bb4").machine
viz.state_diagram(machine)
plt.show()

# %% [markdown]
# Each is a paper. What it claims, and what its transformer has to grow with ($T$ steps, $S$ cells):

# %%
lines = ["| construction | year | statement | grows with |", "| --- | --- | --- | --- |"]
for name in NAMES:
    proof = find(name)
    grows = ", ".join(proof.claim.grows_with) or "nothing"
    lines.append(f"| `{name}` | {proof.citation.year} | {proof.claim.statement} | {grows} |")
Markdown("\n".join(lines))

# %% [markdown]
# ## The same run, ten times
#
# Every one of them decodes the machine token by token, and every step is held against the
# reference:

# %%
runs = {name: tmsim.simulate(machine, construction=name) for name in NAMES}
lines = ["| construction | verdict | tokens | context |", "| --- | --- | ---: | ---: |"]
for name, run in runs.items():
    lines.append(f"| `{name}` | {run.verdict()} | {run.tokens:,} | {run.context:,} |")
Markdown("\n".join(lines))

# %% [markdown]
# In some a token is a step. In `pencil_2025` the context is rewritten when it gets long, which
# takes tokens of its own and keeps it short. `li_2025` and `schuurmans_2024` have no tape at all:
# the machine is translated into a queue and into a rewriting system, and to reach a cell their
# string has to go round.
#
# ## Size against work
#
# `compare` counts what the text of each proof comes to for this machine: layers, weights, weights
# that are not 0, tokens a step, and the length of the largest number that can occur.

# %%
rows = compare(machine, NAMES)
lines = [
    "| construction | layers | d_model | weights | not 0 | tokens a step | longest number |",
    "| --- | ---: | ---: | ---: | ---: | ---: | --- |",
]
for row in rows:
    bits = f"{row.bits} bits" if row.bits.isdigit() else "no bound"
    lines.append(
        f"| `{row.construction}` | {row.layers} | {row.d_model} | {row.parameters:,} |"
        f" {row.nonzeros:,} | {row.tokens_per_step:.2f} | {bits} |"
    )
Markdown("\n".join(lines))

# %%
_, ax = plt.subplots(figsize=(7, 4.5), layout="constrained")
for place, row in enumerate(sorted(rows, key=lambda row: row.nonzeros)):
    bounded = row.bits.isdigit()
    ax.loglog(
        row.nonzeros, row.tokens_per_step, "o" if bounded else "^",
        color="#0072B2" if bounded else "#D55E00",
    )  # fmt: skip
    # Names of neighbours stand at different heights.
    ax.annotate(row.construction, (row.nonzeros, row.tokens_per_step), (4, 6 + 13 * (place % 3)),
                fontsize="small", textcoords="offset points")  # fmt: skip
ax.plot([], [], "o", color="#0072B2", label="numbers of bounded length")
ax.plot([], [], "^", color="#D55E00", label="numbers that grow with the run")
ax.set(xlabel="weights that are not 0", ylabel="tokens a step", ylim=(0.7, 120))
ax.set_xlim(right=6000)
ax.xaxis.set_minor_formatter("")
ax.legend(loc="upper left")
plt.show()

# %% [markdown]
# Who wants one token a step and no large numbers pays in weights (`wei_2021`) or works on all cells
# in every pass (`looped_tape`). Who wants few weights pays in precision.
#
# ## How far each number format carries them
#
# For each format: up to where the theorem's arithmetic is guaranteed; and the first failure that
# was found when the safety was off.

# %%
FORMATS = ("float32", "bfloat16", "float16")
lines = ["| construction | " + " | ".join(FORMATS) + " |", "| --- |" + " --- |" * len(FORMATS)]
for row in rows:
    told = (f"{row.dtypes[d][0]}; {row.dtypes[d][1]}" for d in FORMATS)
    lines.append(f"| `{row.construction}` | " + " | ".join(told) + " |")
Markdown("\n".join(lines))

# %% [markdown]
# ## Try
#
# `tmsim list` names the other constructions; some simulate other models (counter machines, SUBLEQ,
# learners) and run programs of their own. Add `"li_2026"` to `NAMES`, which has several queues, and
# see where it lands in the figure. Then take a machine that runs far, `"sweeper"`, and compare the
# contexts.
