"""`geoagent eval import`: predictions that others have published, as `predictions.jsonl`."""

import argparse
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from geoagent_evaluation.cli import DONE, visible_text
from geoagent_evaluation.datasets.records import read_records
from geoagent_evaluation.datasets.swapped_heads import has_swapped_heads
from geoagent_evaluation.datasets.truth_file import write_lines
from geoagent_evaluation.errors import DatasetError
from geoagent_evaluation.importers.formats import FORMATS, records_of
from geoagent_evaluation.importers.places import FoundPlace
from geoagent_evaluation.importers.predictions import ImportCounts, prediction_rows
from geoagent_evaluation.importers.truth_ids import match_ids

MAX_LISTED: Final = 5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the file, its format, and where the predictions go."""
    parser.add_argument("file", type=Path, help="CSV, TSV, JSON, JSON lines, GeoJSON or a log")
    parser.add_argument(
        "--out", type=Path, required=True, help="where predictions.jsonl is written"
    )
    parser.add_argument(
        "--format", choices=("auto", *FORMATS), default="auto", help="what the file is (auto)"
    )
    parser.add_argument(
        "--truth", type=Path,
        help="truth.jsonl: identifiers are matched with it, photos without an answer are failures",
    )  # fmt: skip
    parser.add_argument(
        "--no-gazetteer", action="store_true",
        help="look no place names up: an answer that is a name counts as a failure",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Write the predictions, say what became of the rows, and return the exit status."""
    counts = ImportCounts()
    gazetteer = None if args.no_gazetteer else _LateGazetteer()
    try:
        rows = list(prediction_rows(records_of(args.file, args.format), gazetteer, counts))
    except DatasetError as error:
        raise DatasetError(_with_file(args.file, error)) from error
    notes = list(_notes(rows, counts))
    if args.truth:
        rows, matched = match_ids(rows, _ids(args.truth))
        notes += matched
    write_lines(args.out, rows)
    for line in (_summary(args, counts, len(rows)), *notes):
        sys.stdout.write(visible_text(line) + "\n")
    return DONE


class _LateGazetteer:
    """The agent's gazetteer, opened for the first name: most files have none."""

    def __init__(self) -> None:
        self._opened: Any = None

    def find(self, name: str) -> FoundPlace | None:
        if self._opened is None:
            self._opened = _open_gazetteer()
        found: FoundPlace | None = self._opened.find(name)
        return found


def _open_gazetteer() -> Any:
    try:
        from geoagent_evaluation.runs.gazetteer import open_agent_gazetteer
    except ImportError as error:
        raise DatasetError(
            "the answers are place names, which the agent's gazetteer looks up: run pip "
            "install . in its checkout; or --no-gazetteer, and they count as failures"
        ) from error
    return open_agent_gazetteer()


def _ids(truth: Path) -> Iterator[str]:
    for record in read_records(truth):
        name = record.values.get("id")
        if not isinstance(name, str) or not name:
            raise DatasetError(f"{truth}, row {record.row}, id: is missing or is not text")
        yield name


def _with_file(path: Path, error: DatasetError) -> str:
    return str(error) if str(error).startswith(str(path)) else f"{path}, {error}"


def _summary(args: argparse.Namespace, counts: ImportCounts, written: int) -> str:
    failed = counts.unresolved + counts.unread
    return (
        f"wrote {args.out}: {written} rows of {counts.rows} answers; {counts.points} points, "
        f"{counts.resolved} place names found, {counts.abstained} abstentions, {failed} failures"
    )


def _notes(rows: Iterable[dict[str, Any]], counts: ImportCounts) -> Iterator[str]:
    named = counts.resolved + counts.unresolved
    if named:
        yield f"place names: {counts.unresolved} of {named} could not be resolved"
    for name in counts.unknown_names[:MAX_LISTED]:
        yield f"  not known: {name}"
    if counts.unread:
        yield f"{counts.unread} rows have no answer that can be read"
    if counts.unresolved or counts.unread:
        yield "failures are rows without a point: score them with --lenient, they are never dropped"
    points = [(row["lat_deg"], row["lon_deg"]) for row in rows if "lat_deg" in row]
    if points and has_swapped_heads(*zip(*points, strict=True)):
        yield "warning: latitude and longitude look swapped in this file; nothing was exchanged"
