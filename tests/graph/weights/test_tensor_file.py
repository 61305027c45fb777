"""Weights without torch: every tensor of a real file, and nothing but tensors of any other."""

from pathlib import Path

import numpy as np
import pytest

from geoagent_graph.errors import ToolError
from geoagent_graph.weights.tensor_file import read_tensors


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x80\x02cos\nsystem\nq\x00X\x04\x00\x00\x00trueq\x01\x85q\x02Rq\x03.",
        b"\x80\x02}q\x00.\x80\x02}q\x00.\x80\x02}q\x00.\x80\x02cbuiltins\neval\n.",
        b"\x80\x02K\x01." * 5,
        b"PK\x03\x04" + bytes(100),
    ],
)
def test_a_weights_file_may_hold_nothing_but_tensors(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "weights.pth"
    path.write_bytes(data)
    with pytest.raises(ToolError, match="not a plain file of weights"):
        read_tensors(path)


@pytest.mark.parametrize("cut", [0.2, 0.9, 0.999])
def test_a_cut_file_is_refused(tmp_path: Path, weights_path: Path, cut: float) -> None:
    data = weights_path.read_bytes()
    (tmp_path / "weights.pth").write_bytes(data[: int(cut * len(data))])
    with pytest.raises(ToolError, match=r"weights\.pth"):
        read_tensors(tmp_path / "weights.pth")


def test_the_tensors_of_the_real_weights_have_names_shapes_and_finite_values(
    weights_path: Path,
) -> None:
    tensors = read_tensors(weights_path)
    assert tensors["_conv_stem.weight"].shape == (32, 3, 3, 3)
    assert tensors["_conv_head.weight"].shape == (1280, 320, 1, 1)
    assert tensors["_bn0.num_batches_tracked"].dtype == np.int64
    assert all(np.isfinite(tensor).all() for tensor in tensors.values())
