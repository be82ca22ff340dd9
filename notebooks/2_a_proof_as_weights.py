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
# # Reading a proof as weights, layer by layer
#
# A transformer that somebody trained is hard to read: nobody knows what its coordinates mean. This
# one was written by a proof, so that every coordinate of its residual stream has a name and every
# weight a reason. We follow one run of the 3-state busy beaver through all of its layers, and at
# the end compute the whole network again with a few lines of NumPy.

# %%
import matplotlib.pyplot as plt
import numpy as np

import tmsim
from tmsim import viz
from tmsim.catalogue import find

find("tzamos_2026")

# %% [markdown]
# That is the proof, for a small machine: its registers, and the equations of its three layers. A
# row of the context is a token, and a token is a step of the machine: the state that was entered,
# the symbol written and the move made. There is no tape anywhere. *What is under the head?* has to
# be answered by looking back at what was written.

# %%
run = tmsim.simulate("bb3", activations=("all",))
run

# %% [markdown]
# ## Layer 1: where is the head?
#
# Row $t$ knows only its own move, $-1$, $0$ or $+1$. A head whose scores are all equal takes the
# mean of all moves so far, and a neuron multiplies it by their count:
#
# $$\mathrm{mean}_t = \frac{1}{t+1}\sum_{j \le t} \mathrm{move}_j, \qquad
#   \mathrm{here}_t = \mathrm{mean}_t \cdot (t + 1).$$
#
# The head needs no query and no key. Its value is "moved right minus moved left":

# %%
viz.weights(run, "blocks.0.attn.mean[0].W_V")
plt.show()

# %% [markdown]
# After the layer every row knows where its head is. `moved[0][0]` is a move to the left,
# `moved[0][2]` one to the right; `[0]` says that all this is about tape 0.

# %%
viz.registers(run, "blocks.0.resid_post", ["moved[0]", "count", "mean[0]", "here[0]"])
plt.show()

# %% [markdown]
# ## Layer 2: squares
#
# The next layer has no heads, only neurons. For what comes it needs squares, and a gated neuron
# makes them: $x^2 = \max(x, 0)\cdot x + \max(-x, 0)\cdot(-x)$. It squares two positions, that of
# the head *now* (`here`) and that of the cell which the row *wrote* (`there`, where the head stood
# before it moved).

# %%
viz.weights(run, "blocks.1.mlp.0.W_in")
plt.show()

# %% [markdown]
# ## Layer 3: the latest write under the head
#
# Now the trick of the proof. Row $t$ asks with $(2\,\mathrm{here}, 2, \dots)$, and row $j$ answers
# with $(2\,\mathrm{there}, -\mathrm{there}^2, \dots)$. Their product is, twice,
#
# $$2\,\mathrm{here}_t\,\mathrm{there}_j - \mathrm{there}_j^2
#   = \mathrm{here}_t^2 - (\mathrm{here}_t - \mathrm{there}_j)^2,$$
#
# which is greatest exactly where row $j$ wrote the cell that row $t$ stands on. Among those the
# latest row is chosen. The third coordinate belongs to row 0, which wrote nothing: it is what a row
# sees whose cell was never written, and its value is the blank.

# %%
viz.weights(run, "blocks.2.attn.latest[0].W_K")
plt.show()
viz.attention(run, "blocks.2.attn.latest[0]")
plt.show()

# %% [markdown]
# The formula can be held against the scores that the transformer computed, on every pair of rows
# but those of row 0:

# %%
from tmsim.export.rebuilding import rebuilt

transformer = rebuilt(run).weights
place = {register.name: register.start for register in transformer.registers}
stream = run.activations["blocks.2.resid_pre"]
scores = run.activations["blocks.2.attn.latest[0].pattern"]

here = stream[:, place["here[0]"]]
moved = stream[:, place["moved[0]"] : place["moved[0]"] + 3]
there = here - (moved[:, 2] - moved[:, 0])
formula = 2 * (here[:, None] ** 2 - (here[:, None] - there[None]) ** 2)

pairs = np.tril(np.ones_like(scores, bool))
pairs[:, 0] = False
f"the greatest difference over {pairs.sum()} pairs: {abs(scores - formula)[pairs].max():.1e}"

# %% [markdown]
# ## The transition table
#
# What is left is $\delta$, one neuron for each pair of a state and a symbol:
# $\max(\mathrm{state}_q + \mathrm{read}_a - 1, 0)$ is 1 for the pair that is there, and 0 for every
# other. Its output weights write the next state, the symbol and the move.

# %%
mlp = transformer.blocks[2].mlps[0]
middle = run.activations["blocks.2.resid_mid"]
neurons = np.maximum(middle @ np.asarray(mlp.W_in) + np.asarray(mlp.b_in), 0)
{"neurons": neurons.shape[1], "active on each row": sorted(set((neurons > 0.5).sum(1).tolist()))}

# %%
viz.registers(run, "blocks.2.resid_post", ["state", "read[0]", "next_state", "write[0]", "move[0]"])
plt.show()

# %% [markdown]
# Read a column from top to bottom: in this state, reading this symbol, the machine goes to that
# state, writes and moves. The token is the greatest logit of each of the three; it is fed back as
# the next row, and the tape that nobody stored goes on.
#
# ## All of it, by hand
#
# Nothing else happens. Here is the network again, without a library for transformers, from the
# tokens of the run to the residual stream after the last layer:


# %%
def affine(x, W, b):
    return x @ np.asarray(W) + np.asarray(b)


def gated(x, mlp):
    after = np.maximum(affine(x, mlp.W_in, mlp.b_in), 0)
    if mlp.W_gate is not None:
        after = after * affine(x, mlp.W_gate, mlp.b_gate)
    return x + after @ np.asarray(mlp.W_out)


x = run.activations["blocks.0.resid_pre"].copy()  # tokens and the row's number: nothing else yet
first, second, third = transformer.blocks

head = first.heads[0]  # the mean over the past
value = affine(x, head.W_V, head.b_V)
count = np.arange(1, len(x) + 1)[:, None]
x = gated(x + value.cumsum(0) / count @ np.asarray(head.W_O), first.mlps[0])

x = gated(x, second.mlps[0])  # squares

head = third.heads[0]  # the latest row within 1/2 of the best score
score = affine(x, head.W_Q, head.b_Q) @ affine(x, head.W_K, head.b_K).T
score[~np.tril(np.ones_like(score, bool))] = -np.inf
near = score >= score.max(1, keepdims=True) - 0.5
latest = len(x) - 1 - near[:, ::-1].argmax(1)
x = gated(x + affine(x, head.W_V, head.b_V)[latest] @ np.asarray(head.W_O), third.mlps[0])

own = run.activations["blocks.2.resid_post"]
f"the greatest difference to the transformer's own stream: {abs(x - own).max():.1e}"

# %% [markdown]
# ## Try
#
# Change the line `near = ...` so that the *earliest* best row is chosen instead of the latest
# (`latest = near.argmax(1)`), and see at which row the stream first differs: there the machine is
# back on a cell where its first and its latest writing are not the same. Then ask another proof the
# same question, `find("wei_2021")`: it has no squares, and looks for the latest write bit by bit.
