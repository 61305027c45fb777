"""GeoCLIP's two small networks in numpy: the embedding of a point on Earth, and a photo's head.

After Vivanco Cepeda, Nayak and Shah, "GeoCLIP" (arXiv 2309.16020): a point is projected by Equal
Earth, goes through random Fourier features of three widths, each with a network of its own, and the
three results are added. The head turns features of CLIP's image tower into the same space. Weights
come from `geoagent weights pull geoclip`; they stay on disk, so that processes share them.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.errors import ToolError
from geoagent_graph.weights.safetensors_file import map_tensors

DIMENSION: Final = 512
CLIP_DIMENSION: Final = 768
FILE_NAME: Final = "geoclip.safetensors"
_ARM: Final = re.compile(r"location_encoder\.LocEnc(\d+)\.capsule\.0\.b")
# Savric, Patterson and Jenny, "The Equal Earth map projection" (2018), equations 9 and 10.
_A1, _A2, _A3, _A4 = 1.340264, -0.081106, 0.000893, 0.003796
_SCALE: Final = 66.50336 / 180.0  # GeoCLIP's own: its networks were trained on these numbers

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Layer:
    weight: Floats  # [in, out]
    bias: Floats  # [out]

    def __call__(self, values: Floats) -> Floats:
        return values @ self.weight + self.bias


@dataclass(frozen=True, slots=True)
class _Arm:
    """One width of features: `frequencies` [256, 2], then layers with ReLU between them."""

    frequencies: NDArray[np.float64]
    layers: tuple[_Layer, ...]

    def __call__(self, projected: NDArray[np.float64]) -> Floats:
        # In double precision: the finest frequencies turn a point by hundreds of radians.
        angles = 2.0 * np.pi * projected @ self.frequencies.T
        features = np.concatenate([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
        return _run_layers(self.layers, features)


class GeoClip:
    """Embeddings of points and of photos, unit vectors whose cosine says how well they go together.

    `scale` is what the cosine is multiplied with before a softmax, as it was trained.
    """

    def __init__(self, path: Path) -> None:
        tensors = map_tensors(path)
        try:
            numbers = sorted(int(found[1]) for name in tensors if (found := _ARM.fullmatch(name)))
            self._arms = [_read_arm(tensors, f"location_encoder.LocEnc{n}") for n in numbers]
            self._head = _read_layers(tensors, "image_head", (0, 2))
            self.scale = float(np.exp(tensors["logit_scale"]))
        except KeyError as error:
            raise ToolError(f"{path}: has no {error}. Pull geoclip again.") from error
        if not self._arms or self._head[0].weight.shape[0] != CLIP_DIMENSION:
            raise ToolError(f"{path}: is not GeoCLIP. Pull geoclip again.")

    def embed_points(self, lat_deg: NDArray[np.float64], lon_deg: NDArray[np.float64]) -> Floats:
        """Return unit vectors of points in WGS84 degrees, shape [n, 512]."""
        projected = equal_earth(np.asarray(lat_deg), np.asarray(lon_deg))
        total = np.zeros((len(projected), DIMENSION), np.float32)
        for arm in self._arms:
            total += arm(projected)
        return _unit_vectors(total)

    def embed_photos(self, features: Floats) -> Floats:
        """Return unit vectors, [n, 512], of CLIP ViT-L/14's projected features, [n, 768].

        Raises:
            ToolError: the features have another shape, or are not finite.
        """
        if features.ndim != 2 or features.shape[1] != CLIP_DIMENSION:
            raise ToolError(f"GeoCLIP wants {CLIP_DIMENSION} features of a photo.")
        if not np.isfinite(features).all():
            raise ToolError("GeoCLIP wants features that are finite numbers.")
        return _unit_vectors(_run_layers(self._head, features.astype(np.float32)))


def equal_earth(lat_deg: NDArray[np.float64], lon_deg: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return points in the Equal Earth projection at GeoCLIP's scale, shape [n, 2] as x, y."""
    theta = np.arcsin(np.sqrt(3.0) / 2.0 * np.sin(np.radians(lat_deg)))
    theta2 = theta * theta
    theta6 = theta2**3
    slope = 9 * _A4 * theta6 * theta2 + 7 * _A3 * theta6 + 3 * _A2 * theta2 + _A1
    x = 2.0 * np.sqrt(3.0) / 3.0 * np.radians(lon_deg) * np.cos(theta) / slope
    y = theta * (_A1 + _A2 * theta2 + theta6 * (_A3 + _A4 * theta2))
    return np.stack([x, y], axis=1) * _SCALE


def _read_arm(tensors: dict[str, NDArray[Any]], prefix: str) -> _Arm:
    hidden = _read_layers(tensors, f"{prefix}.capsule", (1, 3, 5))
    head = _read_layers(tensors, f"{prefix}.head", (0,))
    return _Arm(tensors[f"{prefix}.capsule.0.b"].astype(np.float64), (*hidden, *head))


def _read_layers(
    tensors: dict[str, NDArray[Any]], prefix: str, numbers: tuple[int, ...]
) -> tuple[_Layer, ...]:
    return tuple(
        _Layer(tensors[f"{prefix}.{n}.weight"].T, tensors[f"{prefix}.{n}.bias"]) for n in numbers
    )


def _run_layers(layers: tuple[_Layer, ...], values: Floats) -> Floats:
    for layer in layers[:-1]:
        values = np.maximum(layer(values), np.float32(0.0))
    return layers[-1](values)


def _unit_vectors(values: Floats) -> Floats:
    lengths = np.linalg.norm(values, axis=1, keepdims=True)
    return np.asarray(values / np.maximum(lengths, np.float32(1e-12)), np.float32)
