"""Writing an index of shards: what has not changed is linked from where it lies, not written."""

import errno
import hashlib
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.retrieval.cell_classifier import CellClassifier
from geoagent_graph.retrieval.coded_files import CodedRows, write_coded
from geoagent_graph.retrieval.index_folder import (
    IndexParts,
    place_encoder_fields,
    replace_index,
    write_file,
    write_manifest,
    write_parts,
    writers_of_learnt,
)
from geoagent_graph.retrieval.index_format import (
    CLASSIFIER_NAME,
    MANIFEST_NAME,
    OLDEST_VERSION,
    PLACE_VECTORS_NAME,
    SHARDS_VERSION,
    FileRecord,
    IndexManifest,
)
from geoagent_graph.retrieval.open_shard import Shard, open_part
from geoagent_graph.retrieval.place_vectors import PlaceVectors
from geoagent_graph.whole_files import sync_folder

_NO_LINKS = {errno.EXDEV, errno.EPERM, errno.EMLINK, errno.ENOTSUP, errno.ENOSYS}
_LEARNT_NAMES = (CLASSIFIER_NAME, PLACE_VECTORS_NAME)


@dataclass(frozen=True, slots=True, eq=False)
class Learnt:
    """What an index has learnt of places, and the vectors that it learnt from."""

    classifier: CellClassifier | None = None
    places: PlaceVectors | None = None


@dataclass(frozen=True, slots=True, eq=False)
class CodedCut:
    """What stays of a shard with compressed codes, which is opened: its rows, ascending."""

    shard: Shard
    rows: NDArray[np.int64]


Piece = Shard | IndexParts | CodedCut


def save_shards(target: Path, pieces: Sequence[Piece], learnt: Learnt) -> IndexManifest:
    """Write an index of these shards in the place of an old one, in one step; return its manifest.

    The files of a `Shard` are linked, or copied where the file system has no links; others are
    written. One piece alone is an index without shards. The caller is inside
    `lock_index(target)`. Whatever stops this, the old index stays what it was.

    Raises:
        StorageError: disk full, read-only folder, ...
    """
    return replace_index(target, lambda made: _write_index(made, pieces, learnt))


def _write_index(made: Path, pieces: Sequence[Piece], learnt: Learnt) -> IndexManifest:
    if len(pieces) == 1 and not isinstance(pieces[0], CodedCut):
        whole = pieces[0]
        if isinstance(whole, IndexParts):
            return write_parts(
                made, replace(whole, classifier=learnt.classifier, places=learnt.places)
            )
        return _link_shard(made, whole, learnt)
    shards, version = [], SHARDS_VERSION
    for number, piece in enumerate(pieces, start=1):
        folder = made / f"shard-{number:06}"
        folder.mkdir()
        if isinstance(piece, IndexParts):
            manifest = write_parts(folder, replace(piece, classifier=None, places=None))
        elif isinstance(piece, CodedCut):
            manifest = _write_cut(folder, piece)
        else:
            manifest = _link_shard(folder, piece, Learnt())
        sync_folder(folder)
        version = max(version, manifest.format_version)
        record = _record_of(folder / MANIFEST_NAME)
        shards.append({"name": folder.name, "count": manifest.count, "manifest": record})
    return write_manifest(
        made,
        {
            "format_version": version,
            "encoder_id": manifest.encoder_id,
            "dimension": manifest.dimension,
            "count": sum(int(str(shard["count"])) for shard in shards),
            "index_kind": "Shards",
            "files": _write_learnt(made, learnt),
            "place_encoder": place_encoder_fields(learnt.places),
            "shards": shards,
        },
    )


def _write_cut(folder: Path, cut: CodedCut) -> IndexManifest:
    vectors = cut.shard.vectors
    rows = CodedRows(cut.shard.table.arrow, vectors.exact, cut.rows)
    return write_coded(folder, cut.shard.manifest.encoder_id, rows, vectors.empty_copy())


def _write_learnt(made: Path, learnt: Learnt) -> dict[str, object]:
    writers = writers_of_learnt(learnt.classifier, learnt.places)
    return {name: write_file(made / name, write).model_dump() for name, write in writers.items()}


def _link_shard(folder: Path, shard: Shard, learnt: Learnt) -> IndexManifest:
    """Link the files of a shard into an empty folder, with a manifest that fits what is learnt."""
    old = shard.manifest
    files = old.files.model_dump(by_alias=True, exclude_none=True)
    kept = {name: record for name, record in files.items() if name not in _LEARNT_NAMES}
    for name in kept:
        link_file(shard.folder / name, folder / name)
    if kept == files and learnt.classifier is None and learnt.places is None:
        link_file(shard.folder / MANIFEST_NAME, folder / MANIFEST_NAME)
        return old
    version = old.format_version
    if version <= OLDEST_VERSION + 2:
        has_most = learnt.places is not None or old.files.keypoints is not None
        version = OLDEST_VERSION + (2 if has_most else learnt.classifier is not None)
    fields = old.model_dump(by_alias=True, exclude_none=True, exclude={"created", "place_encoder"})
    changed = {
        "format_version": version,
        "files": kept | _write_learnt(folder, learnt),
        "place_encoder": place_encoder_fields(learnt.places),
    }
    return write_manifest(folder, fields | changed)


def link_file(source: Path, target: Path) -> None:
    """Give a file of an index another name; an OSError passes through.

    Files of an index are never changed where they lie, so that two indexes may share them.
    """
    try:
        os.link(source.resolve(), target, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        with open_part(source.parent, source.name) as file, target.open("xb") as copy:
            shutil.copyfileobj(file, copy, 1 << 20)
            copy.flush()
            os.fsync(copy.fileno())


def _record_of(path: Path) -> dict[str, object]:
    written = path.read_bytes()
    digest = hashlib.sha256(written).hexdigest()
    return FileRecord(sha256=digest, size_bytes=len(written)).model_dump()
