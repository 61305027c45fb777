"""The real image encoder: unit vectors, and a cache that may be damaged."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from geoagent_graph.errors import ToolError
from geoagent_graph.perception import cached_network
from geoagent_graph.perception import visual_encoder as encoder_module
from geoagent_graph.perception.visual_encoder import open_visual_encoder
from geoagent_graph.protocols import VisualEncoder
from geoagent_graph.settings import Settings


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def encoder(cache: Path) -> VisualEncoder:
    return open_visual_encoder(Settings(cache_dir=cache))


def photos(count: int) -> list[NDArray[np.uint8]]:
    noise = np.random.default_rng(3)
    small = noise.integers(0, 256, (count, 12, 16, 3), dtype=np.uint8)
    return [np.asarray(Image.fromarray(one).resize((320, 240))) for one in small]


def test_unit_vectors_one_by_one_as_in_batches(encoder: VisualEncoder) -> None:
    many = photos(11)
    vectors = encoder.encode(many)
    assert vectors.shape == (11, encoder.dimension)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-5)
    alone = np.concatenate([encoder.encode([photo]) for photo in many])
    assert np.abs(vectors - alone).max() < 1e-5
    assert encoder.encode([]).shape == (0, encoder.dimension)


def test_the_same_scene_is_nearer_than_another(encoder: VisualEncoder) -> None:
    (other,) = photos(1)
    first = other.copy()
    first[:120] = (120, 170, 220)  # a sky over a dark road with a bright house
    first[120:] = (50, 50, 55)
    first[60:180, 100:200] = (230, 210, 180)
    smaller = np.asarray(Image.fromarray(first).resize((260, 190)))
    same, close, far = encoder.encode([first, smaller, other])
    assert same @ close > 0.9 > same @ far


def test_flat_and_tiny_photos_have_finite_vectors(encoder: VisualEncoder) -> None:
    for shape in [(1, 1), (224, 224), (3, 900)]:
        for shade in (0, 255):
            vector = encoder.encode([np.full((*shape, 3), shade, np.uint8)])
            assert np.isfinite(vector).all()


def test_a_damaged_cache_is_built_again(encoder: VisualEncoder, cache: Path) -> None:
    expected = encoder.encode(photos(1))
    (path,) = cache.glob("*.onnx")
    model = bytearray(path.read_bytes())
    model[len(model) // 2] ^= 1
    path.write_bytes(bytes(model))
    again = open_visual_encoder(Settings(cache_dir=cache)).encode(photos(1))
    assert np.array_equal(again, expected)
    (path,) = cache.glob("*")  # nothing half-written is left behind
    assert path.read_bytes() != bytes(model)


def test_a_model_that_vouches_for_itself_is_not_loaded(encoder: VisualEncoder, cache: Path) -> None:
    foreign = b"a model of somebody else"
    cache.mkdir()
    path = cache / f"{encoder_module._MODEL_NAME}-{hashlib.sha256(foreign).hexdigest()}.onnx"
    path.write_bytes(foreign)
    assert encoder.encode(photos(1)).shape == (1, encoder.dimension)
    (kept,) = cache.glob("*.onnx")
    assert kept.stem.endswith(encoder_module.MODEL_SHA256)


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    encoder = open_visual_encoder(Settings(cache_dir=tmp_path / "file" / "cache"))
    assert encoder.encode(photos(1)).shape == (1, encoder.dimension)


def test_other_weights_are_refused(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cached_network, "_WEIGHTS_SHA256", "0" * 64)
    with pytest.raises(ToolError, match=r"57934424\.pth"):
        open_visual_encoder(Settings(cache_dir=cache)).encode(photos(1))


@pytest.mark.shared_data
def test_other_crops_of_a_place_are_found(encoder: VisualEncoder, shared_data: Path) -> None:
    lines = (shared_data / "reference" / "metadata.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    chosen = sorted({row["cluster_id"] for row in rows})[:100]
    rows = [row for row in rows if row["cluster_id"] in chosen]
    pictures = [
        np.asarray(Image.open(shared_data / "reference" / row["file"]).convert("RGB"))
        for row in rows
    ]
    vectors = encoder.encode(pictures)
    scores = vectors @ vectors.T
    np.fill_diagonal(scores, -1.0)
    places = np.array([row["cluster_id"] for row in rows])
    answerable = [n for n in range(len(rows)) if (places == places[n]).sum() > 1]
    hits = [places[scores[n].argmax()] == places[n] for n in answerable]
    assert len(answerable) > 50
    assert np.mean(hits) > 0.8
