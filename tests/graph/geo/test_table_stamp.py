"""A table is counted to its last byte once, and again as soon as anything about it has changed."""

import os
from pathlib import Path

import numpy as np
import pytest

from geoagent_graph.geo import table_file, table_stamp
from geoagent_graph.geo.table_file import Arrays, DamagedTableError, write_table
from geoagent_graph.geo.table_stamp import ENDING, read_checked

MANIFEST = {"table": "test", "version": 2}
ARRAYS: Arrays = {"numbers": np.arange(70, dtype=np.int64)}


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(table_stamp, "MIN_AGE_NS", 0)
    path = tmp_path / "a.table"
    write_table(path, ARRAYS, MANIFEST)
    read_checked(path, MANIFEST)
    return path


def refuse_to_count(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(file: object) -> str:
        raise AssertionError("counted again")

    monkeypatch.setattr(table_file, "_digest_of", refuse)


def test_a_table_that_was_checked_is_not_counted_again(
    table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse_to_count(monkeypatch)
    assert np.array_equal(read_checked(table, MANIFEST)["numbers"], ARRAYS["numbers"])


def test_a_byte_that_changed_is_noticed_though_size_and_time_are_set_back(table: Path) -> None:
    before = table.stat()
    with table.open("r+b") as file:
        file.seek(-8, os.SEEK_END)
        file.write(b"\xff")
    os.utime(table, ns=(before.st_atime_ns, before.st_mtime_ns))
    if table.stat().st_ctime_ns == before.st_ctime_ns:  # within one tick of the file system
        os.utime(table)
    with pytest.raises(DamagedTableError, match="checksum"):
        read_checked(table, MANIFEST)


@pytest.mark.parametrize("stamp", [b"", b"{", b"[1, 2, 3, 4]", b"null", b"\xff" * 2_000])
def test_a_stamp_that_says_something_else_counts_for_nothing(
    table: Path, stamp: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    table.with_name(table.name + ENDING).write_bytes(stamp)
    refuse_to_count(monkeypatch)
    with pytest.raises(AssertionError, match="counted again"):
        read_checked(table, MANIFEST)


def test_what_was_written_this_moment_is_counted_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_stamp, "MIN_AGE_NS", 10**18)
    write_table(tmp_path / "a.table", ARRAYS, MANIFEST)
    read_checked(tmp_path / "a.table", MANIFEST)
    assert [path.name for path in tmp_path.iterdir()] == ["a.table"]


def test_a_folder_that_cannot_be_written_is_read_all_the_same(
    table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stamp = table.with_name(table.name + ENDING)
    stamp.unlink()
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert np.array_equal(read_checked(table, MANIFEST)["numbers"], ARRAYS["numbers"])
    assert not stamp.exists()
