"""The decorator of every kernel, and how this process runs them."""

from collections.abc import Callable
from typing import Any

import triton

INTERPRETED: bool = triton.knobs.runtime.interpret
"""TRITON_INTERPRET as it was when the kernels were decorated: they run on CPU, in Python."""


def kernel(function: Callable[..., Any]) -> Any:
    """Return the Triton kernel, or device function, of a Python function."""
    return triton.jit(function)
