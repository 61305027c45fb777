"""Figures of arrays: NumPy in, NumPy out, no files."""
