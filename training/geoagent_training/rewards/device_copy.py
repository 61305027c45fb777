"""Arrays brought to a device in one copy."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray

_ALIGNMENT_BYTES: Final = 16


def copy_together(arrays: Sequence[NDArray[Any]], device: torch.device) -> list[torch.Tensor]:
    """Return the arrays as tensors on a device; all of them travel in one copy.

    On a CPU nothing is copied where an array is contiguous.
    """
    tensors = [torch.from_numpy(np.ascontiguousarray(array)) for array in arrays]
    if device.type == "cpu":
        return tensors
    packed = pack_bytes(tensors, pinned=device.type == "cuda")
    return unpack_bytes(packed.to(device, non_blocking=True), tensors)


def pack_bytes(tensors: Sequence[torch.Tensor], *, pinned: bool = False) -> torch.Tensor:
    """Return the bytes of tensors one after the other, each aligned for the widest load.

    Pinned memory is copied to a GPU while the CPU goes on; PyTorch keeps it until that is done.
    """
    size_bytes = sum(map(_size_with_padding, tensors))
    packed = torch.zeros(size_bytes, dtype=torch.uint8, pin_memory=pinned)
    start = 0
    for tensor in tensors:
        size = tensor.numel() * tensor.element_size()
        packed[start : start + size] = tensor.reshape(-1).view(torch.uint8)
        start += _size_with_padding(tensor)
    return packed


def unpack_bytes(packed: torch.Tensor, like: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    """Return views of packed bytes, with the types and shapes of the tensors that were packed."""
    views, start = [], 0
    for tensor in like:
        size = tensor.numel() * tensor.element_size()
        views.append(packed[start : start + size].view(tensor.dtype).view(tensor.shape))
        start += _size_with_padding(tensor)
    return views


def _size_with_padding(tensor: torch.Tensor) -> int:
    size = tensor.numel() * tensor.element_size()
    return -(-size // _ALIGNMENT_BYTES) * _ALIGNMENT_BYTES
