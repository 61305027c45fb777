"""The photos of a manifest, encoded: the rows of an index, and what was skipped."""

from collections.abc import Iterable, Set
from dataclasses import dataclass
from pathlib import Path

from geoagent_graph.retrieval.build_logs import BuildLogs
from geoagent_graph.retrieval.embed_photos import EmbeddedPhoto, embed_here, embed_photos
from geoagent_graph.retrieval.index_folder import storage_errors
from geoagent_graph.retrieval.index_job import IndexJob, IndexReport, skip_row, stop_if_strict
from geoagent_graph.retrieval.manifest_rows import ManifestRow, RowProblem
from geoagent_graph.retrieval.photo_tasks import VectorTask
from geoagent_graph.retrieval.reference_table import ReferenceRow
from geoagent_graph.retrieval.source_rows import read_source_rows


@dataclass(frozen=True, slots=True)
class KnownPhotos:
    """What an index has already: ids, and the sha256 of files in hexadecimal."""

    ids: Set[str] = frozenset()
    digests: Set[str] = frozenset()


def rows_to_encode(
    manifest: Path, job: IndexJob, report: IndexReport, known: KnownPhotos
) -> list[ManifestRow]:
    """Return the rows worth encoding; bad and known ones go into the report."""
    rows: list[ManifestRow] = []
    lines: dict[str, int] = {}
    for row in read_source_rows(manifest, job.claims_of, job.codes_of):
        report.rows += 1
        if isinstance(row, RowProblem):
            skip_row(row, job, report)
            continue
        _add_notes(row, job, report)
        if row.id is not None and row.id in lines:
            skip_row(_duplicate_id(row, lines[row.id]), job, report)
        elif row.id is not None and row.id in known.ids:
            report.already += 1
        else:
            if row.id is not None:
                lines[row.id] = row.line
            rows.append(row)
    return rows


def encode_references(
    rows: list[ManifestRow],
    job: IndexJob,
    logs: BuildLogs,
    report: IndexReport,
    known: KnownPhotos,
) -> list[ReferenceRow]:
    """Return the photos of which all that the index keeps is in the logs."""
    references: list[ReferenceRow] = []
    lines: dict[str, int] = {}
    hashes: dict[str, int] = {}
    for number, result in enumerate(_embed_rows(rows, job, logs), start=1):
        if isinstance(result, RowProblem):
            skip_row(result, job, report)
        else:
            reference = _reference_row(result, job)
            if reference.id in lines:
                skip_row(_duplicate_id(result.row, lines[reference.id]), job, report)
            elif reference.id in known.ids or reference.sha256 in known.digests:
                report.already += 1
            elif reference.sha256 in hashes:
                skip_row(_same_photo(result.row, hashes[reference.sha256]), job, report)
            else:
                hashes[reference.sha256] = result.row.line
                lines[reference.id] = result.row.line
                references.append(reference)
                report.resumed += result.resumed
        job.on_photo(number, len(rows))
    report.indexed = len(references)
    return references


def _embed_rows(
    rows: list[ManifestRow], job: IndexJob, logs: BuildLogs
) -> Iterable[EmbeddedPhoto | RowProblem]:
    engine = job.engine or embed_here(job.embedder)
    tasks = [VectorTask(job.embedder.encoder, logs.vectors), *logs.tasks]
    with storage_errors(logs.vectors.path):
        yield from embed_photos(rows, tasks, engine)


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


def _same_photo(row: ManifestRow, first_line: int) -> RowProblem:
    return RowProblem(str(row.path), row.line, f"the same photo as line {first_line}")


def _add_notes(row: ManifestRow, job: IndexJob, report: IndexReport) -> None:
    for note in row.notes:
        problem = RowProblem(str(row.path), row.line, note)
        stop_if_strict(problem, job, report)
        report.notes.append(problem)
