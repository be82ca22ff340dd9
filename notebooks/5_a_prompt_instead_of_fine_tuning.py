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
# # A prompt instead of fine-tuning
#
# A claim (A. Sharma, 2025, arXiv 2506.08060): a base transformer with a dataset in its prompt
# behaves like the model that was fine-tuned on this dataset, within total variation $\varepsilon$
# and with probability $1 - \delta$, given enough examples. How many are enough? The abstract
# states, for texts over $V$ tokens in $m$ contexts,
#
# $$n = \frac{mV}{\varepsilon^2}\ln\frac{m}{\delta}, \qquad\text{and in a bounded context}\qquad
#   n = \frac{l \ln V}{\varepsilon^2}\ln\frac1\delta.$$
#
# Here the base is a transformer that we can read: the induction head of `olsson_2022`, whose
# weights were written by hand. With the data in its prompt it answers with what followed before.

# %%
import jax
import matplotlib.pyplot as plt
import numpy as np

from tmsim.catalogue import find
from tmsim.elicit import sources
from tmsim.elicit.base import next_token
from tmsim.elicit.bounds import claims
from tmsim.elicit.bounds import table as bounds
from tmsim.elicit.bounds.text import bretagnolle_huber_carol, gaussian
from tmsim.elicit.distance import expected_total_variation, total_variation
from tmsim.elicit.prompts import answer, text_prompt
from tmsim.elicit.tasks.text import TextTask

base = find("olsson_2022")
CONTEXT = 0  # there is one, m = 1


def distances(p, n, trials, longest=None):
    """TV(answer, p) [trials], where each trial has n examples drawn from p in its prompt."""
    V = len(p)
    data = TextTask.balanced(p[None]).sample_each(jax.random.key(n), n * trials)
    contexts, tokens = data.contexts.reshape(trials, n), data.tokens.reshape(trials, n, 1)
    prompts = np.stack(
        [text_prompt(c, t, CONTEXT, V, 1) for c, t in zip(contexts, tokens, strict=True)]
    )
    # Nothing in front up to one length: all sizes share one compiled program.
    missing = 0 if longest is None else 2 * (longest - n)
    prompts = np.pad(prompts, ((0, 0), (missing, 0)), constant_values=-1)
    return total_variation(answer(next_token(base, prompts, V + 1, answers=V), V), p)


text_prompt([0, 0, 0], [[5], [2], [5]], CONTEXT, 16, 1).tolist()

# %% [markdown]
# That is a prompt with three examples over 16 tokens: the context (token 16) and what followed it,
# three times, and the context again. What comes next?
#
# ## Distance against examples
#
# Total variation is the largest difference in probability that the two distributions give to any
# event. The answer of the induction head is a ratio of counts, so its expected distance to the
# truth has an exact formula (de Moivre's), to which the transformer can be held:

# %%
V, TRIALS = 16, 60
p = sources.zipf(V)
sizes = np.array([2**k for k in range(2, 11)])
tv = np.array([distances(p, int(n), TRIALS, longest=int(sizes[-1])) for n in sizes])
exact = np.array([expected_total_variation(p, int(n)) for n in sizes])

_, ax = plt.subplots(figsize=(6.5, 4), layout="constrained")
low, high = np.quantile(tv, [0.05, 0.95], axis=1)
ax.fill_between(sizes, low, high, color="#CCE5F5", label="90 of 100 trials")
ax.loglog(sizes, tv.mean(1), "o", color="#0072B2", label="measured mean")
ax.loglog(sizes, exact, "-", color="#222222", label="exact expectation")
bound = np.sqrt((V - 1) / sizes) / 2
ax.loglog(sizes, bound, ":", color="#D55E00", label=r"bound: $\sqrt{(V-1)/n}\,/\,2$")
ax.set(xlabel="examples $n$ in the prompt", ylabel="total variation to the truth")
ax.legend()
plt.show()

for n, mean, expected in zip(sizes, tv.mean(1), exact, strict=True):
    print(f"{n:5} examples: measured {mean:.3f}, expected {expected:.3f}")

# %% [markdown]
# The slope is $-\tfrac12$: for half the distance, four times the examples. This is what a count can
# do, and no prompt makes it better.
#
# ## How many are enough?
#
# For $\varepsilon = 0.1$ and $\delta = 0.05$: what is stated, what is proved to be enough, about
# how many it takes, and what is necessary for any learner.

# %%
EPSILON, DELTA = 0.1, 0.05
for row in bounds.text(V, 1, 1, EPSILON, DELTA, trials=None):
    size = "-" if row.n is None else f"{row.n:,.0f}"
    print(f"{row.kind:12} {row.name:24} {size:>7}   {row.formula}")

# %% [markdown]
# At the size that is proved to be enough (Bretagnolle, Huber and Carol), at most a fraction
# $\delta$ of the prompts may fail:

# %%
enough = int(np.ceil(bretagnolle_huber_carol(V, 1, EPSILON, DELTA)))
failed = (distances(sources.uniform(V), enough, 400) > EPSILON).mean()
f"{enough} examples: {failed:.2%} of the prompts failed, {DELTA:.0%} were allowed"

# %% [markdown]
# ## The logarithm is too good to be true
#
# The second size stated grows with $\ln V$. But a count has $V$ numbers to learn. With more tokens,
# put as many examples as that formula asks for into the prompt:

# %%
print("    V  stated  enough   mean TV  failed")
for vocabulary in (16, 64, 256):
    uniform = sources.uniform(vocabulary)
    n = int(np.ceil(claims.text_of_fixed_length(vocabulary, 1, EPSILON, DELTA)))
    found = distances(uniform, n, 40)
    needed = gaussian(uniform, 1, EPSILON, DELTA)
    print(f"{vocabulary:5}{n:8,}{needed:8,.0f}{found.mean():10.3f}{(found > EPSILON).mean():8.0%}")

# %% [markdown]
# For small vocabularies the stated size is plenty, for large ones every prompt fails, and no
# constant in front of $\ln V$ would help for long. (It is the right size for another question: the
# greatest error of a *single* probability.)

# %% [markdown]
# ## Try
#
# Take `sources.zipf(256)` in place of the uniform distribution: rare tokens cost little, so fewer
# examples do. Then run the whole study, all experiments with their figures:
# `tmsim experiment all`. What the theorem says and what was measured is in
# `docs/pages/elicitation.md`.
