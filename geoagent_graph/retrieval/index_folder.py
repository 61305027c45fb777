"""Writing an index folder: whole or not at all, and by one process at a time."""

import ctypes
import errno
import os
import secrets
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geoagent_graph.errors import InputError, ReferenceIndexError, StorageError
from geoagent_graph.retrieval.cell_classifier import CellClassifier, classifier_bytes
from geoagent_graph.retrieval.index_format import (
    CLASSIFIER_NAME,
    FORMAT,
    INDEX_FILES,
    KEYPOINT_DIGESTS_NAME,
    KEYPOINTS_NAME,
    MANIFEST_NAME,
    OLDEST_VERSION,
    PLACE_VECTORS_NAME,
    REFERENCES_NAME,
    SHARD_NAME,
    VECTORS_NAME,
    FileRecord,
    HashingFile,
    IndexManifest,
    is_index,
)
from geoagent_graph.retrieval.keypoint_file import write_records
from geoagent_graph.retrieval.place_vectors import PlaceVectors, write_place_vectors
from geoagent_graph.retrieval.reference_table import ReferenceRow, write_references
from geoagent_graph.retrieval.vector_index import kind_of, write_vectors
from geoagent_graph.whole_files import sync_folder

if TYPE_CHECKING:
    from filelock import FileLock

_LOCK_SECONDS = 2.0
_MAY_NOT_WRITE = (errno.EROFS, errno.EACCES, errno.EPERM)
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2  # Linux: see renameat2(2)


def beside(target: Path, role: str) -> Path:
    """Return the hidden name next to an index folder under which a writer keeps something."""
    return target.with_name(f".{target.name}.{role}")


def check_target(target: Path) -> None:
    """Refuse a place where writing an index would destroy something else.

    Raises:
        InputError: it is a file, or a folder that holds anything but an index.
    """
    if target.is_dir():
        names = set(os.listdir(target)) - INDEX_FILES  # noqa: PTH208  names, not paths
        if foreign := sorted(name for name in names if not SHARD_NAME.fullmatch(name)):
            raise InputError(
                f"{target}: holds other files ({foreign[0]}); name a new or empty folder."
            )
    elif target.exists():
        raise InputError(f"{target}: is a file; name a folder for the index.")


