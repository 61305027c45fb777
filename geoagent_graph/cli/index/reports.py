"""Indexing photos with progress, and the report of what came of it."""

import functools
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from geoagent_graph.cli import exit_codes
from geoagent_graph.cli.index import tools
from geoagent_graph.cli.index.options import write_json
from geoagent_graph.cli.streams import write_note, write_result
from geoagent_graph.safe_text import visible

if TYPE_CHECKING:
    from geoagent_graph.retrieval.index_build import IndexJob, IndexReport
    from geoagent_graph.retrieval.make_of_photos import PhotoEmbedder
    from geoagent_graph.retrieval.manifest_rows import RowProblem

MAX_LISTED_PROBLEMS = 50


def index_photos(
    work: "Callable[[IndexJob], IndexReport]",
    embedder: "PhotoEmbedder",
    manifest: Path,
    folder: Path,
    strict: bool,
    as_json: bool,
) -> None:
    """Have photos indexed, print what came of it, and leave with the exit status.

    Raises:
        typer.Exit: always.
    """
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
        write_json(_report_fields(report, folder, seconds))
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
        tools.open_country_of(),
        on_photo,
        strict,
        tools.open_codes_of(),
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
