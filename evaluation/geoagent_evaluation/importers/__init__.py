"""Predictions that others have published, in whatever shape, as our `predictions.jsonl`."""
