"""The photos that a manifest lists: JSON Lines, a table with a head (CSV), or Parquet.

A row may name a photo below the manifest's folder, or below a root that was given. A manifest that
came from elsewhere reaches no other file and no other machine.
"""

import io
import posixpath
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from geoagent_graph.batch.listed_photo import ListedPhoto
from geoagent_graph.batch.photo_source import is_url
from geoagent_graph.errors import InputError
from geoagent_graph.images.file_uri import local_path
from geoagent_graph.retrieval.manifest_fields import KEYS, MAX_FILE_CHARS, RowFields
from geoagent_graph.retrieval.manifest_rows import RowProblem, row_fields_in
from geoagent_graph.safe_text import visible

if TYPE_CHECKING:
    import fsspec

_ROWS_AT_ONCE: Final = 4096


def list_manifest(
    fs: "fsspec.AbstractFileSystem", path: str, location: str, roots: tuple[str, ...]
) -> Iterator[ListedPhoto]:
    """Yield one row per row of a manifest, in its order; one that names no photo says why.

    Raises:
        InputError: the manifest cannot be read.
    """
    folder = posixpath.dirname(location)
    allowed = (*roots, folder)
    try:
        with fs.open(path, "rb") as file:
            rows = _parquet_fields if path.lower().endswith(".parquet") else _line_fields
            for number, fields in rows(file, location):
                yield _row_of(fields, number, location, allowed)
    except OSError as error:
        raise InputError(f"{visible(location, 200)}: cannot be read ({error})") from error


def _line_fields(file: Any, location: str) -> Iterator[tuple[int, RowFields | RowProblem]]:
    # Files of object stores cannot read a line of limited length; a buffer can.
    return row_fields_in(io.BufferedReader(file) if is_url(location) else file, location)


def _parquet_fields(file: Any, location: str) -> Iterator[tuple[int, RowFields | RowProblem]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    number = 0
    try:
        table = pq.ParquetFile(file, pre_buffer=False)
        wanted = [name for name in table.schema_arrow.names if is_file_key(name)]
        for batch in table.iter_batches(_ROWS_AT_ONCE, columns=wanted):
            for row in batch.to_pylist():
                number += 1
                yield number, RowFields(row)
    except (pa.ArrowException, OSError) as error:
        words = f"cannot be read as Parquet after {number} rows ({error})"
        raise InputError(f"{visible(location, 200)}: {visible(words, 300)}") from error


def is_file_key(name: str) -> bool:
    """Return whether a column names files."""
    return RowFields({name: "a"}).has("file")


def _row_of(
    fields: RowFields | RowProblem, number: int, location: str, allowed: tuple[str, ...]
) -> ListedPhoto:
    name = fields.file
    called = name or f"{location}, line {number}"
    if isinstance(fields, RowProblem):
        return ListedPhoto(called, called, problem=fields.problem)
    if not name:
        known = ", ".join(KEYS["file"])
        return ListedPhoto(called, called, problem=f"names no file; name it as one of {known}")
    place = _resolve_place(name, allowed)
    if place is None:
        problem = "lies outside the manifest's folder; name its folder or address with --root"
        return ListedPhoto(called, called, problem=problem)
    return ListedPhoto(called, place)


def _resolve_place(name: str, allowed: tuple[str, ...]) -> str | None:
    """Return where a photo lies, None where that is below no allowed folder."""
    text = local_path(name)
    if len(text) > MAX_FILE_CHARS or not text.isprintable():
        return None
    place = text if is_url(text) or text.startswith("/") else f"{allowed[0].rstrip('/')}/{text}"
    head, separator, rest = place.rpartition("://") if is_url(place) else ("", "", place)
    place = head + separator + posixpath.normpath(rest)
    is_below = any(place.startswith(f"{root.rstrip('/')}/") for root in allowed)
    return place if is_below else None
