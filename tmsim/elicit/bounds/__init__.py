"""How many examples: the claims as stated in the abstract, sharp bounds, lower bounds, verdicts."""
