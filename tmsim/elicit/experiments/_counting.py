"""What T1–T5 share: prompts of many trials at once, and the induction head's answers to them."""

from __future__ import annotations

from typing import NamedTuple

import jax
import numpy as np
from numpy.typing import NDArray

from tmsim.elicit.distance import total_variation
from tmsim.elicit.experiments._text import weights
from tmsim.elicit.measure import Readout
from tmsim.elicit.tasks.text import TextTask

HAIR = 1e-6  # the readout is float32: TV = ε is within ε also where it is rounded up
TOGETHER = 1 << 24  # tokens of prompts made at once


class Prompts(NamedTuple):
    """Examples of many trials: symbols [trials, 2n], contexts' and tokens' in turn."""

    symbols: NDArray[np.int32]
    V: int
    m: int

    def to_length(self, n: int) -> Prompts:
        """The same with nothing in front up to the length of n examples: one shape, one program."""
        short = 2 * n - self.symbols.shape[1]
        return self._replace(symbols=np.pad(self.symbols, ((0, 0), (short, 0)), constant_values=-1))


def balanced(key: jax.Array, task: TextTask, n: int, trials: int) -> Prompts:
    """Prompts of n examples of every context."""
    m = task.contexts
    data = task.sample_each(key, n * trials)
    contexts, tokens = (
        x.reshape(m, trials, n).swapaxes(0, 1) for x in (data.contexts, data.tokens[:, 0])
    )
    return _interleaved(contexts, tokens, task, trials)


def arriving(key: jax.Array, task: TextTask, n: int, trials: int) -> Prompts:
    """Prompts of n examples in all, whose contexts come up by the task's weights."""
    data = task.sample(key, n * trials)
    return _interleaved(data.contexts, data.tokens[:, 0], task, trials)


def _interleaved(contexts: np.ndarray, tokens: np.ndarray, task: TextTask, trials: int) -> Prompts:
    pairs = np.stack([contexts + task.vocabulary, tokens], -1).astype(np.int32)
    return Prompts(pairs.reshape(trials, -1), task.vocabulary, task.contexts)


def answers(prompts: Prompts) -> NDArray[np.float64]:
    """The model's next-token distributions in every context, [trials, m, V], simplex readout."""
    symbols, V, m = prompts
    trials, length = symbols.shape
    step = max(1, TOGETHER // (m * (length + 1)))
    found = []
    for start in range(0, trials, step):
        part = symbols[start : start + step]
        asked = np.empty((len(part), m, length + 1), np.int32)
        asked[..., :-1] = part[:, None]
        asked[..., -1] = V + np.arange(m)
        found.append(weights(asked.reshape(-1, length + 1), V, m).reshape(len(part), m, V))
    return Readout.simplex(np.concatenate(found))


def distances(prompts: Prompts, p: np.ndarray) -> NDArray[np.float64]:
    """TV of the model's answer to p [m, V], in every context: [trials, m]."""
    return total_variation(answers(prompts), p)
