"""Embeddings on disk while an index is being built, so that a stopped build can go on.

A header of 512 bytes names the encoder; then one record per photo: the sha256 of the file, its
vector, in float32 where nothing else is told, and a checksum. A record that a kill or a full disk
cut off is dropped when the log is opened again.
"""

import json
import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.regular_files import open_regular

_HEADER_BYTES = 512


class EmbeddingLog:
    """Vectors by the sha256 of their photo, appended to a file; one writer at a time."""

    def __init__(self, path: Path, encoder_id: str, dimension: int, number: str = "<f4") -> None:
        self.path = path
        self.number = number
        self._header = _header_bytes(encoder_id, dimension)
        self._record = np.dtype(
            [("sha256", "u1", 32), ("vector", number, dimension), ("checksum", "<u4")]
        )
        self._position: dict[str, int] = {}
        self._file = open_regular(path, mode="r+b") if path.exists() else path.open("x+b")
        try:
            self._recover_records()
        except BaseException:
            self._file.close()
            raise

    def __contains__(self, sha256: object) -> bool:
        return sha256 in self._position

    def __len__(self) -> int:
        return len(self._position)

    def digests(self) -> Iterator[str]:
        """Yield the sha256 of every photo that is kept."""
        yield from self._position

    def position(self, sha256: str) -> int:
        """Return the row of a photo's vector in `vectors()`."""
        return self._position[sha256]

    def append(self, photos: list[tuple[str, NDArray[Any]]]) -> None:
        """Keep the vectors of photos by sha256; an OSError passes through.

        A write that fails part-way leaves nothing behind: its bytes are cut off again.
        """
        rows = np.zeros(len(photos), self._record)
        for row, (sha256, vector) in zip(rows, photos, strict=True):
            row["sha256"] = np.frombuffer(bytes.fromhex(sha256), np.uint8)
            row["vector"] = vector
            row["checksum"] = _record_checksum(row)
        start = self._file.seek(0, os.SEEK_END)
        try:
            self._file.write(rows.tobytes())
            self._file.flush()
        except OSError:
            os.ftruncate(self._file.fileno(), start)
            raise
        first = (start - _HEADER_BYTES) // self._record.itemsize
        for offset, (sha256, _) in enumerate(photos):
            self._position[sha256] = first + offset

    def vectors(self) -> NDArray[Any]:
        """Return all vectors as a memory map of shape [records, dimension]."""
        return self._read_records()["vector"]

    def close(self) -> None:
        """Close the file and keep it."""
        self._file.close()

    def delete(self) -> None:
        """Close and remove the file: its vectors are in an index now."""
        self._file.close()
        self.path.unlink(missing_ok=True)

    def _read_records(self) -> NDArray[np.void]:
        count = (self.path.stat().st_size - _HEADER_BYTES) // self._record.itemsize
        if count <= 0:
            return np.empty(0, self._record)
        return np.memmap(self.path, self._record, "r", offset=_HEADER_BYTES, shape=(count,))

    def _recover_records(self) -> None:
        """Read what is there; cut it off at the first record that is not whole."""
        if self._file.read(_HEADER_BYTES) != self._header:
            self._file.seek(0)
            self._file.truncate()
            self._file.write(self._header)
            self._file.flush()
            return
        good = 0
        for row in self._read_records():
            if row["checksum"] != _record_checksum(row) or not np.isfinite(row["vector"]).all():
                break
            self._position[row["sha256"].tobytes().hex()] = good
            good += 1
        self._file.truncate(_HEADER_BYTES + good * self._record.itemsize)


def _header_bytes(encoder_id: str, dimension: int) -> bytes:
    fields = {"format": "geoagent-embeddings-1", "encoder_id": encoder_id, "dimension": dimension}
    return json.dumps(fields).encode()[:_HEADER_BYTES].ljust(_HEADER_BYTES)


def _record_checksum(row: np.void) -> int:
    return zlib.crc32(row["vector"].tobytes(), zlib.crc32(row["sha256"].tobytes()))
