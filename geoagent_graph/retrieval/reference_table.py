"""The Parquet table of an index: where each reference photo was taken and whose it is."""

from dataclasses import dataclass, fields
from itertools import pairwise
from operator import attrgetter
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from geoagent_graph.errors import ReferenceIndexError
from geoagent_graph.retrieval.parquet_bounds import TableTooLarge, check_pages

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from geoagent_graph.retrieval.index_format import HashingFile

MAX_TEXT_CHARS = 4000
MAX_FOOTER_ITEMS = 100_000
MAX_FOOTER_TEXT_BYTES = 1 << 20


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

    The texts stay in Arrow memory, each once however many rows have it; only the rows that a search
    returns become Python objects.
    """

    def __init__(self, table: "pa.Table") -> None:
        self._table = table

    def __len__(self) -> int:
        return int(self._table.num_rows)

    @property
    def arrow(self) -> "pa.Table":
        """The rows as Arrow holds them."""
        return self._table

    def row(self, position: int) -> ReferenceRow:
        """Return the row at a position."""
        values = {name: self._table[name][position].as_py() for name in self._table.column_names}
        return ReferenceRow(**values)

    def rows(self) -> list[ReferenceRow]:
        """Return all rows."""
        columns = [self.column(name) for name in ReferenceRow.__slots__]
        return [ReferenceRow(*values) for values in zip(*columns, strict=True)]

    def ids(self) -> list[str]:
        """Return the id of every row."""
        return self.column("id")

    def digests(self) -> list[str]:
        """Return the sha256 of every photo, in hexadecimal."""
        return self.column("sha256")

    def countries(self) -> CountryRanges:
        """Return where each country starts and stops.

        Raises:
            ReferenceIndexError: the rows are not sorted by country.
        """
        import pyarrow as pa
        import pyarrow.compute as pc

        runs = pc.run_end_encode(self._table["country_code"].cast(pa.string()).combine_chunks())
        names, stops = runs.values.to_pylist(), runs.run_ends.to_pylist()
        if any(former >= latter for former, latter in pairwise(names)):
            raise ReferenceIndexError("its rows are not sorted by country")
        starts = [0, *stops[:-1]]
        return CountryRanges(
            {name: (a, b) for name, a, b in zip(names, starts, stops, strict=True)}
        )

    def column(self, name: str) -> list[Any]:
        """Return a column by the name of its field; rows of one text share it."""
        if name not in _TEXT_COLUMNS:
            return list(self._table[name].to_pylist())
        found: list[Any] = []
        for chunk in self._table[name].chunks:
            if not hasattr(chunk, "dictionary"):  # mapped into memory as it is
                found += chunk.to_pylist()
                continue
            texts = chunk.dictionary.to_pylist()
            found += [texts[number] for number in chunk.indices.to_pylist()]
        return found


def row_schema() -> "pa.Schema":
    """Return the columns of a table of references as they are written."""
    import pyarrow as pa

    types = {str: pa.string(), float: pa.float64()}
    return pa.schema(
        [pa.field(f.name, types[f.type], nullable=False) for f in fields(ReferenceRow)]  # type: ignore[index]
    )


def write_references(rows: list[ReferenceRow], sink: "HashingFile") -> None:
    """Write the rows as Parquet; an OSError of the sink passes through."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = {name: list(map(attrgetter(name), rows)) for name in ReferenceRow.__slots__}
    table = pa.Table.from_pydict(columns, schema=row_schema())
    buffer = pa.BufferOutputStream()
    pq.write_table(table, buffer, compression="zstd")
    sink.write(buffer.getvalue().to_pybytes())


def read_references(file: BinaryIO, count: int) -> ReferenceTable:
    """Return the table in an open Parquet file of `count` rows.

    Nothing is unpacked before its size is known. Texts are read as dictionaries: a text that a
    million rows refer to takes no more memory than one.

    Raises:
        ReferenceIndexError: the table is not what an index holds; the message does not name the
            folder, the caller adds it.
    """
    import pyarrow as pa

    try:
        parquet = _open_parquet(file)
        if not parquet.schema_arrow.equals(_read_schema()):
            raise ReferenceIndexError("its columns are not those of a reference table")
        if parquet.metadata.num_rows != count:
            raise ReferenceIndexError(f"it has {parquet.metadata.num_rows} rows instead of {count}")
        check_pages(file, parquet.metadata)
        table = parquet.read(use_threads=False)  # a process may end at once
    except KeyError as error:  # a column that is to be read as a dictionary
        raise ReferenceIndexError("its columns are not those of a reference table") from error
    except TableTooLarge as error:
        raise ReferenceIndexError("it unpacks to more than any real table") from error
    except (pa.ArrowException, OSError, ValueError, MemoryError) as error:
        raise ReferenceIndexError("it is not a readable Parquet table") from error
    check_values(table, count)
    return ReferenceTable(table)


def _open_parquet(file: BinaryIO) -> "pq.ParquetFile":
    import pyarrow.parquet as pq

    # Ahead, a thread of Arrow would read: it needs Python, and may outlive it.
    return pq.ParquetFile(
        file,
        memory_map=False,
        pre_buffer=False,
        read_dictionary=list(_TEXT_COLUMNS),
        thrift_string_size_limit=MAX_FOOTER_TEXT_BYTES,
        thrift_container_size_limit=MAX_FOOTER_ITEMS,
    )


def _read_schema() -> "pa.Schema":
    """Return the columns as they are read: texts as dictionaries."""
    import pyarrow as pa

    types = {str: pa.dictionary(pa.int32(), pa.string()), float: pa.float64()}
    return pa.schema(
        [pa.field(f.name, types[f.type], nullable=False) for f in fields(ReferenceRow)]  # type: ignore[index]
    )


def check_values(table: "pa.Table", count: int) -> None:
    """Refuse rows that an index does not hold.

    Raises:
        ReferenceIndexError: the message does not name the folder, the caller adds it.
    """
    import pyarrow as pa

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
        for chunk in table[name].chunks:
            _check_texts(name, getattr(chunk, "dictionary", chunk))
    if len(set(ReferenceTable(table).ids())) != count:
        raise ReferenceIndexError("it has the same id twice")


def _check_texts(name: str, texts: "pa.Array") -> None:
    import pyarrow.compute as pc

    if len(texts) and pc.max(pc.utf8_length(texts)).as_py() > MAX_TEXT_CHARS:
        raise ReferenceIndexError(f"its {name} is longer than {MAX_TEXT_CHARS} characters")
    if name == "country_code" and not pc.all(_are_countries(texts)).as_py():
        raise ReferenceIndexError("it has a country code that is not ISO 3166-1")


def _are_countries(texts: "pa.Array") -> "pa.Array":
    import pyarrow.compute as pc

    return pc.match_substring_regex(texts, "^([A-Z]{2})?$")
