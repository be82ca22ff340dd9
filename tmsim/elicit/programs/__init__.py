"""Learning algorithms as Turing machines: what the prompt of a universal transformer can hold."""
