"""How a proof is run: weights, attention, memories, drivers. It knows no Turing machine."""
