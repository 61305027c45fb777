"""The folder that `score` wrote, as the report reads it: figures, rows, and what the run left."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geoagent_evaluation.contract.run_folder import PREDICTIONS, RUN
from geoagent_evaluation.errors import EvaluationError
from geoagent_evaluation.report.figure_index import FigureIndex
from geoagent_evaluation.report.plain_values import short_path, text_or_empty
from geoagent_evaluation.report.row_table import RowTable, read_rows
from geoagent_evaluation.report.safe_text import MAX_ID_CHARS, visible
from geoagent_evaluation.report.score_checks import require_types
from geoagent_evaluation.scoring.figures import SCORE_SCHEMA, Curve, Figure, ScoreFile

SCORE = "score.json"
ROWS = "rows.parquet"
MAX_JSON_BYTES = 200_000_000


@dataclass(frozen=True, slots=True)
class ScoreFolder:
    """One scored system: what was measured, one row per photo, and how its run was made."""

    path: Path
    score: ScoreFile
    rows: RowTable
    run: dict[str, Any]

    @property
    def name(self) -> str:
        """Return the system's name as it is shown: that of its folder where the file names none.

        A run writes its predictions under one name whatever the system is.
        """
        named = "" if self.score.system == Path(PREDICTIONS).stem else self.score.system
        folder = self.path.resolve().name
        return visible(named or folder, MAX_ID_CHARS) or "unnamed system"

    def data_set(self) -> str:
        """Return what was located: the manifest of the run, else the last file that was scored."""
        manifest = self.run.get("manifest")
        name = manifest.get("name") if isinstance(manifest, dict) else manifest
        files = list(self.score.inputs)
        return short_path(text_or_empty(name) or (files[-1] if files else ""))

    def index(self) -> FigureIndex:
        """Return the figures to be looked up."""
        return FigureIndex(self.score.figures)


def read_score_folder(folder: Path) -> ScoreFolder:
    """Return what a folder holds.

    Raises:
        EvaluationError: a file is missing or is not what `score` writes.
    """
    score = read_score(folder / SCORE)
    require_types(score, str(folder / SCORE))
    run = folder / RUN
    description = _read_object(run) if run.is_file() else {}
    return ScoreFolder(folder, score, read_rows(folder / ROWS), description)


def read_score(path: Path) -> ScoreFile:
    """Return the figures and curves of a `score.json`."""
    document = _read_object(path)
    if document.get("schema") != SCORE_SCHEMA:
        raise EvaluationError(
            f"{path}: its schema is not {SCORE_SCHEMA}; score the predictions again"
        )
    try:
        return ScoreFile(
            system=str(document["system"]),
            figures=tuple(Figure(**figure) for figure in document["figures"]),
            curves=tuple(Curve(**curve) for curve in document["curves"]),
            inputs=dict(document["inputs"]),
            problems=dict(document.get("problems", {})),
            sources=tuple(document.get("sources", ())),
            notes=tuple(map(str, document.get("notes", ()))),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise EvaluationError(f"{path}: is no score file: {error}") from error


def _read_object(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > MAX_JSON_BYTES:
            raise EvaluationError(f"{path}: is larger than any score file")
        document = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise EvaluationError(
            f"{path}: {error.strerror}; name a folder that `score` wrote"
        ) from error
    except (ValueError, RecursionError) as error:
        raise EvaluationError(f"{path}: is no JSON: {error}") from error
    if not isinstance(document, dict):
        raise EvaluationError(f"{path}: holds no object")
    return document
