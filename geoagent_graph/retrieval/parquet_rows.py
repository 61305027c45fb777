"""The rows of a Parquet table of photos, read a few at a time."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from geoagent_graph.errors import InputError
from geoagent_graph.regular_files import open_regular
from geoagent_graph.retrieval.manifest_fields import KEYS, RowFields, refuse_twin_columns
from geoagent_graph.retrieval.manifest_rows import RowProblem

_ROWS_AT_ONCE: Final = 1024
_MAX_FOOTER_BYTES: Final = 1 << 24


def read_parquet_fields(table: Path) -> Iterator[tuple[int, RowFields | RowProblem]]:
    """Yield the number, from 1, and the fields of each row; columns of other names are not read.

    Raises:
        InputError: the table is missing, or no Parquet that can be read.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    number = 0
    try:
        with open_regular(table) as file:
            opened = pq.ParquetFile(
                file, pre_buffer=False, thrift_string_size_limit=_MAX_FOOTER_BYTES
            )
            wanted = _known_columns(opened.schema_arrow.names, table)
            for batch in opened.iter_batches(_ROWS_AT_ONCE, columns=wanted):
                for row in batch.to_pylist():
                    number += 1
                    yield number, RowFields(row)
    except (pa.ArrowException, OSError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "damaged"
        raise InputError(
            f"{table}: cannot be read as Parquet after {number} rows ({reason})"
        ) from error


def _known_columns(names: list[str], table: Path) -> list[str]:
    """Return the columns to read.

    Raises:
        InputError: none names files, or one that is needed comes twice.
    """
    refuse_twin_columns(names, str(table))
    if not any(RowFields({name: "1"}).has("file") for name in names):
        raise InputError(f"{table}: has no column of files; name it {', '.join(KEYS['file'])}")
    return [name for name in names if is_known_column(name)]


def is_known_column(name: str) -> bool:
    """Return whether a column holds one of the fields of a photo, or a place with a position."""
    fields = RowFields({name: "1"})
    inner = RowFields({name: {"lat": 1.0}})
    return any(fields.has(key) for key in KEYS) or inner.has("lat_deg")
