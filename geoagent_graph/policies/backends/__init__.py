"""How a language model is reached: a server, or this process."""
