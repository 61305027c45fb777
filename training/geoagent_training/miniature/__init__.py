"""A miniature of the paper: a drawn world, a tiny model, SFT, GRPO, and the table of ablations."""
