"""Triton source of every kernel with its launcher; imported only when Triton computes a call.

Arguments come checked from the public functions. Offsets are int64, masks are on every load whose
block can pass the end, no result depends on the order in which programs run.
"""
