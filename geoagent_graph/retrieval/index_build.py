"""An index from a manifest of photos, made anew or grown; what was skipped and why."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.errors import ReferenceIndexError
from geoagent_graph.retrieval.embed_photos import EmbeddedPhoto, PhotoEmbedder, embed_photos
from geoagent_graph.retrieval.embedding_log import EmbeddingLog
from geoagent_graph.retrieval.faiss_retriever import FaissRetriever
from geoagent_graph.retrieval.index_folder import beside, lock_index, save_index, storage_errors
from geoagent_graph.retrieval.index_format import IndexManifest
from geoagent_graph.retrieval.learn_places import learn_places
from geoagent_graph.retrieval.manifest_fields import CodesOf, two_letter_codes
from geoagent_graph.retrieval.manifest_rows import ManifestRow, RowProblem, read_manifest_rows
from geoagent_graph.retrieval.reference_table import ReferenceRow
from geoagent_graph.retrieval.vector_index import grow_index, make_index, stored_vectors


@dataclass(frozen=True, slots=True)
class IndexJob:
    """What a build works with.

    `country_of` names the country (ISO 3166-1 alpha-2, or empty) at a latitude and longitude in
    degrees, for rows that do not say it; `codes_of` which countries a row's name or code of three
    letters may mean. `on_photo` is called with (photos done, photos in all). With `strict` the
    first bad row or field stops the job. `on_stage` is told what goes on after the last photo.
    """

    embedder: PhotoEmbedder
    country_of: Callable[[float, float], str]
    on_photo: Callable[[int, int], None]
    strict: bool = False
    codes_of: CodesOf = two_letter_codes
    on_stage: Callable[[str], object] = str


@dataclass(slots=True)
class IndexReport:
    """What came of a build from the manifest `source`.

    `indexed` photos are new in the index, of which `resumed` had been encoded by an earlier run;
    `already` were in it before; `problems` are the rows that were skipped, `notes` the fields that
    were not understood in rows that were not. `manifest` is None where nothing was written.
    `learnt` says what the index's photos teach of places, and how well.
    """

    source: Path
    rows: int = 0
    indexed: int = 0
    resumed: int = 0
    already: int = 0
    problems: list[RowProblem] = field(default_factory=list)
    notes: list[RowProblem] = field(default_factory=list)
    manifest: IndexManifest | None = None
    learnt: str = ""


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
        rows = _rows_to_encode(manifest, job, report, known=frozenset())
        with storage_errors(target):
            log = _open_log(target, job)
        try:
            references, positions = _encode_references(rows, job, log, report, set())
            if references:
                order = np.array(_country_order(references), dtype=np.int64)
                vectors = log.vectors()
                index = make_index(vectors, positions[order])
                ordered = [references[i] for i in order]
                classifier, report.learnt = learn_places(
                    lambda rows: vectors[positions[order[rows]]], ordered, job.on_stage
                )
                report.manifest = save_index(
                    target, job.embedder.encoder.encoder_id, index, ordered, classifier
                )
        except BaseException:
            log.close()
            raise
        log.delete()
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
    FaissRetriever.load(target, encoder)  # refuse before a lock file is made beside nothing
    with lock_index(target):
        old = FaissRetriever.load(target, encoder)
        report = IndexReport(manifest)
        known = set(old.table.ids())
        rows = _rows_to_encode(manifest, job, report, known)
        with storage_errors(target):
            log = _open_log(target, job)
        try:
            added, positions = _encode_references(rows, job, log, report, known)
            if added:
                _save_grown(target, old, added, log.vectors()[positions], job, report)
        except BaseException:
            log.close()
            raise
        log.delete()
        return report


def _save_grown(
    target: Path,
    old: FaissRetriever,
    added: list[ReferenceRow],
    vectors: NDArray[np.float32],
    job: IndexJob,
    report: IndexReport,
) -> None:
    rows = old.table.rows() + added
    order = np.array(_country_order(rows), dtype=np.int64)
    positions = np.empty(len(rows), dtype=np.int64)
    positions[order] = np.arange(len(rows))
    count = len(old.table)
    index = grow_index(
        old.vectors, positions[:count], np.ascontiguousarray(vectors), positions[count:]
    )
    ordered = [rows[i] for i in order]
    classifier, report.learnt = learn_places(
        lambda rows: stored_vectors(index, rows), ordered, job.on_stage
    )
    report.manifest = save_index(target, old.manifest.encoder_id, index, ordered, classifier)


def _country_order(rows: list[ReferenceRow]) -> list[int]:
    """Return the order that makes every country one range."""
    return sorted(range(len(rows)), key=lambda i: (rows[i].country_code, rows[i].id))


def _open_log(target: Path, job: IndexJob) -> EmbeddingLog:
    encoder = job.embedder.encoder
    return EmbeddingLog(beside(target, "embeddings"), encoder.encoder_id, encoder.dimension)


def _rows_to_encode(
    manifest: Path, job: IndexJob, report: IndexReport, known: frozenset[str] | set[str]
) -> list[ManifestRow]:
    """Return the rows worth encoding; bad and known ones go into the report."""
    rows: list[ManifestRow] = []
    lines: dict[str, int] = {}
    for row in read_manifest_rows(manifest, job.codes_of):
        report.rows += 1
        if isinstance(row, RowProblem):
            _skip_row(row, job, report)
            continue
        _add_notes(row, job, report)
        if row.id is not None and row.id in lines:
            _skip_row(_duplicate_id(row, lines[row.id]), job, report)
        elif row.id is not None and row.id in known:
            report.already += 1
        else:
            if row.id is not None:
                lines[row.id] = row.line
            rows.append(row)
    return rows


def _encode_references(
    rows: list[ManifestRow],
    job: IndexJob,
    log: EmbeddingLog,
    report: IndexReport,
    known: set[str],
) -> tuple[list[ReferenceRow], NDArray[np.int64]]:
    """Return the photos that could be encoded and where their vectors are in the log."""
    references: list[ReferenceRow] = []
    positions: list[int] = []
    lines: dict[str, int] = {}
    for number, result in enumerate(_embed_rows(rows, job, log), start=1):
        if isinstance(result, RowProblem):
            _skip_row(result, job, report)
        else:
            reference = _reference_row(result, job)
            if reference.id in lines:
                _skip_row(_duplicate_id(result.row, lines[reference.id]), job, report)
            elif reference.id in known:
                report.already += 1
            else:
                lines[reference.id] = result.row.line
                references.append(reference)
                positions.append(log.position(result.sha256))
                report.resumed += result.resumed
        job.on_photo(number, len(rows))
    report.indexed = len(references)
    return references, np.array(positions, dtype=np.int64)


def _embed_rows(
    rows: list[ManifestRow], job: IndexJob, log: EmbeddingLog
) -> Iterable[EmbeddedPhoto | RowProblem]:
    with storage_errors(log.path):
        yield from embed_photos(rows, job.embedder, log)


def _reference_row(photo: EmbeddedPhoto, job: IndexJob) -> ReferenceRow:
    row = photo.row
    return ReferenceRow(
        # Without a name of its own a photo is known by its content.
        id=row.id or f"sha256:{photo.sha256[:16]}",
        lat_deg=row.lat_deg,
        lon_deg=row.lon_deg,
        country_code=row.country_code or job.country_of(row.lat_deg, row.lon_deg),
        license=row.license,
        attribution=row.attribution,
        source_url=row.source_url,
        sha256=photo.sha256,
        cluster_id=row.cluster_id,
    )


def _duplicate_id(row: ManifestRow, first_line: int) -> RowProblem:
    why = "" if row.id is not None else "the same photo, and so "
    return RowProblem(str(row.path), row.line, f"{why}the same id as line {first_line}")


def _skip_row(problem: RowProblem, job: IndexJob, report: IndexReport) -> None:
    _stop_if_strict(problem, job, report)
    report.problems.append(problem)


def _add_notes(row: ManifestRow, job: IndexJob, report: IndexReport) -> None:
    for note in row.notes:
        problem = RowProblem(str(row.path), row.line, note)
        _stop_if_strict(problem, job, report)
        report.notes.append(problem)


def _stop_if_strict(problem: RowProblem, job: IndexJob, report: IndexReport) -> None:
    if job.strict:
        file = f"{problem.file}: " if problem.file else ""
        raise ReferenceIndexError(f"{report.source}, line {problem.line}: {file}{problem.problem}")
