"""Table files: what was written comes back, or nothing does."""

from pathlib import Path

import numpy as np
import pytest

from geoagent_graph.geo.table_file import Arrays, DamagedTableError, read_table, write_table

MANIFEST = {"table": "test", "version": 2}
ARRAYS: Arrays = {
    "numbers": np.arange(7, dtype=np.int64),
    "square": np.eye(3),
    "text": np.frombuffer("日本".encode(), dtype=np.uint8),
    "none": np.empty(0, dtype=np.int16),
}


def same(arrays: Arrays) -> bool:
    return arrays.keys() == ARRAYS.keys() and all(
        np.array_equal(arrays[name], ARRAYS[name]) and arrays[name].dtype == ARRAYS[name].dtype
        for name in ARRAYS
    )


def test_arrays_come_back_as_they_were_and_read_only(tmp_path: Path) -> None:
    write_table(tmp_path / "a.table", ARRAYS, MANIFEST)
    arrays = read_table(tmp_path / "a.table", MANIFEST)
    assert same(arrays)
    with pytest.raises(ValueError, match="read-only"):
        arrays["numbers"][0] = 1


def test_every_flipped_byte_and_every_cut_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "a.table"
    write_table(path, ARRAYS, MANIFEST)
    good = path.read_bytes()
    padding = 0
    for position in range(len(good)):
        path.write_bytes(good[:position] + bytes([good[position] ^ 0x10]) + good[position + 1 :])
        try:
            assert same(read_table(path, MANIFEST))  # only the zeros behind the header
            padding += 1
        except DamagedTableError:
            pass
        path.write_bytes(good[:position])
        with pytest.raises(DamagedTableError):
            read_table(path, MANIFEST)
    assert padding < 64


@pytest.mark.parametrize(
    "content", [b"", b"GEOTABL1", b"\0" * 10_000, b"{}", b"GEOTABL1" + b"\xff" * 99]
)
def test_what_is_no_table_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.table"
    path.write_bytes(content)
    with pytest.raises(DamagedTableError):
        read_table(path, MANIFEST)


def test_another_version_is_refused(tmp_path: Path) -> None:
    write_table(tmp_path / "a.table", ARRAYS, {"table": "test", "version": 1})
    with pytest.raises(DamagedTableError, match="another version"):
        read_table(tmp_path / "a.table", MANIFEST)


def test_an_array_of_another_type_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="names has dtype"):
        write_table(tmp_path / "a.table", {"names": np.array(["a"])}, MANIFEST)
    assert list(tmp_path.iterdir()) == []
