"""Types of the fixtures of the kernel tests."""

from collections.abc import Callable
from typing import Any

import torch

Globe = Callable[..., torch.Tensor]
"""`globe(count, seed, dtype)`: points all over the globe."""

Both = Callable[..., tuple[Any, Any]]
"""`both(function, *args, **named)`: what the function gives on Triton and on the reference."""

DistanceCheck = Callable[[torch.Tensor, torch.Tensor], None]
"""`assert_distances(got_km, wanted_km)`: fails where they differ by more than the bound."""
