"""Weights without torch: every tensor of a real file, and nothing but tensors of any other."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

from geoagent_graph.errors import ToolError
from geoagent_graph.weights.tensor_file import WHOLE, read_archive_tensors, read_tensors
from tests.support.torch_archive import torch_archive


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


def test_an_archive_gives_its_tensors_in_any_layout() -> None:
    weight = np.arange(12, dtype="<f4").reshape(3, 4)
    turned = np.asfortranarray(weight)
    found = read_archive_tensors(torch_archive({"a": weight, "b.c": turned}), "tiny")
    np.testing.assert_array_equal(found["a"], weight)
    np.testing.assert_array_equal(found["b.c"], weight)
    scale = read_archive_tensors(torch_archive(np.array(2.5, "<f4")), "tiny")[WHOLE]
    assert (scale.shape, float(scale)) == ((), 2.5)


def _rewritten(members: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    """Return a small archive with some members replaced or added."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(torch_archive(np.ones(4, "<f4")))) as given,
        zipfile.ZipFile(file, "w", compression) as archive,
    ):
        kept = {name.partition("/")[2]: given.read(name) for name in given.namelist()}
        for name, data in {**kept, **members}.items():
            archive.writestr(f"tiny/{name}", data)
    return file.getvalue()


# A tensor of four billion elements over a storage of four, every step of it zero.
_LARGE = (
    b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n((X\x07\x00\x00\x00storagectorch\nFloatStorage\n"
    b"X\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x04tQK\x00J\xff\xff\xff\x7fJ\xff\xff\xff\x7f\x86"
    b"K\x00K\x00\x86\x89}tR."
)
_NESTED_KEY = b"\x80\x02}K\x01" + b"q\x00h\x00\x86" * 40 + b"K\x01s."


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\x03\x04" + bytes(40),
        _rewritten({}, zipfile.ZIP_DEFLATED),
        _rewritten({"data.pkl": b""}),
        _rewritten({"data.pkl": b"\x80\x02cos\nsystem\nX\x02\x00\x00\x00id\x85R."}),
        _rewritten({"data.pkl": _LARGE}),
        _rewritten({"data.pkl": _NESTED_KEY}),
        _rewritten({"data.pkl": b"\x80\x02" + b"N" * 1_000_001 + b"."}),
        _rewritten({"data/0": b"\x00" * 8}),
        _rewritten({"byteorder": b"big"}),
        torch_archive(np.ones(4, "<f4"))[:-30],
    ],
)
def test_an_archive_that_is_odd_in_any_way_is_refused(data: bytes) -> None:
    with pytest.raises(ToolError, match="not a plain archive of weights"):
        read_archive_tensors(data, "tiny")
