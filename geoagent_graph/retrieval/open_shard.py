"""One shard of an index: vectors, rows and keypoints of a folder, checked when it is opened."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from geoagent_graph.errors import ReferenceIndexError
from geoagent_graph.regular_files import open_regular
from geoagent_graph.retrieval.checked_files import CheckedFiles
from geoagent_graph.retrieval.coded_shard import open_coded
from geoagent_graph.retrieval.index_format import (
    EXACT_NAME,
    KEYPOINT_DIGESTS_NAME,
    LISTS_NAME,
    MANIFEST_NAME,
    MAPPED_KINDS,
    REBUILD,
    REFERENCES_NAME,
    ROWS_NAME,
    VECTORS_NAME,
    FileRecord,
    IndexManifest,
    check_file,
    read_manifest,
)
from geoagent_graph.retrieval.keypoint_file import KeypointFile
from geoagent_graph.retrieval.mapped_table import read_mapped
from geoagent_graph.retrieval.reference_table import (
    CountryRanges,
    ReferenceTable,
    read_references,
)
from geoagent_graph.retrieval.vector_index import read_vectors


@dataclass(frozen=True, slots=True, eq=False)
class Shard:
    """An opened shard; `vectors` is None where it was opened for its rows alone."""

    folder: Path
    manifest: IndexManifest
    vectors: Any
    table: ReferenceTable
    countries: CountryRanges
    keypoints: KeypointFile | None = None

    def __len__(self) -> int:
        return self.manifest.count


def open_shards(
    folder: Path,
    manifest: IndexManifest,
    *,
    with_vectors: bool = True,
    checked: CheckedFiles | None = None,
) -> tuple[Shard, ...]:
    """Return the shards of an index; one that has none is its own.

    Large shards whose files are among `checked` are not read to the last byte again.

    Raises:
        ReferenceIndexError: one is missing, damaged, or of another index.
    """
    if manifest.shards is None:
        return (open_shard(folder, manifest, with_vectors=with_vectors, checked=checked),)
    return tuple(
        open_shard(
            folder / record.name,
            read_shard_manifest(folder, manifest, record.name, record.manifest),
            with_vectors=with_vectors,
            checked=checked,
        )
        for record in manifest.shards
    )


def read_shard_manifest(
    folder: Path, manifest: IndexManifest, name: str, record: FileRecord
) -> IndexManifest:
    """Return the manifest of a shard, which is the one that the index names.

    Raises:
        ReferenceIndexError: it is missing, damaged, or does not belong to the index.
    """
    shard = folder / name
    with open_part(shard, MANIFEST_NAME) as file:
        check_file(file, record, shard, MANIFEST_NAME)
    found = read_manifest(shard)
    same = (found.encoder_id, found.dimension) == (manifest.encoder_id, manifest.dimension)
    if not same or found.shards is not None:
        raise ReferenceIndexError(f"{shard}: does not belong to this index; {REBUILD}.")
    return found


def open_shard(
    folder: Path,
    manifest: IndexManifest,
    *,
    with_vectors: bool = True,
    checked: CheckedFiles | None = None,
    is_own: bool = False,
) -> Shard:
    """Return a shard whose manifest has been read, every byte of it checked first.

    A large one is mapped into memory; its files are not read again where `checked` knows them, or
    where it `is_own`: this build has written it.

    Raises:
        ReferenceIndexError: a part is missing or damaged.
    """
    files = manifest.files
    if manifest.index_kind in MAPPED_KINDS:
        return _open_mapped(folder, manifest, with_vectors, None if is_own else checked, is_own)
    assert files.references is not None
    assert files.vectors is not None
    with open_part(folder, REFERENCES_NAME) as file:
        check_file(file, files.references, folder, REFERENCES_NAME)
        with name_errors(folder, REFERENCES_NAME):
            table = read_references(file, manifest.count)
            countries = table.countries()
    vectors = _open_vectors(folder, manifest, files.vectors) if with_vectors else None
    keypoints = None
    if files.keypoint_digests is not None:
        with open_part(folder, KEYPOINT_DIGESTS_NAME) as file:
            check_file(file, files.keypoint_digests, folder, KEYPOINT_DIGESTS_NAME)
            keypoints = KeypointFile(folder, file.read(files.keypoint_digests.size_bytes))
    return Shard(folder, manifest, vectors, table, countries, keypoints)


def check_files(shard: Shard) -> None:
    """Check every byte of the files of a shard: of one that goes into another index as it lies.

    Raises:
        ReferenceIndexError: one is missing or damaged.
    """
    for name, record in shard.manifest.files.model_dump(by_alias=True, exclude_none=True).items():
        with open_part(shard.folder, name) as file:
            check_file(file, FileRecord.model_validate(record), shard.folder, name)


def _open_mapped(
    folder: Path,
    manifest: IndexManifest,
    with_vectors: bool,
    checked: CheckedFiles | None,
    is_own: bool,
) -> Shard:
    files = manifest.files
    assert files.rows is not None
    are_known = is_own or _check_once(folder, {ROWS_NAME: files.rows}, checked)
    with name_errors(folder, ROWS_NAME):
        table = read_mapped(folder / ROWS_NAME, manifest.count, is_checked=are_known)
        countries = table.countries()
    vectors = None
    if with_vectors:
        assert files.vectors is not None
        assert files.exact is not None
        records = {VECTORS_NAME: files.vectors, EXACT_NAME: files.exact}
        if files.lists is not None:
            records[LISTS_NAME] = files.lists
        are_known = is_own or _check_once(folder, records, checked)
        with name_errors(folder, VECTORS_NAME):
            vectors = open_coded(
                folder / VECTORS_NAME,
                None if files.lists is None else folder / LISTS_NAME,
                folder / EXACT_NAME,
                manifest.dimension,
                manifest.count,
                is_checked=are_known,
            )
    return Shard(folder, manifest, vectors, table, countries)


def _check_once(folder: Path, records: dict[str, FileRecord], checked: CheckedFiles | None) -> bool:
    """Check files that are not known yet; return whether all were."""
    if checked is not None and all(
        checked.knows(folder / name, record) for name, record in records.items()
    ):
        return True
    for name, record in records.items():
        with open_part(folder, name) as file:
            check_file(file, record, folder, name)
        if checked is not None:
            checked.remember(folder / name, record)
    return False


def _open_vectors(folder: Path, manifest: IndexManifest, record: FileRecord) -> Any:
    with open_part(folder, VECTORS_NAME) as file:
        check_file(file, record, folder, VECTORS_NAME)
        with name_errors(folder, VECTORS_NAME):
            return read_vectors(
                file, record.size_bytes, manifest.index_kind, manifest.dimension, manifest.count
            )


@contextmanager
def open_part(folder: Path, name: str) -> Iterator[BinaryIO]:
    """Open a file of an index.

    Raises:
        ReferenceIndexError: it is missing or cannot be read.
    """
    try:
        with open_regular(folder / name) as file:
            yield file
    except FileNotFoundError as error:
        raise ReferenceIndexError(f"{folder}: {name} is missing; {REBUILD}.") from error
    except OSError as error:
        raise ReferenceIndexError(
            f"{folder}: {name} cannot be read ({error.strerror}); check the disk and permissions."
        ) from error


@contextmanager
def name_errors(folder: Path, name: str) -> Iterator[None]:
    """Give errors the folder, the file and what to do."""
    try:
        yield
    except ReferenceIndexError as error:
        message = f"{folder}: {name} is damaged ({error}); copy the folder again or {REBUILD}."
        raise ReferenceIndexError(message) from error
