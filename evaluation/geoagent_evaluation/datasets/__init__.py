"""Data sets that others have published: what each states, its check, and our files of it."""
