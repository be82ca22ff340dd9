"""Models that were really trained, with flax and optax: what in-context learning is held against.

`tabular` and `linear` are the convex cases, `causal` a small transformer that is pretrained on a
base distribution and then fine-tuned on the dataset.
"""
