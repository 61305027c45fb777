"""`geoagent index`: an index of reference photos is built, grown, looked at and searched."""

import functools
import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from geoagent_graph.cli import exit_codes
from geoagent_graph.cli.index_removal import remove
from geoagent_graph.cli.streams import write_note, write_result
from geoagent_graph.safe_text import visible

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from geoagent_graph.geo.geocoder import OfflineGeocoder
    from geoagent_graph.protocols import VisualEncoder
    from geoagent_graph.retrieval.embed_photos import PhotoEmbedder
    from geoagent_graph.retrieval.faiss_retriever import FaissRetriever
    from geoagent_graph.retrieval.index_build import IndexJob, IndexReport
    from geoagent_graph.retrieval.manifest_rows import RowProblem
    from geoagent_graph.types import Reference

EXPLAINED = "Exit status: 0 done; 1 nothing could be indexed, or a failure; 2 wrong usage."
MAX_LISTED_PROBLEMS = 50

index_app = typer.Typer(
    name="index",
    help="Reference photos that `geoagent locate --index DIR` compares a photo with.",
    no_args_is_help=True,
    epilog=EXPLAINED,
)

_ManifestArgument = Annotated[
    Path,
    typer.Argument(
        metavar="PHOTOS",
        help="A folder of photos whose files, or tables beside them, say where they were taken; a "
        "table (.jsonl, .csv, .parquet): `file` (relative to its folder and inside it), `lat` and "
        "`lon` (also `latitude`, `longitude`, `lng`); may have `id`, `country` (a code or a name), "
        "`license`, `attribution`, `source_url`, `cluster_id`; or an export of Mapillary or "
        "Panoramax (.json, .geojson) beside its photos.",
    ),
]
_FolderArgument = Annotated[Path, typer.Argument(metavar="DIR", help="An index folder.")]
_StrictOption = Annotated[
    bool, typer.Option("--strict", help="Stop at the first bad row instead of skipping it.")
]
_JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


@index_app.command(epilog=EXPLAINED)
def build(
    manifest: _ManifestArgument,
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="The index folder; replaced if it is one.")
    ],
    encoder: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="What compares photos: `efficientnet-lite` (the default), `clip`, `siglip2`, "
            "`dinov2`, `geoclip`, or a folder of such weights; `geoagent weights` pulls them.",
        ),
    ] = None,
    keypoints: Annotated[
        bool,
        typer.Option(
            "--keypoints",
            help="Keep local features too, 53 kB a photo: a search then tells where a hit shows "
            "the same place.",
        ),
    ] = False,
    strict: _StrictOption = False,
    as_json: _JsonOption = False,
) -> None:
    """Build an index of the photos of a folder, or of those that a table lists.

    What has no position is listed and skipped, as bad rows are. Stopped half-way, the same command
    goes on where it was.
    """
    from geoagent_graph.retrieval.index_build import build_index

    embedder = open_embedder(open_chosen_encoder(encoder))
    _index_photos(
        lambda job: build_index(manifest, out, replace(job, keypoints=keypoints)),
        embedder,
        manifest,
        out,
        strict,
        as_json,
    )


@index_app.command(epilog=EXPLAINED)
def add(
    folder: _FolderArgument,
    manifest: _ManifestArgument,
    strict: _StrictOption = False,
    as_json: _JsonOption = False,
) -> None:
    """Add photos to an index; those whose id it has already are skipped and counted."""
    from geoagent_graph.retrieval.index_build import add_to_index

    embedder = open_embedder(open_own_encoder(folder))
    _index_photos(
        lambda job: add_to_index(folder, manifest, job), embedder, manifest, folder, strict, as_json
    )


index_app.command(epilog=EXPLAINED)(remove)


@index_app.command(epilog=EXPLAINED)
def info(folder: _FolderArgument, as_json: _JsonOption = False) -> None:
    """Check every byte of an index and say what it holds."""
    from geoagent_graph.retrieval.faiss_retriever import (
        FaissRetriever,
        check_keypoints,
        load_place_vectors,
    )

    retriever = FaissRetriever.load(folder, encoder=None)
    load_place_vectors(folder, retriever.manifest)
    check_keypoints(folder, retriever.manifest)
    fields = _info_fields(folder, retriever)
    if as_json:
        _write_json(fields)
        return
    countries = fields.pop("countries")
    named = ", ".join(f"{code or 'unknown'} {count}" for code, count in countries.items())
    lines = [f"{name:<12} {visible(str(value))}" for name, value in fields.items()]
    write_result("\n".join([*lines, f"{'countries':<12} {len(countries)}: {named}"]) + "\n")


