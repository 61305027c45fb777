"""The encoder's graph: its outputs against a convolution written out."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest

from geoagent_graph.perception.efficientnet_onnx import (
    INPUT_SIDE_PX,
    MIDDLE_CHANNELS,
    TOP_CHANNELS,
    build_onnx,
)
from geoagent_graph.weights.tensor_file import read_tensors


@pytest.fixture(scope="module")
def weights(weights_path: Path) -> dict[str, np.ndarray]:
    return read_tensors(weights_path)


@pytest.fixture(scope="module")
def model(weights: dict[str, np.ndarray]) -> bytes:
    return build_onnx(weights)


def test_the_graph_has_one_input_and_two_outputs(model: bytes) -> None:
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    photos = np.zeros((2, 3, INPUT_SIDE_PX, INPUT_SIDE_PX), np.float32)
    middle, top = session.run(["middle", "top"], {"input": photos})
    assert (middle.shape, top.shape) == ((2, MIDDLE_CHANNELS), (2, TOP_CHANNELS))
    assert np.array_equal(top[0], top[1])
    assert top.min() >= 0.0  # an average of what ReLU6 lets through
    assert top.max() <= 6.0


def test_batch_norm_is_folded_into_the_first_convolution(
    model: bytes, weights: dict[str, np.ndarray]
) -> None:
    graph = onnx.load_from_string(model).graph
    folded = {item.name: onnx.numpy_helper.to_array(item) for item in graph.initializer}
    scale = weights["_bn0.weight"] / np.sqrt(weights["_bn0.running_var"] + 1e-3)
    patch = np.random.default_rng(0).normal(size=(3, 3, 3))
    plain = (weights["_conv_stem.weight"] * patch).sum(axis=(1, 2, 3))
    expected = (plain - weights["_bn0.running_mean"]) * scale + weights["_bn0.bias"]
    kernel, offset = folded["_conv_stem.kernel"], folded["_conv_stem.offset"]
    assert (kernel * patch).sum(axis=(1, 2, 3)) + offset == pytest.approx(expected, abs=1e-4)


def test_the_same_weights_give_the_same_bytes(model: bytes, weights: dict[str, np.ndarray]) -> None:
    assert build_onnx(weights) == model
