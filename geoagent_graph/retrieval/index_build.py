"""An index from a manifest of photos, made anew or grown; what was skipped and why."""

import importlib.util
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.protocols import place_encoder_of
from geoagent_graph.retrieval.build_logs import BuildLogs
from geoagent_graph.retrieval.encode_references import encode_references, rows_to_encode
from geoagent_graph.retrieval.faiss_retriever import (
    FaissRetriever,
    load_place_vectors,
    read_own_manifest,
)
from geoagent_graph.retrieval.index_folder import IndexParts, lock_index, save_index
from geoagent_graph.retrieval.index_job import IndexJob as IndexJob
from geoagent_graph.retrieval.index_job import IndexReport as IndexReport
from geoagent_graph.retrieval.keypoint_file import KeypointFile
from geoagent_graph.retrieval.learn_places import learn_places
from geoagent_graph.retrieval.manifest_rows import ManifestRow
from geoagent_graph.retrieval.place_vectors import PlaceVectors, choose_lines, join_vectors
from geoagent_graph.retrieval.reference_table import ReferenceRow
from geoagent_graph.retrieval.vector_index import grow_index, make_index, stored_vectors


def build_index(manifest: Path, target: Path, job: IndexJob) -> IndexReport:
    """Index the photos of a manifest into the folder `target`, replacing an index there.

    Nothing is written where no photo could be indexed. Interrupted, it keeps its embeddings beside
    the target and goes on from there when it is called again.

    Raises:
        InputError: the manifest cannot be read, or something else is at `target`.
        ReferenceIndexError: a bad row under `strict`, or another process writes this index.
        StorageError: disk full, read-only folder, ...
        ToolError: the encoder failed.
    """
    target = target.resolve()
    with lock_index(target):
        report = IndexReport(manifest)
        rows = rows_to_encode(manifest, job, report, known=frozenset())
        logs = BuildLogs.open(target, job.embedder.encoder)
        try:
            _add_places(logs, target, rows, job, held=0)
            if job.keypoints:
                logs.add_keypoints(target)
            references = encode_references(rows, job, logs, report, set())
            if references:
                _save_new(target, references, logs, job, report)
        except BaseException:
            logs.close()
            raise
        logs.delete()
        return report


def add_to_index(target: Path, manifest: Path, job: IndexJob) -> IndexReport:
    """Add the photos of a manifest to an index; photos whose id it has are skipped and counted.

    Raises:
        InputError: the manifest cannot be read.
        ReferenceIndexError: no usable index at `target`, one of another encoder, a bad row under
            `strict`, or another process writes this index.
        StorageError: disk full, read-only folder, ...
        ToolError: the encoder failed.
    """
    target = target.resolve()
    encoder = job.embedder.encoder
    read_own_manifest(target, encoder)  # refuse before a lock file is made beside nothing
    with lock_index(target):
        old = FaissRetriever.load(target, encoder)
        report = IndexReport(manifest)
        known = set(old.table.ids())
        rows = rows_to_encode(manifest, job, report, known)
        logs = BuildLogs.open(target, encoder)
        try:
            if old.manifest.place_encoder is not None:
                _add_places(logs, target, rows, job, held=len(old.table))
            if old.keypoints is not None:
                logs.add_keypoints(target)
            added = encode_references(rows, job, logs, report, known)
            if added:
                _save_grown(target, old, added, logs, job, report)
        except BaseException:
            logs.close()
            raise
        logs.delete()
        return report


def _add_places(
    logs: BuildLogs, target: Path, rows: list[ManifestRow], job: IndexJob, held: int
) -> None:
    """Have vectors made that places are learnt from, where the encoder has some and it can learn.

    `held` is how many photos the index has already; one that has such vectors gets those of new
    photos too.
    """
    encoder = place_encoder_of(job.embedder.encoder)
    if encoder is not None and (held or importlib.util.find_spec("sklearn") is not None):
        logs.add_places(target, encoder, choose_lines(rows, held))


def _save_new(
    target: Path,
    references: list[ReferenceRow],
    logs: BuildLogs,
    job: IndexJob,
    report: IndexReport,
) -> None:
    order = np.array(_country_order(references), dtype=np.int64)
    ordered = [references[i] for i in order]
    positions, vectors = logs.positions(ordered), logs.vectors.vectors()
    index = make_index(vectors, positions)
    places = logs.place_vectors(ordered, np.arange(len(ordered)))
    parts = IndexParts(job.embedder.encoder.encoder_id, index, ordered, places=places)
    if logs.keypoints is not None:
        parts = replace(parts, keypoints=map(logs.keypoint_record, ordered))
    _save(target, parts, lambda rows: vectors[positions[rows]], job, report)


def _save_grown(
    target: Path,
    old: FaissRetriever,
    added: list[ReferenceRow],
    logs: BuildLogs,
    job: IndexJob,
    report: IndexReport,
) -> None:
    rows = old.table.rows() + added
    order = np.array(_country_order(rows), dtype=np.int64)
    numbers = np.empty(len(rows), dtype=np.int64)
    numbers[order] = np.arange(len(rows))
    count = len(old.table)
    vectors = np.ascontiguousarray(logs.vectors.vectors()[logs.positions(added)])
    index = grow_index(old.vectors, numbers[:count], vectors, numbers[count:])
    places = load_place_vectors(target, old.manifest)
    new = logs.place_vectors(added, numbers[count:])
    if places is not None and new is not None:
        moved = PlaceVectors(places.encoder_id, numbers[places.rows], places.vectors)
        places = join_vectors(moved, new)
    ordered = [rows[i] for i in order]
    parts = IndexParts(old.manifest.encoder_id, index, ordered, places=places)
    if old.keypoints is not None:
        parts = replace(parts, keypoints=_grown_keypoints(old.keypoints, logs, rows, order))
    _save(target, parts, lambda rows: stored_vectors(index, rows), job, report)


def _grown_keypoints(
    old: KeypointFile, logs: BuildLogs, rows: list[ReferenceRow], order: NDArray[np.int64]
) -> Iterator[bytes]:
    """Yield the records of an index and its new photos, in the new order; `rows` begin with it."""
    for row in order.tolist():
        yield old.read_record(row) if row < len(old) else logs.keypoint_record(rows[row])


def _save(
    target: Path,
    parts: IndexParts,
    vectors_of: Callable[[NDArray[np.int64]], NDArray[np.float32]],
    job: IndexJob,
    report: IndexReport,
) -> None:
    """Learn places, from their own vectors or, where there are none, from those of the search."""
    classifier, report.learnt = learn_places(vectors_of, parts.rows, job.on_stage, parts.places)
    report.manifest = save_index(target, replace(parts, classifier=classifier))


def _country_order(rows: list[ReferenceRow]) -> list[int]:
    """Return the order that makes every country one range."""
    return sorted(range(len(rows)), key=lambda i: (rows[i].country_code, rows[i].id))