@index_app.command(epilog=EXPLAINED)
def search(
    folder: _FolderArgument,
    photo: Annotated[str, typer.Argument(metavar="PHOTO", help="A photo; - reads stdin.")],
    k: Annotated[int, typer.Option("-k", min=1, max=1000, help="How many to list.")] = 10,
    country: Annotated[
        list[str] | None,
        typer.Option(metavar="CODE", help="Only this country, as PT; may be given several times."),
    ] = None,
    as_json: _JsonOption = False,
) -> None:
    """List the reference photos that look most like a photo, the most similar first."""
    from geoagent_graph.retrieval.faiss_retriever import FaissRetriever

    codes = _country_codes(country)
    embedder = open_embedder(open_own_encoder(folder))
    retriever = FaissRetriever.load(folder, embedder.encoder)
    found = retriever.search(_read_pixels(photo, embedder), k, codes)
    if codes is not None and (missing := sorted(codes - retriever.country_counts().keys())):
        write_note(f"{folder}: holds no photo from {', '.join(missing)}")
    if as_json:
        _write_json([reference.model_dump(mode="json") for reference in found])
    else:
        write_result("".join(_reference_line(reference) for reference in found))


def open_chosen_encoder(name: str | None) -> "VisualEncoder":
    """Return the encoder of a name; None takes that of the settings, else the default.

    Raises:
        InputError: there is none of that name, or it cannot be used here; the message says why.
    """
    from geoagent_graph.perception.open_encoder import DEFAULT_ENCODER, open_named_encoder
    from geoagent_graph.settings import load_settings

    settings = load_settings()
    return open_named_encoder(name or settings.encoder or DEFAULT_ENCODER, settings)


def open_own_encoder(folder: Path) -> "VisualEncoder":
    """Return the encoder that made an index.

    Raises:
        ReferenceIndexError: there is no index, or its encoder is not on this machine.
    """
    from geoagent_graph.perception.open_encoder import open_encoder_of
    from geoagent_graph.retrieval.index_format import read_manifest
    from geoagent_graph.settings import load_settings

    return open_encoder_of(read_manifest(folder).encoder_id, load_settings())


def open_embedder(encoder: "VisualEncoder | None" = None) -> "PhotoEmbedder":
    """Return an encoder, None takes the default, with the sandboxed decoder in front of it."""
    from geoagent_graph.settings import load_settings, prepare_process

    prepare_process()
    from geoagent_graph.images.decode import decode_photo
    from geoagent_graph.images.store import shrink
    from geoagent_graph.perception.visual_encoder import open_visual_encoder
    from geoagent_graph.protocols import RETRIEVER_MAX_SIDE_PX
    from geoagent_graph.retrieval.embed_photos import PhotoEmbedder

    settings = load_settings()

    def decode(data: bytes, name: str) -> "NDArray[np.uint8]":
        # The same two steps as in a run of the agent, so that the same photo scores 1.0.
        photo = decode_photo(data, name, settings, settings.ocr_max_side)
        return shrink(photo.pixels, RETRIEVER_MAX_SIDE_PX)

    return PhotoEmbedder(encoder or open_visual_encoder(settings), decode, settings.max_bytes)


def open_country_of() -> Callable[[float, float], str]:
    """Return what names the country at a point; the place table is opened at the first call."""
    geocoder = functools.cache(_open_geocoder)
    return lambda lat_deg, lon_deg: geocoder().reverse(lat_deg, lon_deg).country_code


def open_codes_of() -> Callable[[str], Sequence[str]]:
    """Return what names the countries of a code or a name; opens the place table when called."""
    geocoder = functools.cache(_open_geocoder)

    def codes_of(text: str) -> Sequence[str]:
        known = geocoder()
        found = [c.code for c in known.gazetteer.countries if text.upper() in (c.code, c.iso3)]
        return found or [place.country_code or "" for place in known.countries_named(text)]

    return codes_of


def _open_geocoder() -> "OfflineGeocoder":
    from geoagent_graph.geo.geocoder import open_geocoder
    from geoagent_graph.settings import load_settings

    return open_geocoder(load_settings())


def _index_photos(
    work: "Callable[[IndexJob], IndexReport]",
    embedder: "PhotoEmbedder",
    manifest: Path,
    folder: Path,
    strict: bool,
    as_json: bool,
) -> None:
    started = time.monotonic()
    with _progress_bar() as on_photo:
        try:
            report = work(_index_job(embedder, on_photo, strict))
        except KeyboardInterrupt:
            write_note("what is encoded so far is kept; the same command goes on from there")
            raise
    seconds = time.monotonic() - started
    _write_problems(report.problems, manifest, "skipped")
    _write_problems(report.notes, manifest, "not all understood:")
    if as_json:
        _write_json(_report_fields(report, folder, seconds))
    else:
        write_result(_report_line(report, folder, seconds))
    done = report.indexed or (report.already and not report.problems)
    raise typer.Exit(exit_codes.ANSWERED if done else exit_codes.FAILED)


