"""Photos inside Parquet files, read when they are looked at: a table of them holds addresses.

`datasets` opens what stands in an `Image` column through fsspec, so that an address such as
`geoagent-parquet://3/17/image/data/train.parquet` (group 3, its row 17) is decoded like a file.
"""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, unquote

import fsspec
import pyarrow as pa

from geoagent_training.data.parquet_groups import batch_rows, open_parquet
from geoagent_training.errors import DataError

PROTOCOL: Final = "geoagent-parquet"


@dataclass(frozen=True, slots=True)
class StoredPhoto:
    """Where a photo stands: a Parquet file, a row group, a row of it, a column."""

    file: Path
    group: int
    row: int
    column: str

    @property
    def address(self) -> str:
        """The same as one text, with nothing in it that fsspec would read as a pattern."""
        return f"{PROTOCOL}://{self.group}/{self.row}/{quote(self.column, safe='')}/" + quote(
            str(self.file.resolve()).lstrip("/")
        )

    def read(self) -> bytes:
        """Return the bytes of the photo; pages before it in its group are decoded on the way.

        Raises:
            DataError: the file changed, or cannot be read any more.
        """
        left = self.row
        try:
            with open_parquet(self.file) as file:
                size = batch_rows(file, self.group)
                for batch in file.iter_batches(
                    batch_size=size, row_groups=[self.group], columns=[self.column]
                ):
                    if left < batch.num_rows:
                        return photo_bytes(batch.column(0)[left].as_py()) or b""
                    left -= batch.num_rows
        except (pa.ArrowException, OSError) as error:
            raise DataError(f"{self.file}: a photo cannot be read any more: {error}") from error
        raise DataError(f"{self.file}: it has fewer rows than when the run began")


def photo_bytes(value: Any) -> bytes | None:
    """Return the bytes in a cell: of `datasets`' `Image`, or as they are; None without any."""
    data = value.get("bytes") if isinstance(value, dict) else value
    return data if isinstance(data, bytes) else None


def photo_at(address: str) -> StoredPhoto:
    """Return the photo of an address."""
    group, row, column, file = address.removeprefix(f"{PROTOCOL}://").split("/", 3)
    return StoredPhoto(Path("/", unquote(file)), int(group), int(row), unquote(column))


class StoredPhotos(fsspec.AbstractFileSystem):  # type: ignore[misc]
    """What fsspec reads such addresses with."""

    protocol = PROTOCOL
    root_marker = ""

    def _open(self, path: str, *_options: Any, **_named: Any) -> io.BytesIO:
        return io.BytesIO(photo_at(path).read())


fsspec.register_implementation(PROTOCOL, StoredPhotos, clobber=True)
