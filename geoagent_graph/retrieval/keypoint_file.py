"""The local features of an index's photos: a record a photo, each vouched for by its digest.

The digests are a file of their own that the manifest vouches for, so that a search reads and checks
the few records that it needs.
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from geoagent_graph.errors import ToolError
from geoagent_graph.regular_files import open_regular
from geoagent_graph.retrieval.index_format import KEYPOINTS_NAME, HashingFile
from geoagent_graph.retrieval.keypoints import RECORD_BYTES, Keypoints, read_keypoints

_DIGEST_BYTES: Final = 32


class KeypointFile:
    """The keypoints of an index folder, by row; `digests` holds 32 bytes a row."""

    def __init__(self, folder: Path, digests: bytes) -> None:
        self.path = folder / KEYPOINTS_NAME
        self._digests = digests

    def __len__(self) -> int:
        return len(self._digests) // _DIGEST_BYTES

    def read(self, row: int) -> Keypoints:
        """Return the keypoints of a row.

        Raises:
            ToolError: the file is gone, or not the one that the index was opened with.
        """
        return read_keypoints(self.read_record(row))

    def read_record(self, row: int) -> bytes:
        """Return the checked record of a row.

        Raises:
            ToolError: the file is gone, or not the one that the index was opened with.
        """
        try:
            with open_regular(self.path) as file:
                file.seek(row * RECORD_BYTES)
                record = file.read(RECORD_BYTES)
        except OSError as error:
            raise ToolError(f"{self.path}: cannot be read ({error.strerror})") from error
        expected = self._digests[row * _DIGEST_BYTES : (row + 1) * _DIGEST_BYTES]
        if len(record) != RECORD_BYTES or hashlib.sha256(record).digest() != expected:
            raise ToolError(f"{self.path}: damaged or replaced; open the index again")
        return record


def write_records(records: Iterable[bytes], sink: HashingFile) -> bytes:
    """Write records and return their digests, 32 bytes each; an OSError of the sink passes on."""
    digests = bytearray()
    for record in records:
        sink.write(record)
        digests += hashlib.sha256(record).digest()
    return bytes(digests)
