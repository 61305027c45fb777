"""Sources of evidence: one file each, from what is observed to log P(observation | town)."""
