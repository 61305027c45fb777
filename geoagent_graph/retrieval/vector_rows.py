"""References whose embeddings somebody has already: a Parquet table with a column of vectors."""

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.errors import InputError
from geoagent_graph.retrieval.manifest_fields import MAX_ID_CHARS, refuse_twin_columns
from geoagent_graph.retrieval.reference_table import MAX_TEXT_CHARS, row_schema
from geoagent_graph.safe_text import visible

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

_BATCH_ROWS: Final = 16_384
_SHA256: Final = re.compile(r"[0-9a-fA-F]{64}")
_NAMES: Final = {
    "id": ("id",),
    "lat_deg": ("lat_deg", "lat", "latitude"),
    "lon_deg": ("lon_deg", "lon", "lng", "longitude"),
    "country_code": ("country_code", "country"),
    "license": ("license", "licence"),
    "attribution": ("attribution",),
    "source_url": ("source_url",),
    "sha256": ("sha256",),
    "cluster_id": ("cluster_id",),
}


@dataclass(frozen=True, slots=True, eq=False)
class VectorBatch:
    """Some rows of a table, as an index keeps them, and their unit vectors in half precision.

    There are no vectors where they were not asked for.
    """

    rows: "pa.RecordBatch"
    vectors: NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class VectorTable:
    """A Parquet table: `id`, `lat`, `lon`, a column of vectors, and what else a reference has.

    The country of a row that names none is that of its point; the sha256 of one without is that of
    its vector.
    """

    path: Path
    column: str
    country_of: Callable[[float, float], str]

    def shape(self) -> tuple[int, int]:
        """Return how many rows there are, and how long a vector is.

        Raises:
            InputError: the file cannot be read, or has no such column of vectors of one length.
        """
        parquet = self._open()
        kind = _vector_type(parquet.schema_arrow, self.column, self.path)
        return int(parquet.metadata.num_rows), int(kind.list_size)

    def batches(self, *, with_vectors: bool = True) -> Iterator[VectorBatch]:
        """Yield the rows in their order; without vectors where they are not needed for the rows.

        Raises:
            InputError: the file cannot be read, or a row is no reference; it names the row.
        """
        import pyarrow as pa

        parquet = self._open()
        _, dimension = self.shape()
        found = {field: _column_of(parquet.schema_arrow, names) for field, names in _NAMES.items()}
        for field in ("id", "lat_deg", "lon_deg"):
            if found[field] is None:
                raise InputError(f"{self.path}: has no column {' or '.join(_NAMES[field])}.")
        wanted = [name for name in found.values() if name is not None]
        start = 1
        if with_vectors or found["sha256"] is None:
            wanted.append(self.column)
        try:
            for batch in parquet.iter_batches(_BATCH_ROWS, columns=wanted):
                yield self._check(batch, found, dimension, start)
                start += batch.num_rows
        except (pa.ArrowException, OSError) as error:
            why = visible(str(error).partition("\n")[0], 200)
            raise InputError(f"{self.path}, row {start} or later: cannot be read: {why}") from error

    def _open(self) -> "pq.ParquetFile":
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            opened = pq.ParquetFile(self.path, memory_map=False, pre_buffer=False)
        except (pa.ArrowException, OSError, ValueError) as error:
            raise InputError(f"{self.path}: is not a readable Parquet table.") from error
        refuse_twin_columns(opened.schema_arrow.names, str(self.path))
        return opened

    def _check(
        self, batch: "pa.RecordBatch", found: dict[str, str | None], dimension: int, start: int
    ) -> VectorBatch:
        vectors = np.empty((0, dimension), np.float16)
        if self.column in batch.schema.names:
            vectors = self._unit_vectors(batch.column(self.column), dimension, start)
        columns = {
            field: None if name is None else batch.column(name) for field, name in found.items()
        }
        lat_deg = _numbers(columns["lat_deg"])
        lon_deg = _numbers(columns["lon_deg"])
        lon_deg = np.where(lon_deg == 180.0, -180.0, lon_deg)
        inside = (np.abs(lat_deg) <= 90.0) & (lon_deg >= -180.0) & (lon_deg < 180.0)
        self._refuse(~inside, start, "its position is missing or off the globe")
        ids = _texts(columns["id"], batch.num_rows)
        wrong = [not (0 < len(i) <= MAX_ID_CHARS and i.isprintable()) for i in ids]
        self._refuse(wrong, start, "its id is no id")
        codes = _texts(columns["country_code"], batch.num_rows)
        for row, code in enumerate(codes):
            codes[row] = code or self.country_of(lat_deg[row].item(), lon_deg[row].item())
        wrong = [bool(c) and not (len(c) == 2 and c.isascii() and c.isupper()) for c in codes]
        self._refuse(wrong, start, "its country is no code of two capitals, as PT")
        digests = _texts(columns["sha256"], batch.num_rows)
        wrong = [bool(d) and _SHA256.fullmatch(d) is None for d in digests]
        self._refuse(wrong, start, "its sha256 is none, which has 64 digits of 0-9 and a-f")
        for row, digest in enumerate(digests):
            digests[row] = digest.lower() or hashlib.sha256(vectors[row].tobytes()).hexdigest()
        fields: dict[str, list[str] | NDArray[np.float64]] = {
            "id": ids, "lat_deg": lat_deg, "lon_deg": lon_deg, "country_code": codes,
            "sha256": digests,
        }  # fmt: skip
        for field in ("license", "attribution", "source_url", "cluster_id"):
            texts = _texts(columns[field], batch.num_rows)
            self._refuse(
                [len(t) > MAX_TEXT_CHARS for t in texts], start, f"its {field} is too long"
            )
            fields[field] = texts
        return VectorBatch(_record_batch(fields), vectors)

    def _unit_vectors(self, column: "pa.Array", dimension: int, start: int) -> NDArray[np.float16]:
        numbers = column.flatten().to_numpy(zero_copy_only=False).astype(np.float32)
        if column.null_count or len(numbers) != len(column) * dimension:
            raise InputError(f"{self.path}, row {start} or later: its vector is missing.")
        vectors = numbers.reshape(-1, dimension)
        norms = np.linalg.norm(vectors.astype(np.float64), axis=1)
        self._refuse(
            ~(np.isfinite(norms) & (norms > 0.0)), start, "its vector is zero or not finite"
        )
        return np.asarray(vectors / norms[:, None], np.float16)

    def _refuse(self, wrong: Sequence[bool] | NDArray[np.bool_], start: int, why: str) -> None:
        if np.any(wrong):
            raise InputError(f"{self.path}, row {start + int(np.argmax(wrong))}: {why}.")


def _record_batch(fields: dict[str, list[str] | NDArray[np.float64]]) -> "pa.RecordBatch":
    import pyarrow as pa

    schema = row_schema()
    columns = [pa.array(fields[field.name], field.type) for field in schema]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _vector_type(schema: "pa.Schema", column: str, path: Path) -> "pa.FixedSizeListType":
    import pyarrow as pa

    number = schema.get_field_index(column)
    kind = schema.field(number).type if number >= 0 else None
    if kind is None or not pa.types.is_fixed_size_list(kind):
        raise InputError(f"{path}: {column} is no column of lists of one length (fixed_size_list).")
    return kind


def _column_of(schema: "pa.Schema", names: Sequence[str]) -> str | None:
    return next((name for name in names if name in schema.names), None)


def _numbers(column: "pa.Array") -> NDArray[np.float64]:
    import pyarrow as pa

    found: NDArray[np.float64] = column.cast(pa.float64()).to_numpy(zero_copy_only=False)
    return found


def _texts(column: "pa.Array | None", count: int) -> list[str]:
    """Return the texts of a column; empty where there is none."""
    import pyarrow as pa

    if column is None:
        return [""] * count
    return [text or "" for text in column.cast(pa.string()).to_pylist()]
