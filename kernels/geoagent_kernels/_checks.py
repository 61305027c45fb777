"""Checks of arguments: every failure is a `ValueError` that names the argument."""

import math
from collections.abc import Sequence

import torch

COORDINATE_DTYPES = (torch.float32, torch.float64)
EMBEDDING_DTYPES = (torch.float32, torch.bfloat16, torch.float16)


def check_coordinates(name: str, latlon: torch.Tensor, *, dims: int | None = None) -> None:
    """Refuse anything but [..., 2] in float32 or float64 (bfloat16 steps 0.5 to 1 degree)."""
    _check_tensor(name, latlon)
    if latlon.dtype not in COORDINATE_DTYPES:
        raise ValueError(f"{name} must be float32 or float64 degrees, got {latlon.dtype}")
    if latlon.dim() == 0 or latlon.shape[-1] != 2:
        raise ValueError(f"{name} must end in an axis (lat, lon), got shape {list(latlon.shape)}")
    if dims is not None and latlon.dim() != dims:
        raise ValueError(f"{name} must have {dims} axes, got shape {list(latlon.shape)}")


def check_embeddings(name: str, embeddings: torch.Tensor, shape: Sequence[int | None]) -> None:
    """Refuse a dtype that is not fp32, bf16 or fp16, and any axis that differs from `shape`."""
    check_shape(name, embeddings, shape)
    if embeddings.dtype not in EMBEDDING_DTYPES:
        raise ValueError(f"{name} must be float32, bfloat16 or float16, got {embeddings.dtype}")


def check_numbers(name: str, values: torch.Tensor, shape: Sequence[int | None]) -> None:
    """Refuse a tensor that is not floating point or whose axes differ from `shape`."""
    check_shape(name, values, shape)
    if not values.dtype.is_floating_point:
        raise ValueError(f"{name} must be floating point, got {values.dtype}")


def check_shape(name: str, tensor: torch.Tensor, shape: Sequence[int | None]) -> None:
    """Refuse a tensor whose axes differ from `shape`; None stands for any size."""
    _check_tensor(name, tensor)
    same_rank = tensor.dim() == len(shape)
    if same_rank and all(w is None or w == s for w, s in zip(shape, tensor.shape, strict=True)):
        return
    wanted = ", ".join("any" if size is None else str(size) for size in shape)
    raise ValueError(f"{name} must have shape [{wanted}], got {list(tensor.shape)}")


def check_group_size(name: str, rows: int, group_size: int) -> None:
    """Refuse a group size that does not divide `rows`, the length of argument `name`."""
    if group_size < 1:
        raise ValueError(f"group_size must be at least 1, got {group_size}")
    if rows % group_size:
        raise ValueError(f"group_size {group_size} does not divide the {rows} rows of {name}")


def completions_per_target(name: str, rows: int, targets: int) -> int:
    """Return G where `rows` predictions share `targets` rows of argument `name`, G to each.

    Raises:
        ValueError: if `targets` does not divide `rows`.
    """
    if targets == rows:
        return 1
    if targets == 0 or rows == 0 or rows % targets:
        raise ValueError(f"{name} has {targets} rows, which does not divide {rows} predictions")
    return rows // targets


def check_positive(name: str, value: float, *, infinite: bool = False) -> None:
    """Refuse zero, negative numbers, NaN and (unless `infinite`) infinity."""
    if not value > 0 or (math.isinf(value) and not infinite):
        raise ValueError(f"{name} must be a positive number, got {value}")


def check_finite(name: str, values: Sequence[float], count: int | None = None) -> None:
    """Refuse non-finite numbers, and any other number of values than `count`."""
    if count is not None and len(values) != count:
        raise ValueError(f"{name} must hold {count} numbers, got {len(values)}")
    if not all(math.isfinite(value) for value in values):
        raise ValueError(f"{name} must be finite, got {tuple(values)}")


def check_neighbours(k: int, largest: int) -> None:
    """Refuse a number of neighbours outside 1..`largest`."""
    if not 1 <= k <= largest:
        raise ValueError(f"k must be from 1 to {largest}, got {k}")


def _check_tensor(name: str, value: object) -> None:
    if not isinstance(value, torch.Tensor):
        raise ValueError(f"{name} must be a torch.Tensor, got {type(value).__name__}")  # noqa: TRY004
