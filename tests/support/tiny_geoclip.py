"""A GeoCLIP of random numbers in the real one's layout, tiny inside, and its rows of weights."""

import itertools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.weights.safetensors_file import tensor_bytes

HIDDEN = 16
SIGMAS = (1.0, 16.0, 256.0)


def tiny_geoclip(seed: int = 0) -> dict[str, NDArray[Any]]:
    """Return the tensors by name: three arms of 8 frequencies, a photo's head, the scale."""
    rng = np.random.default_rng(seed)

    def layer(prefix: str, inside: int, outside: int) -> dict[str, NDArray[Any]]:
        weight = rng.standard_normal((outside, inside)) / np.sqrt(inside)
        return {
            f"{prefix}.weight": weight.astype("<f4"),
            f"{prefix}.bias": rng.standard_normal(outside).astype("<f4"),
        }

    tensors: dict[str, NDArray[Any]] = {"logit_scale": np.array(3.5, "<f4")}
    for number, sigma in enumerate(SIGMAS):
        arm = f"location_encoder.LocEnc{number}"
        tensors[f"{arm}.capsule.0.b"] = (rng.standard_normal((8, 2)) * sigma).astype("<f4")
        sizes = (16, HIDDEN, HIDDEN, HIDDEN)
        for position, (inside, outside) in enumerate(itertools.pairwise(sizes)):
            tensors |= layer(f"{arm}.capsule.{2 * position + 1}", inside, outside)
        tensors |= layer(f"{arm}.head.0", HIDDEN, 512)
    tensors |= layer("image_head.0", 768, HIDDEN) | layer("image_head.2", HIDDEN, 512)
    return tensors


def tiny_geoclip_file(seed: int = 0) -> bytes:
    """Return the safetensors file of `tiny_geoclip`."""
    return tensor_bytes(tiny_geoclip(seed))
