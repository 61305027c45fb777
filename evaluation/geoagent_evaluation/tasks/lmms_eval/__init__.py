"""A task for lmms-eval, written into a folder for a manifest and its truth."""