@contextmanager
def lock_index(target: Path) -> Iterator[None]:
    """Hold the index folder for writing, and tidy up what a killed writer left beside it.

    Raises:
        InputError: something else is at this place.
        ReferenceIndexError: another process is writing this index.
        StorageError: the folder it lies in cannot be written.
    """
    with storage_errors(target):
        check_target(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        lock = _acquire_lock(target)
    try:
        with storage_errors(target):
            _tidy_leftovers(target)
        yield
    finally:
        lock.release()


@contextmanager
def lock_source(folder: Path) -> Iterator[None]:
    """Keep others from writing an index that is read; other files may lie in it.

    Where a lock cannot lie beside it, on read-only media or in a folder of somebody else, it is
    read without: every byte of it is checked, and its files are never changed where they lie.

    Raises:
        ReferenceIndexError: another process is writing this index.
        StorageError: the folder it lies in cannot be used.
    """
    try:
        with storage_errors(folder):
            lock = _acquire_lock(folder)
    except StorageError as error:
        reason = error.__cause__
        if not (isinstance(reason, OSError) and reason.errno in _MAY_NOT_WRITE):
            raise
        yield
        return
    try:
        yield
    finally:
        lock.release()


def _acquire_lock(folder: Path) -> "FileLock":
    """Return the lock beside an index, which is held; an OSError passes through.

    Raises:
        ReferenceIndexError: another process holds it.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(beside(folder, "lock"), timeout=_LOCK_SECONDS)
    try:
        lock.acquire()
    except Timeout as error:
        raise ReferenceIndexError(
            f"{folder}: another process is writing this index; wait until it has finished."
        ) from error
    return lock


@contextmanager
def storage_errors(target: Path) -> Iterator[None]:
    """Turn an OSError into a StorageError that names the index."""
    try:
        yield
    except OSError as error:
        raise StorageError(
            f"{target}: cannot be written ({error.strerror or error}); free some space or choose "
            "another place. An index that was there is untouched."
        ) from error


@dataclass(frozen=True, slots=True, eq=False)
class IndexParts:
    """What an index is made of; `index` is that of FAISS, its vectors in the order of the rows."""

    encoder_id: str
    index: Any
    rows: list[ReferenceRow]
    classifier: CellClassifier | None = None
    places: PlaceVectors | None = None
    keypoints: Iterable[bytes] | None = None  # a record a row, read once

    @property
    def format_version(self) -> int:
        """The oldest format that has all these parts."""
        if kind_of(self.index) == "IndexScalarQuantizer":
            return 4
        if self.places is not None or self.keypoints is not None:
            return OLDEST_VERSION + 2
        return OLDEST_VERSION if self.classifier is None else OLDEST_VERSION + 1


def save_index(target: Path, parts: IndexParts) -> IndexManifest:
    """Write an index and put it in the place of the old one in one step; return its manifest.

    The caller is inside `lock_index(target)`. Whatever stops this, the old index stays what it was.

    Raises:
        StorageError: disk full, read-only folder, ...
    """
    return replace_index(target, lambda made: write_parts(made, parts))


def replace_index(target: Path, write: Callable[[Path], IndexManifest]) -> IndexManifest:
    """Have an index written into an empty folder, and put that in the place of the old one.

    The caller is inside `lock_index(target)`. Whatever stops this, the old index stays what it was.

    Raises:
        StorageError: disk full, read-only folder, ...
    """
    made = beside(target, f"tmp-{secrets.token_hex(6)}")
    try:
        with storage_errors(target):
            made.mkdir()
            manifest = write(made)
            sync_folder(made)
            _replace_folder(made, target)
            sync_folder(target.parent)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return manifest


def write_parts(folder: Path, parts: IndexParts) -> IndexManifest:
    """Write an index into an empty folder; an OSError passes through."""
    files = {
        name: write_file(folder / name, write).model_dump()
        for name, write in _writers(parts).items()
    }
    return write_manifest(
        folder,
        {
            "format_version": parts.format_version,
            "encoder_id": parts.encoder_id,
            "dimension": int(parts.index.d),
            "count": len(parts.rows),
            "index_kind": kind_of(parts.index),
            "files": files,
            "place_encoder": place_encoder_fields(parts.places),
        },
    )


def write_manifest(folder: Path, fields: dict[str, object]) -> IndexManifest:
    """Write the manifest, the last file of an index; an OSError passes through."""
    created = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    manifest = IndexManifest.model_validate(
        {"format": FORMAT, "metric": "inner_product", "created": created} | fields
    )
    text = manifest.model_dump_json(indent=2, by_alias=True, exclude_none=True)
    write_file(folder / MANIFEST_NAME, lambda sink: sink.write(text.encode()))
    return manifest


def _writers(parts: IndexParts) -> dict[str, Callable[[HashingFile], object]]:
    """Return what writes each file beside the manifest."""
    writers: dict[str, Callable[[HashingFile], object]] = {
        VECTORS_NAME: lambda sink: write_vectors(parts.index, sink),
        REFERENCES_NAME: lambda sink: write_references(parts.rows, sink),
        **writers_of_learnt(parts.classifier, parts.places),
    }
    if parts.keypoints is not None:
        records, digests = parts.keypoints, bytearray()
        writers[KEYPOINTS_NAME] = lambda sink: digests.extend(write_records(records, sink))
        writers[KEYPOINT_DIGESTS_NAME] = lambda sink: sink.write(bytes(digests))
    return writers


def writers_of_learnt(
    classifier: CellClassifier | None, places: PlaceVectors | None
) -> dict[str, Callable[[HashingFile], object]]:
    """Return what writes what an index has learnt of places, and from what."""
    writers: dict[str, Callable[[HashingFile], object]] = {}
    if classifier is not None:
        writers[CLASSIFIER_NAME] = lambda sink: sink.write(classifier_bytes(classifier))
    if places is not None:
        writers[PLACE_VECTORS_NAME] = lambda sink: write_place_vectors(places, sink)
    return writers


def place_encoder_fields(places: PlaceVectors | None) -> dict[str, object] | None:
    """Return what the manifest says of the encoder of places."""
    if places is None:
        return None
    return {"encoder_id": places.encoder_id, "dimension": int(places.vectors.shape[1])}


def write_file(path: Path, write: Callable[[HashingFile], object]) -> FileRecord:
    """Write a new file, durable when this returns; an OSError passes through."""
    with _record_file(path) as sink:
        write(sink)
    return sink.record()


@contextmanager
def _record_file(path: Path) -> Iterator[HashingFile]:
    with path.open("xb") as file:
        yield HashingFile(file)
        file.flush()
        os.fsync(file.fileno())


def _replace_folder(made: Path, target: Path) -> None:
    """Put `made` in the place of `target`; leave the old folder, if any, under `made`'s name."""
    if not is_index(target) or not _exchange_folders(made, target):
        _replace_in_two_steps(made, target)


def _exchange_folders(made: Path, target: Path) -> bool:
    """Swap two folders in one step; return False where the system cannot."""
    if not sys.platform.startswith("linux"):
        return False
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    names = (os.fsencode(made), os.fsencode(target))
    return bool(rename(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE) == 0)


def _replace_in_two_steps(made: Path, target: Path) -> None:
    if not target.exists():
        made.rename(target)
        return
    old = beside(target, "old")
    target.rename(old)
    try:
        made.rename(target)
    except OSError:
        old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _tidy_leftovers(target: Path) -> None:
    """Finish or undo what a killed writer began; the caller holds the lock."""
    old = beside(target, "old")
    if is_index(old) and not target.exists():
        old.rename(target)
    shutil.rmtree(old, ignore_errors=True)
    prefix = beside(target, "tmp-").name
    for left in target.parent.iterdir():
        if left.name.startswith(prefix):
            shutil.rmtree(left, ignore_errors=True)
