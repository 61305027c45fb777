"""The rows of what people have: a manifest, a Parquet table, an export, a folder of photos."""

from collections.abc import Iterator
from pathlib import Path

from geoagent_graph.errors import InputError, ReferenceIndexError
from geoagent_graph.images.endings import PHOTO_ENDINGS
from geoagent_graph.retrieval.export_rows import EXPORT_ENDINGS, read_export_fields
from geoagent_graph.retrieval.folder_rows import ClaimsOf, FolderPhotos
from geoagent_graph.retrieval.index_format import INDEX_FILES, is_index, read_manifest
from geoagent_graph.retrieval.manifest_fields import CodesOf, RowFields, two_letter_codes
from geoagent_graph.retrieval.manifest_rows import (
    ManifestRow,
    RowProblem,
    read_row_fields,
    rows_of_fields,
)
from geoagent_graph.retrieval.parquet_rows import read_parquet_fields

TABLE_ENDINGS = (".jsonl", ".ndjson", ".csv", ".tsv", ".parquet", *EXPORT_ENDINGS)


def read_source_rows(
    source: Path, claims_of: ClaimsOf | None = None, codes_of: CodesOf = two_letter_codes
) -> Iterator[ManifestRow | RowProblem]:
    """Yield a row for every photo that a source lists or holds, or why it cannot be used.

    Args:
        source: JSON Lines, CSV or Parquet with a file and a position a row; an export of Mapillary
            or Panoramax (JSON or GeoJSON) beside its photos; or a folder, in which such tables are
            found, and photos that none of them lists are taken where their file says a position.
        claims_of: reads what a photo's file says of its position; None hears of none.
        codes_of: names the countries that a name or a code of three letters may mean.

    Raises:
        InputError: the source is missing or cannot be read.
    """
    if source.is_dir():
        photos = FolderPhotos.of(source, claims_of, codes_of)
        if not photos.photos:
            raise InputError(f"{source}: no photos in it ({', '.join(PHOTO_ENDINGS)})")
        for table in _tables_in(source):
            try:
                yield from photos.listed_rows(table, read_table_fields(table))
            except InputError as error:  # it may be there for another purpose
                yield photos.problem_of(table, str(error).removeprefix(f"{table}: "))
        yield from photos.other_rows()
    elif source.suffix.lower() in EXPORT_ENDINGS:
        photos = FolderPhotos.of(source.parent, claims_of, codes_of)
        yield from photos.listed_rows(source, read_table_fields(source))
    else:
        yield from rows_of_fields(read_table_fields(source), source.parent, codes_of)


def read_table_fields(table: Path) -> Iterator[tuple[int, RowFields | RowProblem]]:
    """Yield the number and the fields of each row of a table, whatever its format.

    Raises:
        InputError: it is missing or cannot be read.
    """
    ending = table.suffix.lower()
    if ending == ".parquet":
        return read_parquet_fields(table)
    if ending in EXPORT_ENDINGS:
        return read_export_fields(table)
    return read_row_fields(table)


def _tables_in(folder: Path) -> list[Path]:
    """Return the tables of a folder and its folders, by name."""
    found = (path for path in folder.rglob("*") if path.suffix.lower() in TABLE_ENDINGS)
    return sorted(path for path in found if path.is_file() and not _is_of_index(path))


def _is_of_index(table: Path) -> bool:
    """Return whether a table is a file of an index that was written into the folder."""
    if table.name not in INDEX_FILES or not is_index(table.parent):
        return False
    try:
        read_manifest(table.parent)
    except ReferenceIndexError:
        return False
    return True
