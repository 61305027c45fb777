"""The files that a report leaves: the page, its figures as CSV and JSON, its drawings."""

import csv
import io
import json
import os
import tempfile
from dataclasses import asdict
from pathlib import Path

from geoagent_evaluation.report.page import Report
from geoagent_evaluation.report.plots.drawing import Drawing, png_bytes, svg_bytes
from geoagent_evaluation.report.score_folder import ScoreFolder
from geoagent_evaluation.scoring.figures import Figure

PAGE, TABLE, FIGURES = "report.html", "figures.csv", "figures.json"
FIGURES_SCHEMA = "geoagent-figures/1"
_COLUMNS = ("scored", "system", "metric", "group", "value", "unit", "low", "high", "interval", "n")
_FORMULA = tuple("=+-@\t\r")


def write_report(
    report: Report, scored: list[ScoreFolder], folder: Path, page: Path | None = None
) -> list[Path]:
    """Write the page and its figures into a folder and return their paths.

    The page goes to `page` where that is given.
    """
    folder.mkdir(parents=True, exist_ok=True)
    contents = {
        page or folder / PAGE: report.html,
        folder / TABLE: _csv_text(scored),
        folder / FIGURES: _json_text(scored),
    }
    return [
        _write_whole(path, content.encode("utf-8", "backslashreplace"))
        for path, content in contents.items()
    ]


def write_drawings(drawings: list[Drawing], folder: Path) -> list[Path]:
    """Write every drawing as SVG and as PNG into a folder and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    return [
        _write_whole(folder / f"{drawing.name}.{ending}", content(drawing))
        for drawing in drawings
        for ending, content in (("svg", svg_bytes), ("png", png_bytes))
    ]


def _csv_text(scored: list[ScoreFolder]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for one in scored:
        for figure in one.index().figures:
            row = {**asdict(figure), "scored": one.score.system}
            writer.writerow([_csv_value(row[name]) for name in _COLUMNS])
    return stream.getvalue()


def _csv_value(value: object) -> object:
    """Return a value; words that a spreadsheet would run as a formula are marked as words."""
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value


def _json_text(scored: list[ScoreFolder]) -> str:
    systems = [
        {
            "system": one.score.system,
            "inputs": one.score.inputs,
            "problems": one.score.problems,
            "notes": one.score.notes,
            "figures": [_json_figure(figure) for figure in one.index().figures],
            "sources": one.score.sources,
        }
        for one in scored
    ]
    return json.dumps({"schema": FIGURES_SCHEMA, "scored": systems}, indent=1) + "\n"


def _json_figure(figure: Figure) -> dict[str, object]:
    return {key: value for key, value in asdict(figure).items() if value is not None}


def _write_whole(path: Path, content: bytes) -> Path:
    """Write a file so that it is there whole or not at all; returns its path."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return path
