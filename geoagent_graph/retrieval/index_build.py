"""An index from a manifest of photos, made anew or grown; what was skipped and why."""

import importlib.util
import math
from pathlib import Path

import numpy as np

from geoagent_graph.protocols import place_encoder_of
from geoagent_graph.retrieval.assemble_index import NewPhotos, Selection, assemble
from geoagent_graph.retrieval.build_logs import BuildLogs
from geoagent_graph.retrieval.encode_references import (
    KnownPhotos,
    encode_references,
    rows_to_encode,
)
from geoagent_graph.retrieval.faiss_retriever import load_place_vectors, read_own_manifest
from geoagent_graph.retrieval.index_folder import lock_index
from geoagent_graph.retrieval.index_job import IndexJob as IndexJob
from geoagent_graph.retrieval.index_job import IndexReport as IndexReport
from geoagent_graph.retrieval.index_plan import plan_index
from geoagent_graph.retrieval.learn_index import learn_and_save
from geoagent_graph.retrieval.manifest_rows import ManifestRow
from geoagent_graph.retrieval.open_shard import open_shards
from geoagent_graph.retrieval.place_vectors import choose_lines, join_vectors
from geoagent_graph.retrieval.reference_table import ReferenceRow
from geoagent_graph.retrieval.shards import Shards, keypoints_of

MIN_PLANNED_PHOTOS = 10_000  # of fewer it is not worth saying what they will cost


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
        rows = rows_to_encode(manifest, job, report, KnownPhotos())
        if len(rows) >= MIN_PLANNED_PHOTOS:
            job.on_stage(plan_index(len(rows), job.embedder.encoder.dimension, math.inf).describe())
        logs = BuildLogs.open(target, job.embedder.encoder)
        try:
            _add_places(logs, target, rows, job, held=0)
            if job.keypoints:
                logs.add_keypoints(target)
            references = encode_references(rows, job, logs, report, KnownPhotos())
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
        manifest_now = read_own_manifest(target, encoder)
        old = Shards(open_shards(target, manifest_now, with_vectors=False))
        report = IndexReport(manifest)
        known = KnownPhotos(set(old.ids()), set(old.digests()))
        rows = rows_to_encode(manifest, job, report, known)
        logs = BuildLogs.open(target, encoder)
        try:
            if manifest_now.place_encoder is not None:
                _add_places(logs, target, rows, job, held=len(old))
            if keypoints_of(old) is not None:
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
    assembly = assemble([], _new_photos(references, logs, job))
    places = logs.place_vectors(references, assembly.new_numbers)
    report.manifest, report.learnt = learn_and_save(target, assembly, places, job.on_stage)


def _save_grown(
    target: Path,
    old: Shards,
    added: list[ReferenceRow],
    logs: BuildLogs,
    job: IndexJob,
    report: IndexReport,
) -> None:
    """Write the new photos as a shard beside the old ones, or joined with those that are small."""
    selections = [Selection(shard, np.ones(len(shard), np.bool_)) for shard in old.shards]
    assembly = assemble(selections, _new_photos(added, logs, job))
    places = assembly.move_places(load_place_vectors(target, read_own_manifest(target, None)))
    new = logs.place_vectors(added, assembly.new_numbers)
    if places is not None and new is not None:
        places = join_vectors(places, new)
    report.manifest, report.learnt = learn_and_save(target, assembly, places, job.on_stage)


def _new_photos(rows: list[ReferenceRow], logs: BuildLogs, job: IndexJob) -> NewPhotos:
    vectors = np.ascontiguousarray(logs.vectors.vectors()[logs.positions(rows)])
    keypoints = None if logs.keypoints is None else logs.keypoint_record
    return NewPhotos(job.embedder.encoder.encoder_id, rows, vectors, keypoints)
