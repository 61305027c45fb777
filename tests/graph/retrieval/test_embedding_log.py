"""Vectors on disk while an index is built: kept, found again, cut off where they are damaged."""

import errno
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pytest

from geoagent_graph.retrieval.embedding_log import EmbeddingLog

NAMES = [f"{number:064x}" for number in range(1, 5)]
VECTORS = np.eye(4, 3, dtype=np.float32)


def open_log(path: Path, encoder_id: str = "e/1", dimension: int = 3) -> EmbeddingLog:
    return EmbeddingLog(path, encoder_id, dimension)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    log = open_log(tmp_path / "log")
    log.append(list(zip(NAMES[:2], VECTORS[:2], strict=True)))
    log.append(list(zip(NAMES[2:], VECTORS[2:], strict=True)))
    log.close()
    return tmp_path / "log"


def test_vectors_are_found_again_by_the_photo(path: Path) -> None:
    log = open_log(path)
    assert len(log) == 4
    assert all(name in log for name in NAMES)
    assert f"{9:064x}" not in log
    for name, vector in zip(NAMES, VECTORS, strict=True):
        assert np.array_equal(log.vectors()[log.position(name)], vector)
    log.close()


@pytest.mark.parametrize("changed", [{"encoder_id": "e/2"}, {"dimension": 4}])
def test_vectors_of_another_encoder_are_dropped(path: Path, changed: dict[str, Any]) -> None:
    log = open_log(path, **changed)
    assert len(log) == 0
    assert log.vectors().shape[0] == 0
    log.close()


def test_a_record_that_was_cut_off_is_dropped_and_the_log_goes_on(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-5])
    log = open_log(path)
    assert [name in log for name in NAMES] == [True, True, True, False]
    log.append([(NAMES[3], VECTORS[3])])
    assert np.array_equal(log.vectors()[log.position(NAMES[3])], VECTORS[3])
    log.close()


def test_everything_behind_a_damaged_record_is_dropped(path: Path) -> None:
    data = bytearray(path.read_bytes())
    size = (len(data) - 512) // 4
    data[512 + size + 40] ^= 1  # inside the second vector
    path.write_bytes(bytes(data))
    log = open_log(path)
    assert [name in log for name in NAMES] == [True, False, False, False]
    assert path.stat().st_size == 512 + size
    log.close()


def test_a_write_that_fails_leaves_nothing_behind(path: Path) -> None:
    log = open_log(path)
    size = path.stat().st_size

    class FullDisk:
        def __init__(self, file: BinaryIO) -> None:
            self.file = file

        def write(self, data: bytes) -> int:
            self.file.write(data[:7])
            self.file.flush()
            raise OSError(errno.ENOSPC, "No space left on device")

        def __getattr__(self, name: str) -> Any:
            return getattr(self.file, name)

    disk: Any = FullDisk(log._file)
    log._file = disk
    with pytest.raises(OSError, match="No space"):
        log.append([(f"{9:064x}", VECTORS[0])])
    assert path.stat().st_size == size
    assert f"{9:064x}" not in log
    log.close()


def test_a_deleted_log_is_gone(path: Path) -> None:
    open_log(path).delete()
    assert not path.exists()
