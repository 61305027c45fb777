"""Compiled tables: sound, or built again, or one clear error; never a wrong answer."""

import errno
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Never

import numpy as np
import pytest

from geoagent_graph.errors import GazetteerError
from geoagent_graph.geo.table_cache import open_or_build
from geoagent_graph.geo.table_file import Arrays, write_table

MANIFEST = {"table": "test", "version": 2}
ARRAYS: Arrays = {
    "numbers": np.arange(7, dtype=np.int64),
    "square": np.eye(3),
    "text": np.frombuffer("日本".encode(), dtype=np.uint8),
    "none": np.empty(0, dtype=np.int16),
}


def build(progress: Callable[[float, str], None]) -> Arrays:
    progress(1.0, "built")
    return ARRAYS


def same(arrays: Arrays) -> bool:
    return arrays.keys() == ARRAYS.keys() and all(
        np.array_equal(arrays[name], ARRAYS[name]) and arrays[name].dtype == ARRAYS[name].dtype
        for name in ARRAYS
    )


@pytest.mark.parametrize("damage", ["cut", "flip", "older", "empty", "folder gone"])
def test_a_damaged_cache_is_built_again_and_said_so(tmp_path: Path, damage: str) -> None:
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
    said.clear()
    open_or_build(path, MANIFEST, build, lambda share, text: said.append(text))
    assert said == []


def test_a_folder_that_cannot_be_made_is_one_line_that_names_the_variable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(GazetteerError, match="GEOAGENT_CACHE_DIR") as caught:
        open_or_build(tmp_path / "file" / "a.table", MANIFEST, build, None)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_full_disk_is_one_line_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def full(descriptor: int) -> Never:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(GazetteerError, match=os.strerror(code)):
        open_or_build(tmp_path / "a.table", MANIFEST, build, None)
    assert [file.name for file in tmp_path.iterdir() if "lock" not in file.name] == []


def test_a_sound_cache_that_cannot_be_written_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.table"
    open_or_build(path, MANIFEST, build, None)
    really_open = os.open

    def open_to_read(path: Path, flags: int, *more: int) -> int:
        assert not flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT), "locked or written"
        return really_open(path, flags, *more)

    monkeypatch.setattr(os, "open", open_to_read)
    assert same(open_or_build(path, MANIFEST, build, None))


def test_openers_that_start_together_build_once(tmp_path: Path) -> None:
    builds, results, said = [], [], []

    def slow(progress: Callable[[float, str], None]) -> Arrays:
        builds.append(1)
        time.sleep(0.2)
        return ARRAYS

    def work() -> None:
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
