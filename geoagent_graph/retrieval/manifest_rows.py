"""Rows of a manifest: which photos to index, where they were taken, whose they are.

JSON Lines, an object a line, or a table (CSV) whose first line names the columns, with commas,
semicolons or tabs between them. A row needs a file and a position; an id, a country, `license`,
`attribution`, `source_url` and `cluster_id` may be there, anything else is ignored.
`manifest_fields.KEYS` has the names that are understood, in any case.

The file is relative to the manifest's folder and may not leave it: a manifest that came from
elsewhere must not reach other files of this machine. A link inside that folder is followed, because
whoever owns the folder made it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, Final

from pydantic_core import from_json

from geoagent_graph.errors import InputError
from geoagent_graph.regular_files import open_regular
from geoagent_graph.retrieval.manifest_fields import (
    KEYS,
    BadField,
    CodesOf,
    RowFields,
    two_letter_codes,
)
from geoagent_graph.retrieval.table_lines import (
    MAX_LINE_BYTES,
    BadLine,
    Columns,
    Lines,
    columns_of,
)

_JSON_ENDINGS: Final = (".jsonl", ".ndjson")
_WIDE_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class ManifestRow:
    """A photo to index; `id` is None where the manifest gives none, `country_code` empty.

    `notes` say which of its fields were not understood.
    """

    line: int
    path: Path
    id: str | None
    lat_deg: float
    lon_deg: float
    country_code: str
    license: str
    attribution: str
    source_url: str
    cluster_id: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong with a row: the file it is about, its line in the manifest, and why."""

    file: str
    line: int
    problem: str


def read_manifest_rows(
    manifest: Path, codes_of: CodesOf = two_letter_codes
) -> Iterator[ManifestRow | RowProblem]:
    """Yield each row of a manifest, or why it cannot be used; empty lines are passed over.

    Whether the photo exists is not looked at here.

    Args:
        manifest: the file.
        codes_of: names the countries that a name or a code of three letters may mean.

    Raises:
        InputError: the manifest is missing or cannot be read.
    """
    yield from rows_of_fields(read_row_fields(manifest), manifest.parent, codes_of)


def rows_of_fields(
    numbered: Iterable[tuple[int, RowFields | RowProblem]], folder: Path, codes_of: CodesOf
) -> Iterator[ManifestRow | RowProblem]:
    """Yield a row for all fields that make one, and why others do not; files lie below `folder`."""
    for number, fields in numbered:
        if isinstance(fields, RowProblem):
            yield fields
            continue
        try:
            yield make_row(fields, number, folder / fields.read_file(), codes_of)
        except BadField as error:
            yield RowProblem(fields.file, number, str(error))


def read_row_fields(manifest: Path) -> Iterator[tuple[int, RowFields | RowProblem]]:
    """Yield the line and the fields of each row of a manifest, or why it is no row.

    Nothing is asked of the fields; empty lines are passed over.

    Raises:
        InputError: the manifest is missing or cannot be read.
    """
    try:
        with open_regular(manifest) as file:
            yield from row_fields_in(file, str(manifest))
    except FileNotFoundError as error:
        raise InputError(f"{manifest}: there is no such manifest; check the path.") from error
    except IsADirectoryError as error:
        raise InputError(
            f"{manifest}: is a folder; name the JSON Lines or CSV file that lists the photos."
        ) from error
    except OSError as error:
        raise InputError(f"{manifest}: cannot be read ({error.strerror}).") from error


def row_fields_in(file: BinaryIO, name: str) -> Iterator[tuple[int, RowFields | RowProblem]]:
    """Yield the same of a manifest that is open; an OSError of the file passes through.

    Raises:
        InputError: it is of another encoding.
    """
    lines = Lines(file)
    first = next(iter(lines), None)
    if first is None:
        return
    if first[1].startswith(_WIDE_MARKS):
        raise InputError(f"{name}: is UTF-16; save it as UTF-8.")
    columns = columns_of(first[1], name)
    if columns is None:
        _require_json(first[1], name)
        lines.put_back([first])
    for number, line in lines:
        yield number, _parse_fields(line, number, columns, lines)


def _require_json(line: bytes, name: str) -> None:
    """Refuse a table without a head, and what is no manifest at all.

    Raises:
        InputError: its first line is no JSON, and it is not called JSON Lines either.
    """
    if not (line.lstrip().startswith(b"{") or name.lower().endswith(_JSON_ENDINGS)):
        known = ", ".join(KEYS["file"])
        raise InputError(
            f"{name}: is no manifest; its first line is neither a JSON object nor names a column "
            f"of files ({known}), with commas, semicolons or tabs between columns"
        )


def _parse_fields(
    line: bytes, number: int, columns: Columns | None, lines: Lines
) -> RowFields | RowProblem:
    try:
        content, notes = _content_of(line, columns, lines)
    except BadLine as error:
        return RowProblem("", number, str(error))
    fields = RowFields(content)
    fields.notes += notes
    return fields


def make_row(fields: RowFields, number: int, path: Path, codes_of: CodesOf) -> ManifestRow:
    """Return the row of the photo at `path`.

    Raises:
        BadField: the fields have no position that is understood.
    """
    lat_deg, lon_deg = fields.read_degrees("lat_deg"), fields.read_degrees("lon_deg")
    row = ManifestRow(
        line=number,
        path=path,
        id=fields.read_id(),
        lat_deg=lat_deg,
        lon_deg=-180.0 if lon_deg == 180.0 else lon_deg,
        country_code=fields.read_country(codes_of),
        license=fields.read_text("license"),
        attribution=fields.read_text("attribution"),
        source_url=fields.read_text("source_url"),
        cluster_id=fields.read_text("cluster_id"),
    )
    return replace(row, notes=tuple(fields.notes))


def _content_of(
    line: bytes, columns: Columns | None, lines: Lines
) -> tuple[Mapping[str, Any], list[str]]:
    if len(line) > MAX_LINE_BYTES:
        raise BadLine(f"the line is longer than {MAX_LINE_BYTES:,} bytes")
    if columns is not None:
        return columns.read_row(line, lines)
    try:
        content = from_json(line)  # programs write NaN for what is missing
    except ValueError as error:
        raise BadLine("is no JSON") from error
    if not isinstance(content, dict):
        raise BadLine("is no JSON object")
    return content, []
