"""The decorator of every kernel, how it is launched, and how this process runs them."""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import torch
import triton

INTERPRETED: bool = triton.knobs.runtime.interpret
"""TRITON_INTERPRET as it was when the kernels were decorated: they run on CPU, in Python."""


def kernel(function: Callable[..., Any]) -> Any:
    """Return the Triton kernel, or device function, of a Python function."""
    return triton.jit(function)


def launch(compiled: Any, grid: tuple[int, ...], *arguments: Any, **constants: Any) -> None:
    """Start a kernel on the device of its first tensor.

    Triton alone starts it on the current device, which need not be that of the tensors. Products
    and sums are fused, whatever a version of Triton does by default: the tests allow for it.
    """
    device = next(value.device for value in arguments if isinstance(value, torch.Tensor))
    with torch.cuda.device(device) if device.type == "cuda" else nullcontext():
        compiled[grid](*arguments, **constants, enable_fp_fusion=True)
