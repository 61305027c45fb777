"""Which engine computes a call: Triton for CUDA tensors, the float64 reference for the others."""

import functools
import importlib
from types import ModuleType
from typing import Literal

import torch

Engine = Literal["auto", "triton", "reference"]
"""`auto` follows the device; the other two force an engine (tests, comparisons)."""


def backend(device: torch.device | str = "cpu") -> Literal["triton", "reference"]:
    """Return the engine that `auto` picks for tensors on `device`.

    Under `TRITON_INTERPRET=1` (set before the first import of triton) CPU tensors run the Triton
    source in Triton's interpreter.

    Raises:
        ModuleNotFoundError: if `device` is a GPU and triton is not installed.
    """
    if torch.device(device).type == "cuda":
        if _triton_module() is None:
            raise ModuleNotFoundError("CUDA tensors need triton: pip install triton", name="triton")
        return "triton"
    triton = _triton_module()
    return "triton" if triton is not None and triton.knobs.runtime.interpret else "reference"


def uses_triton(engine: Engine, **tensors: torch.Tensor) -> bool:
    """Return whether Triton computes a call on these named tensors.

    Raises:
        ValueError: if the tensors are on several devices, or `engine` cannot take their device.
    """
    first, *others = tensors
    device = tensors[first].device
    for name in others:
        if tensors[name].device != device:
            raise ValueError(f"{name} is on {tensors[name].device}, {first} on {device}")
    if engine == "reference":
        return False
    if engine == "auto":
        return backend(device) == "triton"
    if engine != "triton":
        raise ValueError(f"engine must be 'auto', 'triton' or 'reference', got {engine!r}")
    if backend(device) == "reference":
        raise ValueError(
            f"{first} is on {device}, which engine='triton' cannot run: move it to a CUDA device, "
            "or set TRITON_INTERPRET=1 before triton is imported"
        )
    return True


@functools.cache
def _triton_module() -> ModuleType | None:
    try:
        return importlib.import_module("triton")
    except ModuleNotFoundError:
        return None
