"""What places are learnt from: averages and spreads as numpy has them, and colours by thirds."""

import numpy as np
import pytest
from numpy.typing import NDArray

from geoagent_graph.perception.depth_encoder import MODEL_SHA256, DepthEncoder
from geoagent_graph.perception.efficientnet_onnx import DEPTH_CHANNELS
from geoagent_graph.settings import Settings

CHANNELS = sum(DEPTH_CHANNELS)


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> DepthEncoder:
    return DepthEncoder(Settings(cache_dir=tmp_path_factory.mktemp("cache")))


def photo(seed: int) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (60, 90, 3), dtype=np.uint8)


def test_unit_vectors_one_by_one_as_in_batches(encoder: DepthEncoder) -> None:
    photos = [photo(seed) for seed in range(3)]
    vectors = encoder.encode(photos)
    assert vectors.shape == (3, encoder.dimension)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-5)
    alone = np.concatenate([encoder.encode([one]) for one in photos])
    assert np.abs(vectors - alone).max() < 1e-5
    assert encoder.encode([]).shape == (0, encoder.dimension)
    assert encoder.encode([np.zeros((1, 1, 3), np.uint8)]).shape == (1, encoder.dimension)


def test_the_graph_is_the_one_that_is_known(encoder: DepthEncoder) -> None:
    encoder.encode([photo(0)])
    (path,) = encoder._network._cache_dir.glob("*.onnx")
    assert path.stem.endswith(MODEL_SHA256)


def test_every_depth_is_averaged_and_spread_over_the_plane(encoder: DepthEncoder) -> None:
    means, spreads = encoder._network.run([photo(1)], 384, ["mean", "spread"])
    planes = planes_of(encoder, photo(1))
    assert [plane.shape[1] for plane in planes] == list(DEPTH_CHANNELS)
    mean = np.concatenate([plane.mean(axis=(2, 3)) for plane in planes], axis=1)
    spread = np.concatenate([plane.std(axis=(2, 3)) for plane in planes], axis=1)
    np.testing.assert_allclose(means, mean, atol=1e-4)
    np.testing.assert_allclose(spreads, spread, atol=5e-3)


def planes_of(encoder: DepthEncoder, pixels: NDArray[np.uint8]) -> list[NDArray[np.float32]]:
    """Return what the network computes before it is averaged, depth by depth."""
    import onnx
    import onnxruntime
    from PIL import Image

    model = onnx.load_model_from_string(encoder._network._load_model())
    taps = [n.input[0] for n in model.graph.node if n.output[0].endswith("_pooled")]
    taps = [tap for tap in taps if not tap.endswith("_squares")]
    for tap in taps:
        model.graph.output.append(onnx.ValueInfoProto(name=tap))
    session = onnxruntime.InferenceSession(model.SerializeToString())
    small = Image.fromarray(pixels).resize((384, 384), Image.Resampling.BICUBIC, reducing_gap=3.0)
    given = ((np.asarray(small, np.float32) - 127.0) / 128.0).transpose(2, 0, 1)[None]
    found: list[NDArray[np.float32]] = session.run(taps, {"input": given})
    return found


def test_colours_are_counted_in_thirds(encoder: DepthEncoder) -> None:
    flag = np.zeros((90, 60, 3), np.uint8)
    flag[:30], flag[30:60], flag[60:] = (255, 0, 0), (0, 255, 0), (0, 0, 255)
    colours = encoder.encode([flag])[0, 2 * CHANNELS :].reshape(3, 128)
    assert colours.argmax(axis=1).tolist() == [15, 15 + 2 * 16, 15 + 5 * 16]
    assert (colours.max(axis=1) > 0.9 * np.linalg.norm(colours, axis=1)).all()
