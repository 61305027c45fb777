"""Data sets that others have published: what each states, how it is checked, and our files of it."""
