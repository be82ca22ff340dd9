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
# # The 5-state busy beaver, to its end
#
# How long can a machine with five states and two symbols run before it halts? The answer,
# proved only in 2024, is the number of steps of one little table. Here a transformer runs it, token
# by token, to the end. No token is skipped, and each is compared with the reference machine.

# %%
import matplotlib.pyplot as plt
import numpy as np

import tmsim
from tmsim import viz
from tmsim.machines import zoo

STEPS = zoo.load("bb5").steps  # all of them; fewer for a machine with little time
machine = tmsim.load("bb5").machine
print(f"{STEPS:,} steps")
machine

# %%
viz.state_diagram(machine)
plt.show()

# %% [markdown]
# ## The run
#
# Attention over 47 million rows would take the square of that many scores. But the proof says
# *which* row is attended to: the latest that wrote the cell. An index of that finds it at once,
# and is allowed only inside the claim, where the scores are known to choose the same row. Memory
# does not grow either: every block of tokens is checked, hashed and dropped.

# %%
run = tmsim.simulate("bb5", max_steps=STEPS)
run

# %% tags=["varies"]
f"{run.seconds:.0f} seconds, {run.tokens_per_second:,.0f} tokens a second"

# %% [markdown]
# The trace keeps its first million steps and the last thousand. A hash of all steps stands for the
# rest, taken after 1,000, 10,000, … of them, so that any other implementation can be compared:

# %%
print(run.verdict())
print(run.certificate)
run.hashes

# %% [markdown]
# The certificate is that of the whole run: how close any two scores came, and how clearly each
# token won.
#
# ## What it does
#
# The machine fills a stretch of tape, sweeping to and fro, and at each turn it does a little
# arithmetic on the stretch's length.

# %%
viz.space_time(tmsim.simulate("bb5", max_steps=15_000), pixels=(400, 400))
plt.show()

# %% [markdown]
# How far out has the head been, after $t$ steps? Sweeping over a stretch of length $\ell$ takes
# about $\ell$ steps, so a tape that grows by a fixed amount at each sweep grows as $\sqrt t$:

# %%
first = min(10**6, STEPS)
moves = np.array([step.moves[0] for step in run.trace.rows(0, first)])
head = np.concatenate([[0], np.cumsum(moves)])
reach = np.maximum.accumulate(head) - np.minimum.accumulate(head) + 1
time = np.arange(1, len(reach) + 1)
shown = np.unique(np.geomspace(1, len(reach), 400).astype(int)) - 1

_, ax = plt.subplots(figsize=(6.5, 4), layout="constrained")
ax.loglog(time[shown], reach[shown], color="#0072B2", label="cells visited")
ax.loglog(time[shown], np.sqrt(time[shown]), "--", color="#D55E00", label=r"$\sqrt{t}$")
ax.set(xlabel="step $t$", ylabel="cells visited")
ax.legend()
plt.show()

# %% [markdown]
# ## Try
#
# On a command line, `tmsim run bb5 --checkpoint bb5-run` does the same and saves as it goes: kill
# it, give the line again, and it goes on where it was. `tmsim audit bb5-run` then recomputes rows
# of it by dense attention over all earlier ones, millions of them, and compares. In this notebook,
# try `dtype="float32"`: how far does the busy beaver get before its precision ends?
