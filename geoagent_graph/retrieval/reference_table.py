"""The Parquet table of an index: where each reference photo was taken and whose it is."""

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from geoagent_graph.errors import ReferenceIndexError

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from geoagent_graph.retrieval.index_format import HashingFile

MAX_TEXT_CHARS = 4000
_MAX_ROW_BYTES = 20_000  # all texts of a row, with room; a larger table is a bomb


@dataclass(frozen=True, slots=True)
class ReferenceRow:
    """One reference photo: its place, its licence and its content.

    `country_code` is ISO 3166-1 alpha-2 or empty where no country is known. `sha256` is that of
    the file, in hexadecimal.
    """

    id: str
    lat_deg: float
    lon_deg: float
    country_code: str
    license: str
    attribution: str
    source_url: str
    sha256: str
    cluster_id: str


_TEXT_COLUMNS = tuple(field.name for field in fields(ReferenceRow) if field.type is str)


@dataclass(frozen=True, slots=True)
class CountryRanges:
    """The rows of each country as half-open ranges `[start, stop)`; rows are sorted by country."""

    ranges: dict[str, tuple[int, int]]

    def inside(self, country_codes: frozenset[str]) -> list[tuple[int, int]]:
        """Return the ranges of the given countries in order, neighbours joined."""
        joined: list[tuple[int, int]] = []
        for start, stop in sorted(self.ranges[c] for c in country_codes if c and c in self.ranges):
            if joined and joined[-1][1] == start:
                joined[-1] = (joined[-1][0], stop)
            else:
                joined.append((start, stop))
        return joined


class ReferenceTable:
    """The rows of an index, in the order of its vectors.

    The texts stay in Arrow memory; only the rows that a search returns become Python objects.
    """

    def __init__(self, table: "pa.Table") -> None:
        self._table = table

    def __len__(self) -> int:
        return int(self._table.num_rows)

    def row(self, position: int) -> ReferenceRow:
        """Return the row at a position."""
        values = {name: self._table[name][position].as_py() for name in self._table.column_names}
        return ReferenceRow(**values)

    def rows(self) -> list[ReferenceRow]:
        """Return all rows."""
        return [ReferenceRow(**values) for values in self._table.to_pylist()]

    def ids(self) -> list[str]:
        """Return the id of every row."""
        return list(self._table["id"].to_pylist())

    def countries(self) -> CountryRanges:
        """Return where each country starts and stops.

        Raises:
            ReferenceIndexError: the rows are not sorted by country.
        """
        codes: NDArray[np.str_] = np.asarray(self._table["country_code"].to_pylist(), dtype=np.str_)
        if np.any(codes[:-1] > codes[1:]):
            raise ReferenceIndexError("its rows are not sorted by country")
        names, starts = np.unique(codes, return_index=True)
        stops = [*starts[1:].tolist(), len(codes)]
        return CountryRanges(
            {str(name): (int(a), int(b)) for name, a, b in zip(names, starts, stops, strict=True)}
        )


def _arrow_schema() -> "pa.Schema":
    import pyarrow as pa

    types = {str: pa.string(), float: pa.float64()}
    return pa.schema(
        [pa.field(f.name, types[f.type], nullable=False) for f in fields(ReferenceRow)]  # type: ignore[index]
    )


def write_references(rows: list[ReferenceRow], sink: "HashingFile") -> None:
    """Write the rows as Parquet; an OSError of the sink passes through."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pylist(
        [{name: getattr(row, name) for name in ReferenceRow.__slots__} for row in rows],
        schema=_arrow_schema(),
    )
    buffer = pa.BufferOutputStream()
    pq.write_table(table, buffer, compression="zstd")
    sink.write(buffer.getvalue().to_pybytes())


def read_references(file: BinaryIO, count: int) -> ReferenceTable:
    """Return the table in an open Parquet file of `count` rows.

    Raises:
        ReferenceIndexError: the table is not what an index holds; the message does not name the
            folder, the caller adds it.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        parquet = pq.ParquetFile(file, memory_map=False)
        metadata = parquet.metadata
        if not parquet.schema_arrow.equals(_arrow_schema()):
            raise ReferenceIndexError("its columns are not those of a reference table")
        if metadata.num_rows != count:
            raise ReferenceIndexError(f"it has {metadata.num_rows} rows instead of {count}")
        unpacked = sum(
            metadata.row_group(group).column(column).total_uncompressed_size
            for group in range(metadata.num_row_groups)
            for column in range(metadata.num_columns)
        )
        if unpacked > 1_000_000 + count * _MAX_ROW_BYTES:
            raise ReferenceIndexError("it unpacks to more than any real table")
        table = parquet.read()
    except (pa.ArrowException, OSError, ValueError) as error:
        raise ReferenceIndexError("it is not a readable Parquet table") from error
    _check_values(table, count)
    return ReferenceTable(table)


def _check_values(table: "pa.Table", count: int) -> None:
    import pyarrow as pa
    import pyarrow.compute as pc

    if table.num_rows != count or any(table[name].null_count for name in table.column_names):
        raise ReferenceIndexError("it has missing values")
    try:
        table.validate(full=True)
    except pa.ArrowException as error:
        raise ReferenceIndexError("its text is not valid") from error
    lat_deg, lon_deg = (table[name].to_numpy() for name in ("lat_deg", "lon_deg"))
    in_range = (np.abs(lat_deg) <= 90.0) & (lon_deg >= -180.0) & (lon_deg < 180.0)
    if not in_range.all():  # NaN compares false
        raise ReferenceIndexError("it has coordinates off the globe")
    for name in _TEXT_COLUMNS:
        if pc.max(pc.utf8_length(table[name])).as_py() > MAX_TEXT_CHARS:
            raise ReferenceIndexError(f"its {name} is longer than {MAX_TEXT_CHARS} characters")
    if not pc.all(pc.match_substring_regex(table["country_code"], "^([A-Z]{2})?$")).as_py():
        raise ReferenceIndexError("it has a country code that is not ISO 3166-1")
    if pc.count_distinct(table["id"]).as_py() != count:
        raise ReferenceIndexError("it has the same id twice")