def _index_job(
    embedder: "PhotoEmbedder", on_photo: Callable[[int, int], None], strict: bool
) -> "IndexJob":
    from geoagent_graph.images.exif import read_claims_at
    from geoagent_graph.retrieval.index_build import IndexJob
    from geoagent_graph.settings import load_settings

    return IndexJob(
        embedder,
        open_country_of(),
        on_photo,
        strict,
        open_codes_of(),
        on_stage=write_note,
        claims_of=functools.partial(read_claims_at, settings=load_settings()),
    )


@contextmanager
def _progress_bar() -> Iterator[Callable[[int, int], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    console = Console(stderr=True)
    columns = ("encoding", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _write_problems(problems: "Sequence[RowProblem]", manifest: Path, what: str) -> None:
    unit = "line" if manifest.is_file() else "number"
    for problem in problems[:MAX_LISTED_PROBLEMS]:
        file = f"{problem.file}: " if problem.file else ""
        write_note(f"{what} {manifest}, {unit} {problem.line}: {file}{problem.problem}")
    if len(problems) > MAX_LISTED_PROBLEMS:
        write_note(f"... and {len(problems) - MAX_LISTED_PROBLEMS} more; --json lists all")


def _report_line(report: "IndexReport", folder: Path, seconds: float) -> str:
    counts = [
        f"indexed {report.indexed} of {report.rows} rows in {seconds:.1f} s",
        f"{report.already} already there" if report.already else "",
        f"{len(report.problems)} skipped" if report.problems else "",
        f"{report.resumed} encoded by an earlier run" if report.resumed else "",
    ]
    if report.manifest is None:
        counts.append("nothing was written")
    else:
        counts.append(f"it holds {report.manifest.count} photos ({report.manifest.index_kind})")
        counts.append(report.learnt)
    return f"{visible(str(folder))}: {'; '.join(text for text in counts if text)}\n"


def _report_fields(report: "IndexReport", folder: Path, seconds: float) -> dict[str, Any]:
    manifest = report.manifest
    return {
        "index": str(folder),
        "rows": report.rows,
        "indexed": report.indexed,
        "already": report.already,
        "resumed": report.resumed,
        "skipped": len(report.problems),
        "problems": _problem_fields(report.problems),
        "notes": _problem_fields(report.notes),
        "count": manifest.count if manifest else None,
        "encoder_id": manifest.encoder_id if manifest else None,
        "index_kind": manifest.index_kind if manifest else None,
        "learnt": report.learnt,
        "seconds": round(seconds, 3),
    }


def _problem_fields(problems: "Sequence[RowProblem]") -> list[dict[str, Any]]:
    return [{"file": p.file, "line": p.line, "problem": p.problem} for p in problems]


def _info_fields(folder: Path, retriever: "FaissRetriever") -> dict[str, Any]:
    from geoagent_graph.retrieval.learn_places import describe_skill

    manifest, classifier = retriever.manifest, retriever.classifier
    skill = classifier.skill if classifier is not None else None
    return {
        "index": str(folder),
        "count": manifest.count,
        "encoder_id": manifest.encoder_id,
        "dimension": manifest.dimension,
        "metric": manifest.metric,
        "index_kind": manifest.index_kind,
        "format": manifest.format_version,
        "created": manifest.created,
        "bytes": sum(record.size_bytes for _, record in manifest.files if record is not None),
        "learnt": describe_skill(skill, is_kept=True) if skill else "no places",
        "keypoints": "kept" if retriever.keypoints is not None else "not kept",
        "countries": retriever.country_counts(),
    }


def _country_codes(given: list[str] | None) -> frozenset[str] | None:
    codes = [code.strip().upper() for code in given or ()]
    for code in codes:
        if not (len(code) == 2 and code.isascii() and code.isalpha()):
            raise typer.BadParameter(f"--country {code}: give a two-letter code such as PT.")
    return frozenset(codes) if codes else None


def _read_pixels(photo: str, embedder: "PhotoEmbedder") -> "NDArray[np.uint8]":
    from geoagent_graph.cli.photos import photo_label, read_photos
    from geoagent_graph.images.source import read_file

    source = read_photos([photo], embedder.max_bytes)[0]
    data = source if isinstance(source, bytes) else read_file(source, embedder.max_bytes)
    return embedder.decode(data, photo_label(photo))


def _reference_line(reference: "Reference") -> str:
    position = f"{reference.lat_deg:.4f},{reference.lon_deg:.4f}"
    whose = " · ".join(text for text in (reference.license, reference.attribution) if text)
    return (
        f"{reference.score:6.3f}  {reference.country_code or '--'}  {position:<20} "
        f"{_points_text(reference)}{visible(reference.id)}  {visible(whose, 100)}\n"
    )


def _points_text(reference: "Reference") -> str:
    """Return how many points match, where that was looked at."""
    points = reference.matching_points
    return "" if points is None else f"{points:4d} points  "


def _write_json(value: Any) -> None:
    write_result(json.dumps(value, ensure_ascii=False, indent=2) + "\n")
