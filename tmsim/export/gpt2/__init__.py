"""A token-feedback transformer as the weights of GPT-2, a class that other libraries run."""
