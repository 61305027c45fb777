"""The files that a report leaves: the page, its figures as CSV and JSON, its drawings."""

import csv
import io
import json
from dataclasses import asdict
from pathlib import Path

from geoagent_evaluation.report.page import Report
from geoagent_evaluation.report.plots.drawing import Drawing, png_bytes, svg_bytes
from geoagent_evaluation.report.score_folder import ScoreFolder
from geoagent_evaluation.scoring.figures import Figure
from geoagent_evaluation.scoring.score_files import write_whole

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
    for path, content in contents.items():
        write_whole(path, content.encode("utf-8", "backslashreplace"))
    return list(contents)


def write_drawings(drawings: list[Drawing], folder: Path) -> list[Path]:
    """Write every drawing as SVG and as PNG into a folder and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for drawing in drawings:
        for ending, content in (("svg", svg_bytes), ("png", png_bytes)):
            paths.append(folder / f"{drawing.name}.{ending}")
            write_whole(paths[-1], content(drawing))
    return paths


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
