"""Answers kept on disk: found again by another process, replaced, and faults said."""

from pathlib import Path

import pytest
from geoagent_training.rewards.disk_cache import DiskCache

from geoagent_graph.errors import StorageError


def test_what_was_put_is_found_after_reopening(tmp_path: Path) -> None:
    path = tmp_path / "new" / "cache.sqlite"
    first = DiskCache(path)
    first.put({"Porto": "41.1", "中国": "é"})
    first.put({"Porto": "41.2"})
    second = DiskCache(path)
    assert (second.get("Porto"), second.get("中国"), second.get("porto")) == ("41.2", "é", None)
    first.close()
    second.close()


def test_a_file_that_is_no_cache_is_named(tmp_path: Path) -> None:
    path = tmp_path / "cache.sqlite"
    path.write_bytes(b"not a database" * 100)
    with pytest.raises(StorageError, match=r"cache\.sqlite cannot be opened: file is not a data"):
        DiskCache(path)


def test_a_failed_write_keeps_nothing_of_it(tmp_path: Path) -> None:
    cache = DiskCache(tmp_path / "cache.sqlite")
    with pytest.raises(StorageError, match=r"cache\.sqlite cannot be written"):
        cache.put({"a": "1", "b": object()})  # type: ignore[dict-item]
    assert cache.get("a") is None
    cache.close()
