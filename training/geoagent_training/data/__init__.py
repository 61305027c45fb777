"""Training data: rows, readers, samplers, checks."""
