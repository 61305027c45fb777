"""Features of image towers are those of transformers' own classes, from a folder of weights."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from geoagent_graph.errors import InputError, ToolError
from geoagent_graph.installation import extra_command
from geoagent_graph.perception import tower_encoder
from geoagent_graph.perception.geoclip import GeoClip
from geoagent_graph.perception.tower_encoder import GeoClipEncoder, TowerEncoder
from geoagent_graph.perception.tower_folder import find_tower
from tests.support.tiny_geoclip import tiny_geoclip_file
from tests.support.tiny_towers import (
    random_photos,
    reference_features,
    save_clip,
    save_dinov2,
    save_siglip,
    write_onnx_tower,
)
from tests.support.weight_rows import digest

PHOTOS = random_photos((40, 30), (17, 61), (16, 16), (90, 20), (33, 33), (8, 9), (64, 48),
                       (20, 20), (30, 70))  # fmt: skip
SAVERS: dict[str, Callable[[Path], Any]] = {
    "clip": save_clip, "siglip2": save_siglip, "dinov2": save_dinov2,
}  # fmt: skip


@pytest.mark.parametrize("kind", SAVERS)
def test_features_are_those_of_transformers(kind: str, tmp_path: Path) -> None:
    tower = SAVERS[kind](tmp_path)
    encoder = TowerEncoder(find_tower(tmp_path))
    wanted = reference_features(kind, tower, PHOTOS)
    assert encoder.dimension == wanted.shape[1]
    np.testing.assert_allclose(encoder.features(PHOTOS), wanted, atol=1e-5)
    vectors = encoder.encode(PHOTOS[:2])
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-6)
    assert encoder.encoder_id.startswith(f"{kind}/")


def test_another_preprocessing_or_other_weights_are_another_encoder(tmp_path: Path) -> None:
    save_dinov2(tmp_path / "a")
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    path = tmp_path / "b" / "preprocessor_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"resample": 2}))
    ids = [find_tower(tmp_path / name).encoder_id for name in ("a", "b")]
    assert ids[0] != ids[1]
    assert ids[0].split("/")[:2] == ids[1].split("/")[:2]


def test_geoclip_stands_on_clip(tmp_path: Path) -> None:
    tower = save_clip(tmp_path / "clip", dimension=768)
    data, weights = tiny_geoclip_file(), tmp_path / "geoclip.safetensors"
    weights.write_bytes(data)
    encoder = GeoClipEncoder(TowerEncoder(find_tower(tmp_path / "clip")), weights, digest(data))
    wanted = GeoClip(weights).embed_photos(reference_features("clip", tower, PHOTOS))
    np.testing.assert_allclose(encoder.encode(PHOTOS), wanted, atol=1e-5)
    assert encoder.encoder_id.startswith(f"geoclip/{digest(data)[:16]}/clip/")
    changed = GeoClipEncoder(TowerEncoder(find_tower(tmp_path / "clip")), weights, "0" * 64)
    with pytest.raises(ToolError, match="is not what was pulled"):
        changed.encode(PHOTOS[:1])


def test_a_tower_in_onnx_needs_no_torch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    matrix = write_onnx_tower(tmp_path)
    monkeypatch.setattr(tower_encoder, "NEEDED", ("no_such_module",))
    encoder = TowerEncoder(find_tower(tmp_path))
    pictures = np.stack([encoder.tower.picture_input.apply(photo) for photo in PHOTOS])
    wanted = pictures.mean(axis=(2, 3)) @ matrix
    assert encoder.dimension == matrix.shape[1]
    np.testing.assert_allclose(encoder.features(PHOTOS), wanted, atol=1e-5)


def test_without_the_extra_one_sentence_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_dinov2(tmp_path)
    monkeypatch.setattr(tower_encoder, "NEEDED", ("no_such_module",))
    with pytest.raises(InputError) as caught:
        TowerEncoder(find_tower(tmp_path))
    assert str(caught.value) == (f"the encoder dinov2 needs no_such_module: {extra_command('see')}")


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("config.json", '{"model_type": "bert"}', "model_type is 'bert'"),
        ("config.json", "[", "is no JSON"),
        ("preprocessor_config.json", '{"size": 16}', "image_mean: "),
        ("preprocessor_config.json", '{"size": {"shortest_edge": 0}}', "size.shortest_edge: "),
        ("model.safetensors", "no tensors", "no sound safetensors file"),
    ],
)
def test_a_damaged_folder_is_said_in_one_line(
    name: str, text: str, said: str, tmp_path: Path
) -> None:
    save_dinov2(tmp_path)
    (tmp_path / name).write_text(text)
    with pytest.raises(ToolError, match=said) as caught:
        TowerEncoder(find_tower(tmp_path)).encode(PHOTOS[:1])
    assert "\n" not in str(caught.value)


def test_weights_that_changed_since_they_were_pulled_are_refused(tmp_path: Path) -> None:
    save_dinov2(tmp_path)
    encoder = TowerEncoder(find_tower(tmp_path, "0" * 64))
    with pytest.raises(ToolError, match="is not what was pulled"):
        encoder.encode(PHOTOS[:1])
