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
# # A first machine
#
# A busy beaver is a Turing machine that halts, and works as hard as its number of states allows.
# Here the one with 4 states runs inside a transformer whose weights were written by a proof.

# %%
import matplotlib.pyplot as plt

import tmsim
from tmsim import viz

run = tmsim.simulate("bb4")
run

# %% [markdown]
# Time goes down, the tape to the right: each line is the tape after one more step, dark where there
# is a 1, with the head on top.

# %%
viz.space_time(run)
plt.show()

# %% [markdown]
# The machine itself is a small table. Its arrows say what is read, what is written, and the move:

# %%
viz.state_diagram(run.machine)
plt.show()

# %% [markdown]
# The state, the symbol written and the move of every step were decoded as tokens. The first five:

# %%
run.trace.rows(0, 5)

# %% [markdown]
# The same machine in five proofs: on the cells of a tape, in an encoder and decoder, in a context
# that is rewritten, on a queue, and as a rewriting system. `matches_reference` compares each step
# with the reference machine.

# %%
five = ("looped_tape", "wei_2021", "pencil_2025", "li_2025", "schuurmans_2024")
{name: tmsim.simulate("bb4", construction=name).matches_reference for name in five}

# %% [markdown]
# A lemma states what a layer's registers hold on every row. All of them, in exact arithmetic:

# %%
from tmsim.catalogue import find

machine = tmsim.load("bb4").machine
{name: tmsim.check_lemmas(find(name), machine) for name in five[:3]}

# %% [markdown]
# `None` is good news: no register on any row holds anything else than its lemma says.
#
# Where does attention look? Row $t$ attends to the latest row that wrote the cell under its head.
# There is no tape in this transformer: what is on the tape is what the past has written.

# %%
name = "blocks.2.attn.latest[0]"
viz.attention(tmsim.simulate("bb4", activations=(f"{name}.pattern",)), name)
plt.show()

# %% [markdown]
# ## Try
#
# Run a machine of your own: `tmsim.simulate("1RB1LC_1RC1RB_1RD0LE_1LA1LD_1RZ0LA", max_steps=1000)`
# takes a machine as text (a group for each state: symbol, move, next state). The next notebook
# opens the transformer and reads its weights.
