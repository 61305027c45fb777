"""GeoCLIP's networks in numpy are those of torch: tiny random weights, the real ones if here."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from geoagent_graph.errors import ToolError
from geoagent_graph.perception.geoclip import FILE_NAME, GeoClip, equal_earth
from geoagent_graph.settings import load_settings
from geoagent_graph.weights.safetensors_file import map_tensors, tensor_bytes
from tests.support.tiny_geoclip import tiny_geoclip, tiny_geoclip_file

POINTS = np.array(
    [
        [90.0, 0.0], [-90.0, 10.0], [0.0, 0.0], [0.0, -180.0], [0.0, 179.999], [38.72, -9.14],
        [-33.9, 151.2], [71.0, 25.8], [35.7, 139.7], [1e-9, 1e-9],
    ]
)  # fmt: skip


def torch_embeddings(
    tensors: dict[str, NDArray[Any]], points: NDArray[np.float64], dtype: Any
) -> NDArray[Any]:
    """Return unit vectors by torch's own operations, in its own order of them."""
    torch = pytest.importorskip("torch")
    functional = torch.nn.functional
    lat, lon = torch.deg2rad(torch.tensor(points.T, dtype=dtype))
    root = torch.sqrt(torch.tensor(3.0, dtype=dtype))
    a1, a2, a3, a4 = 1.340264, -0.081106, 0.000893, 0.003796
    theta = torch.asin(root / 2 * torch.sin(lat))
    slope = 3 * (9 * a4 * theta**8 + 7 * a3 * theta**6 + 3 * a2 * theta**2 + a1)
    x = 2 * root * lon * torch.cos(theta) / slope
    y = a4 * theta**9 + a3 * theta**7 + a2 * theta**3 + a1 * theta
    at = torch.stack([x, y], dim=1) * 66.50336 / 180
    total = torch.zeros(len(points), 512, dtype=dtype)
    for number in range(3):
        arm = f"location_encoder.LocEnc{number}"

        def layer(values: Any, name: str, arm: str = arm) -> Any:
            weight = torch.tensor(tensors[f"{arm}.{name}.weight"].copy(), dtype=dtype)
            bias = torch.tensor(tensors[f"{arm}.{name}.bias"].copy(), dtype=dtype)
            return functional.linear(values, weight, bias)

        frequencies = torch.tensor(tensors[f"{arm}.capsule.0.b"].copy(), dtype=dtype)
        angles = 2 * np.pi * at @ frequencies.T
        values = torch.cat([torch.cos(angles), torch.sin(angles)], dim=-1)
        for position in (1, 3, 5):
            values = torch.relu(layer(values, f"capsule.{position}"))
        total += layer(values, "head.0")
    found: NDArray[Any] = functional.normalize(total, dim=1).numpy()
    return found


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / FILE_NAME).write_bytes(tiny_geoclip_file())
    return tmp_path / FILE_NAME


def test_points_are_embedded_as_torch_does(path: Path) -> None:
    torch = pytest.importorskip("torch")
    ours = GeoClip(path).embed_points(POINTS[:, 0], POINTS[:, 1])
    exact = torch_embeddings(tiny_geoclip(), POINTS, torch.float64)
    np.testing.assert_allclose(ours, exact, atol=2e-5)
    np.testing.assert_allclose(np.linalg.norm(ours, axis=1), 1.0, atol=1e-6)


def test_the_real_weights_give_what_torch_gives() -> None:
    torch = pytest.importorskip("torch")
    real = load_settings().weights_dir / "geoclip" / FILE_NAME
    if not real.is_file():
        pytest.skip("GeoCLIP is not pulled here")
    lat_deg = np.degrees(np.arcsin(np.linspace(-0.999, 0.999, 200)))
    points = np.concatenate([POINTS, np.stack([lat_deg, np.linspace(-180, 179, 200)], axis=1)])
    ours = GeoClip(real).embed_points(points[:, 0], points[:, 1])
    tensors = map_tensors(real)
    np.testing.assert_allclose(ours, torch_embeddings(tensors, points, torch.float64), atol=1e-4)
    np.testing.assert_allclose(ours, torch_embeddings(tensors, points, torch.float32), atol=1e-4)


def test_a_photo_goes_into_the_same_space(path: Path) -> None:
    tensors, model = tiny_geoclip(), GeoClip(path)
    features = np.random.default_rng(1).standard_normal((3, 768)).astype(np.float32)
    hidden = features @ tensors["image_head.0.weight"].T + tensors["image_head.0.bias"]
    wanted = np.maximum(hidden, 0) @ tensors["image_head.2.weight"].T + tensors["image_head.2.bias"]
    wanted /= np.linalg.norm(wanted, axis=1, keepdims=True)
    np.testing.assert_allclose(model.embed_photos(features), wanted, atol=1e-5)
    assert model.scale == pytest.approx(np.exp(3.5))


@pytest.mark.parametrize("features", [np.zeros((1, 512)), np.zeros(768), np.full((1, 768), np.nan)])
def test_features_that_are_none_are_refused(path: Path, features: NDArray[Any]) -> None:
    with pytest.raises(ToolError, match="GeoCLIP wants"):
        GeoClip(path).embed_photos(features.astype(np.float32))


def test_a_file_of_other_weights_is_refused(tmp_path: Path) -> None:
    for name in ("logit_scale", "location_encoder.LocEnc1.head.0.bias"):
        tensors = tiny_geoclip()
        del tensors[name]
        (tmp_path / FILE_NAME).write_bytes(tensor_bytes(tensors))
        with pytest.raises(ToolError, match="Pull geoclip again"):
            GeoClip(tmp_path / FILE_NAME)


def test_the_projection_keeps_areas() -> None:
    """A strip between two parallels has the area that it has on the sphere."""
    lat_deg = np.linspace(-89.9, 89.9, 4001)
    edge = equal_earth(lat_deg, np.full_like(lat_deg, 180.0))
    strips = (edge[1:, 0] + edge[:-1, 0]) / 2 * np.diff(edge[:, 1])
    on_sphere = np.diff(np.sin(np.radians(lat_deg)))
    np.testing.assert_allclose(strips / on_sphere, (strips / on_sphere).mean(), rtol=1e-3)
