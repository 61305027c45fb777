"""The photos that a manifest lists: JSON Lines, a table with a head (CSV), or Parquet.

A row may name a photo below the manifest's folder, or below a root that was given. A manifest that
came from elsewhere reaches no other file and no other machine.
"""

import posixpath
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from geoagent_graph.batch.file_systems import is_url, is_web, open_at
from geoagent_graph.batch.listed_photo import ListedPhoto
from geoagent_graph.errors import InputError
from geoagent_graph.images.file_uri import local_path
from geoagent_graph.retrieval.manifest_fields import (
    KEYS,
    MAX_FILE_CHARS,
    RowFields,
    refuse_twin_columns,
)
from geoagent_graph.retrieval.manifest_rows import RowProblem, row_fields_in
from geoagent_graph.safe_text import visible

if TYPE_CHECKING:
    import fsspec
    import pyarrow as pa

_ROWS_AT_ONCE: Final = 4096
_DOTS: Final = frozenset({".", ".."})
_QUERY: Final = re.compile(r"[?#]")


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
        with open_at(fs, path, location) as file:
            rows = _parquet_fields if path.lower().endswith(".parquet") else row_fields_in
            for number, fields in rows(file, location):
                yield _row_of(fields, number, location, allowed)
    except OSError as error:
        raise InputError(f"{visible(location, 200)}: cannot be read ({error})") from error


def _parquet_fields(file: Any, location: str) -> Iterator[tuple[int, RowFields | RowProblem]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    number = 0
    try:
        table = pq.ParquetFile(file, pre_buffer=False)
        wanted = _file_columns(table.schema_arrow, location)
        for batch in table.iter_batches(_ROWS_AT_ONCE, columns=wanted):
            for row in batch.to_pylist():
                number += 1
                yield number, RowFields(row)
    except (pa.ArrowException, OSError) as error:
        words = f"cannot be read as Parquet after {number} rows ({error})"
        raise InputError(f"{visible(location, 200)}: {visible(words, 300)}") from error


def _file_columns(schema: "pa.Schema", location: str) -> list[str]:
    """Return the columns that name files.

    Raises:
        InputError: there is none, one comes twice, or none holds text.
    """
    refuse_twin_columns(schema.names, location)
    named = [schema.field(name) for name in schema.names if is_file_key(name)]
    if not named:
        known = ", ".join(KEYS["file"])
        raise InputError(f"{visible(location, 200)}: has no column of files; name it {known}")
    found = [field.name for field in named if _holds_text(field.type)]
    if not found:
        kinds = ", ".join(f"{field.name} is {field.type}" for field in named)
        shown = visible(f"{kinds}, not the paths or addresses of files", 300)
        raise InputError(f"{visible(location, 200)}: {shown}")
    return found


def _holds_text(kind: "pa.DataType") -> bool:
    import pyarrow.types as kinds

    inner = kind.value_type if kinds.is_dictionary(kind) else kind
    checks = (kinds.is_string, kinds.is_large_string, kinds.is_string_view, kinds.is_null)
    return any(check(inner) for check in checks)


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
    text = local_path(name)
    if len(text) > MAX_FILE_CHARS or not text.isprintable():
        problem = f"its name has control characters, or more than {MAX_FILE_CHARS:,} of any"
        return ListedPhoto(called, called, problem=problem)
    place = _resolve_place(text, allowed)
    if place is None:
        problem = "lies outside the manifest's folder; name its folder or address with --root"
        return ListedPhoto(called, called, problem=problem)
    return ListedPhoto(called, place)


def _resolve_place(text: str, allowed: tuple[str, ...]) -> str | None:
    """Return where a photo lies, None where that is below no allowed folder."""
    is_whole = is_url(text) or text.startswith("/")
    place = _without_dots(text if is_whole else f"{allowed[0].rstrip('/')}/{text}")
    is_below = any(place.startswith(f"{root.rstrip('/')}/") for root in allowed)
    return place if is_below else None


def _without_dots(place: str) -> str:
    """Return a place without `.` and `..`; empty where a web address hides some in escapes.

    The query of an address stays as it is, and so do empty names in a URL: keys of objects may
    have some.
    """
    if not is_url(place):
        return posixpath.normpath(place)
    query = _QUERY.search(place) if is_web(place) else None
    end = query.start() if query is not None else len(place)
    parts = place[:end].split("/")
    if is_web(place) and any(_hides_dots(part) for part in parts):
        return ""
    if _DOTS.isdisjoint(parts):
        return place
    head, separator, rest = place[:end].rpartition("://")
    return head + separator + posixpath.normpath(rest) + place[end:]


def _hides_dots(part: str) -> bool:
    """Return whether a name becomes a way up when a client or a server resolves its escapes."""
    return "%" in part and not _DOTS.isdisjoint(unquote(part).replace("\\", "/").split("/"))
