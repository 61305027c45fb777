"""What an index is built with, and what came of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from geoagent_graph.errors import ReferenceIndexError
from geoagent_graph.retrieval.embed_photos import EmbeddingEngine
from geoagent_graph.retrieval.folder_rows import ClaimsOf
from geoagent_graph.retrieval.index_format import IndexManifest
from geoagent_graph.retrieval.make_of_photos import PhotoEmbedder
from geoagent_graph.retrieval.manifest_fields import CodesOf, two_letter_codes
from geoagent_graph.retrieval.manifest_rows import RowProblem


@dataclass(frozen=True, slots=True)
class IndexJob:
    """What a build works with.

    `country_of` names the country (ISO 3166-1 alpha-2, or empty) at a latitude and longitude in
    degrees, for rows that do not say it; `codes_of` which countries a row's name or code of three
    letters may mean. `on_photo` is called with (photos done, photos in all). With `strict` the
    first bad row or field stops the job. `on_stage` is told what goes on after the last photo.
    With `keypoints` a new index keeps local features too, to tell whether a hit shows the same
    place; a grown one keeps them where it has them. `engine` None embeds in this process.
    """

    embedder: PhotoEmbedder
    country_of: Callable[[float, float], str]
    on_photo: Callable[[int, int], None]
    strict: bool = False
    codes_of: CodesOf = two_letter_codes
    on_stage: Callable[[str], object] = str
    keypoints: bool = False
    claims_of: ClaimsOf | None = None
    engine: EmbeddingEngine | None = None


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


def skip_row(problem: RowProblem, job: IndexJob, report: IndexReport) -> None:
    """Put a row that cannot be used into the report.

    Raises:
        ReferenceIndexError: the job is strict.
    """
    stop_if_strict(problem, job, report)
    report.problems.append(problem)


def stop_if_strict(problem: RowProblem, job: IndexJob, report: IndexReport) -> None:
    """Refuse a bad row or field where the job is strict.

    Raises:
        ReferenceIndexError: it is.
    """
    if job.strict:
        file = f"{problem.file}: " if problem.file else ""
        raise ReferenceIndexError(f"{report.source}, line {problem.line}: {file}{problem.problem}")
