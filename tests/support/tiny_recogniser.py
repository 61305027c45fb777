"""Tiny ONNX recognisers with an alphabet of their own, put where pulled ones lie."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from geoagent_graph.weights.catalogue import find_entry
from geoagent_graph.weights.lock_file import Pin, PinnedFile
from geoagent_graph.weights.store import WeightStore
from tests.support.weight_rows import digest

COLUMN_PX = 8


def shade_recogniser(letters: str, shades: list[float]) -> bytes:
    """Return a model that reads shades: gray is blank, and each letter has a value in [-1, 1]."""
    centres = np.array([0.0, *shades, 9.0], np.float32)  # blank, letters, and no space
    nodes = [
        helper.make_node("ReduceMean", ["x", "rows"], ["columns"], keepdims=0),
        helper.make_node("Unsqueeze", ["columns", "one"], ["row"]),
        helper.make_node(
            "AveragePool", ["row"], ["pooled"], kernel_shape=[COLUMN_PX], strides=[COLUMN_PX]
        ),
        helper.make_node("Transpose", ["pooled"], ["levels"], perm=[0, 2, 1]),
        helper.make_node("Sub", ["levels", "centres"], ["offsets"]),
        helper.make_node("Mul", ["offsets", "offsets"], ["squares"]),
        helper.make_node("Mul", ["squares", "sharpness"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["y"], axis=2),
    ]
    constants = {
        "rows": np.array([1, 2]),
        "one": np.array([1]),
        "centres": centres,
        "sharpness": np.array(-50.0, np.float32),
    }
    return _model(nodes, constants, letters)


def fixed_recogniser(text: str) -> bytes:
    """Return a model that reads the same text in every line, and is quite sure of it."""
    letters = "".join(dict.fromkeys(text))
    columns = [c for letter in text for c in (letters.index(letter) + 1, 0)]
    shares = np.full((1, len(columns), len(letters) + 2), 0.001, np.float32)
    shares[0, np.arange(len(columns)), columns] = 0.98
    nodes = [
        helper.make_node("ReduceMean", ["x", "all"], ["mean"], keepdims=0),
        helper.make_node("Mul", ["mean", "zero"], ["nothing"]),
        helper.make_node("Add", ["shares", "nothing"], ["y"]),
    ]
    constants = {
        "all": np.array([0, 1, 2, 3]), "zero": np.array(0.0, np.float32), "shares": shares,
    }  # fmt: skip
    return _model(nodes, constants, letters)


def _model(nodes: list[onnx.NodeProto], constants: dict[str, np.ndarray], letters: str) -> bytes:
    graph = helper.make_graph(
        nodes,
        "recogniser",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 3, 48, "width"])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", "columns", "letters"])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
    helper.set_model_props(model, {"character": "\n".join(letters)})
    return bytes(model.SerializeToString())


def place_recogniser(folder: Path, name: str, data: bytes) -> Path:
    """Put a model where the row's file lies after a pull; return its path.

    The catalogue pins another digest: tests that want it usable let `is_as_catalogued` be true.
    """
    entry = find_entry(name)
    store = WeightStore(folder)
    path = store.folder_of(name) / entry.files[0].path
    path.parent.mkdir(parents=True)
    path.write_bytes(data)
    pinned = PinnedFile(sha256=digest(data), size_bytes=len(data))
    store.write_pin(name, Pin(repository="a/b", files={path.name: pinned}, complete=True))
    return path
