"""Elicitation: a base transformer with a dataset in its prompt, against the fine-tuned model.

The claim under test is that of A. Sharma, "Eliciting Fine-Tuned Transformer Capabilities via
Inference-Time Techniques", 2025 (arXiv 2506.08060): the two next-token distributions are within
total variation ε with probability 1 − δ, given enough examples. `sources` and `tasks` make data,
`distance` and `intervals` measure, `bounds` says how many examples each theorem asks for.
"""
