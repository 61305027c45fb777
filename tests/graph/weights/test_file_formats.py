"""Files are what their endings say: whole ones pass, cut, padded and foreign ones do not."""

import json
import struct
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from safetensors.numpy import load, save

from geoagent_graph.errors import ToolError
from geoagent_graph.weights.file_formats import check_file
from geoagent_graph.weights.safetensors_file import map_tensors, tensor_bytes
from tests.support.weight_rows import tiny_weights

TENSORS = {
    "a": np.arange(6, dtype="<f4").reshape(2, 3),
    "b": np.array(2.5, dtype="<f8"),
    "half": np.ones((4,), dtype="<f2"),
    "ids": np.arange(3, dtype="<i8"),
}


def _onnx_bytes(domain: str = "", external: bool = False) -> bytes:
    weight = helper.make_tensor("w", TensorProto.FLOAT, [1], [2.0])
    if external:
        weight.ClearField("float_data")
        weight.data_location = TensorProto.EXTERNAL
        weight.external_data.add(key="location", value="../../etc/passwd")
    graph = helper.make_graph(
        [helper.make_node("Mul", ["x", "w"], ["y"], domain=domain)],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1])],
        [weight],
    )
    return bytes(helper.make_model(graph).SerializeToString())


def _gguf_bytes(version: int = 3, tensors: int = 1, offset: int = 0) -> bytes:
    def text(value: bytes) -> bytes:
        return struct.pack("<Q", len(value)) + value

    fields = text(b"general.name") + struct.pack("<I", 8) + text(b"tiny")
    fields += text(b"tokens") + struct.pack("<IIQ", 9, 8, 2) + text(b"a") + text(b"b")
    fields += text(b"sizes") + struct.pack("<IIQ", 9, 4, 3) + bytes(12)
    table = text(b"w") + struct.pack("<IQIQ", 1, 4, 0, offset)
    return b"GGUF" + struct.pack("<IQQ", version, tensors, 3) + fields + table + bytes(64)


def _check(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    check_file(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.safetensors", tiny_weights()),
        ("a.onnx", _onnx_bytes()),
        ("a.gguf", _gguf_bytes()),
        ("a.gguf", _gguf_bytes(version=2)),
        ("a.json", b'{"a": 1}'),
        ("merges.txt", b"a b"),
    ],
)
def test_whole_files_pass(tmp_path: Path, name: str, data: bytes) -> None:
    _check(tmp_path, name, data)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.bin", tiny_weights()),
        ("a.pth", b"\x80\x02}."),
        ("a.py", b"print()"),
        ("a.safetensors", b"\x80\x02}q\x00."),
        ("a.safetensors", (2).to_bytes(8, "little") + b"{}"),
        ("a.safetensors", (2**60).to_bytes(8, "little") + b"{}"),
        ("a.onnx", b""),
        ("a.onnx", _onnx_bytes()[:-9]),
        ("a.onnx", _onnx_bytes(domain="com.example.code")),
        ("a.onnx", _onnx_bytes(external=True)),
        ("a.gguf", b"GGML" + _gguf_bytes()[4:]),
        ("a.gguf", _gguf_bytes(version=9)),
        ("a.gguf", _gguf_bytes(tensors=2**40)),
        ("a.gguf", _gguf_bytes(offset=2**30)),
        ("a.gguf", _gguf_bytes()[:60]),
        ("a.json", b"{"),
        ("a.json", b"[" * 100_000),
        ("a.txt", b"\xff\xfe"),
    ],
)
def test_what_is_something_else_is_refused(tmp_path: Path, name: str, data: bytes) -> None:
    with pytest.raises(ValueError):
        _check(tmp_path, name, data)


@pytest.mark.parametrize(
    "entry",
    [
        {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]},
        {"dtype": "F32", "shape": [-1, -1], "data_offsets": [0, 4]},
        {"dtype": "F32", "shape": [True], "data_offsets": [0, 4]},
        {"dtype": "object", "shape": [1], "data_offsets": [0, 4]},
        {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]},
        {"dtype": "F32", "shape": [1] * 9, "data_offsets": [0, 4]},
        {"shape": [1]},
        None,
    ],
)
def test_a_header_that_lies_is_refused(tmp_path: Path, entry: object) -> None:
    header = json.dumps({"w": entry}).encode()
    data = len(header).to_bytes(8, "little") + header + bytes(4)
    with pytest.raises(ValueError):
        _check(tmp_path, "a.safetensors", data)
    with pytest.raises(ToolError, match="no sound safetensors file"):
        map_tensors(tmp_path / "a.safetensors")


def test_tensors_are_read_and_written_as_the_library_does(tmp_path: Path) -> None:
    ours = load(tensor_bytes(TENSORS))
    (tmp_path / "a.safetensors").write_bytes(save(TENSORS))
    mapped = map_tensors(tmp_path / "a.safetensors")
    for name, tensor in TENSORS.items():
        np.testing.assert_array_equal(ours[name], tensor, strict=True)
        np.testing.assert_array_equal(mapped[name], tensor, strict=True)
        assert not mapped[name].flags.writeable


def test_the_same_tensors_give_the_same_bytes() -> None:
    backwards = dict(reversed(TENSORS.items()))
    assert tensor_bytes(TENSORS) == tensor_bytes(backwards)


def test_a_real_model_passes(tmp_path: Path) -> None:
    import rapidocr

    folder = Path(rapidocr.__file__).parent / "models"
    check_file(folder / "ch_ppocr_mobile_v2.0_cls_mobile.onnx")
    assert onnx.__version__
