"""Compiled tables: sound, or built again, or one clear error; never a wrong answer."""

import errno
import os
import threading
import time

import numpy as np
import pytest

from geoagent_graph.errors import GazetteerError
from geoagent_graph.geo.table_cache import open_or_build
from geoagent_graph.geo.table_file import DamagedTableError, read_table, write_table

MANIFEST = {"table": "test", "version": 2}
ARRAYS = {
    "numbers": np.arange(7, dtype=np.int64),
    "square": np.eye(3),
    "text": np.frombuffer("日本".encode(), dtype=np.uint8),
    "none": np.empty(0, dtype=np.int16),
}


def build(progress):
    progress(1.0, "built")
    return ARRAYS


def same(arrays):
    return arrays.keys() == ARRAYS.keys() and all(
        np.array_equal(arrays[name], ARRAYS[name]) and arrays[name].dtype == ARRAYS[name].dtype
        for name in ARRAYS
    )


def test_arrays_come_back_as_they_were_and_read_only(tmp_path):
    write_table(tmp_path / "a.table", ARRAYS, MANIFEST)
    arrays = read_table(tmp_path / "a.table", MANIFEST)
    assert same(arrays)
    with pytest.raises(ValueError, match="read-only"):
        arrays["numbers"][0] = 1


def test_every_flipped_byte_and_every_cut_is_noticed(tmp_path):
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
def test_what_is_no_table_is_refused(tmp_path, content):
    path = tmp_path / "a.table"
    path.write_bytes(content)
    with pytest.raises(DamagedTableError):
        read_table(path, MANIFEST)


def test_another_version_is_refused(tmp_path):
    write_table(tmp_path / "a.table", ARRAYS, {"table": "test", "version": 1})
    with pytest.raises(DamagedTableError, match="another version"):
        read_table(tmp_path / "a.table", MANIFEST)


@pytest.mark.parametrize("damage", ["cut", "flip", "older", "empty", "folder gone"])
def test_a_damaged_cache_is_built_again_and_said_so(tmp_path, damage):
    path = tmp_path / "cache" / "a.table"
    open_or_build(path, MANIFEST, build, None)
    good = path.read_bytes()
    if damage == "older":
        write_table(path, ARRAYS, {"table": "test", "version": 1})
    elif damage == "folder gone":
        for file in path.parent.iterdir():
            file.unlink()
        path.parent.rmdir()
    else:
        middle = len(good) - 80
        changed = good[:middle] + bytes([good[middle] ^ 1]) + good[middle + 1 :]
        path.write_bytes({"cut": good[:-64], "flip": changed, "empty": b""}[damage])
    said = []
    arrays = open_or_build(path, MANIFEST, build, lambda share, text: said.append(text))
    assert same(arrays)
    assert "built" in said
    assert damage == "folder gone" or any("building it again" in text for text in said)
    assert path.read_bytes() == good
    assert not said.clear()
    open_or_build(path, MANIFEST, build, lambda share, text: said.append(text))
    assert said == []


def test_a_folder_that_cannot_be_made_is_one_line_that_names_the_variable(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(GazetteerError, match="GEOAGENT_CACHE_DIR") as caught:
        open_or_build(tmp_path / "file" / "a.table", MANIFEST, build, None)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_full_disk_is_one_line_and_leaves_nothing(tmp_path, monkeypatch, code):
    def full(descriptor):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(GazetteerError, match=os.strerror(code)):
        open_or_build(tmp_path / "a.table", MANIFEST, build, None)
    assert [file.name for file in tmp_path.iterdir() if "lock" not in file.name] == []


def test_a_sound_cache_that_cannot_be_written_is_used(tmp_path, monkeypatch):
    path = tmp_path / "a.table"
    open_or_build(path, MANIFEST, build, None)
    monkeypatch.setattr(os, "open", None)  # any attempt to lock or write would fail
    assert same(open_or_build(path, MANIFEST, build, None))


def test_openers_that_start_together_build_once(tmp_path):
    builds, results, said = [], [], []

    def slow(progress):
        builds.append(1)
        time.sleep(0.2)
        return ARRAYS

    def work():
        results.append(
            open_or_build(
                tmp_path / "a.table", MANIFEST, slow, lambda share, text: said.append(text)
            )
        )

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(builds) == 1
    assert len(results) == 4
    assert any("waiting for another process" in text for text in said)
    assert all(same(arrays) for arrays in results)
