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
from geoagent_evaluation.scoring.figures import ScoreFile
from geoagent_evaluation.scoring.score_files import ROWS_NAME, SCORE_NAME, read_score


@dataclass(frozen=True, slots=True)
class ScoreFolder:
    """One scored system: what was measured, one row per photo, and how its run was made.

    `run` is empty where no run is known; `traces` is where a run would have left some.
    """

    path: Path
    score: ScoreFile
    rows: RowTable
    run: dict[str, Any]
    traces: Path

    @property
    def name(self) -> str:
        """Return the system's name as it is shown: that of its folder where the file names none.

        A run writes its predictions under one name whatever the system is.
        """
        named = "" if self.score.system == Path(PREDICTIONS).stem else self.score.system
        folder = self.path.resolve().name
        return visible(named or folder, MAX_ID_CHARS) or "unnamed system"

    def data_set(self) -> str:
        """Return what was located: the manifest of the run, else the file of truth."""
        manifest = self.run.get("manifest")
        name = manifest.get("name") if isinstance(manifest, dict) else manifest
        files = list(self.score.inputs)
        return short_path(text_or_empty(name) or (files[1] if len(files) > 1 else ""))

    def index(self) -> FigureIndex:
        """Return the figures to be looked up."""
        return FigureIndex(self.score.figures)


def read_score_folder(folder: Path, run: Path | None = None) -> ScoreFolder:
    """Return what a folder holds; the run's files are in the same folder where `run` is None.

    Raises:
        EvaluationError: a file is missing or is not what `score` writes.
    """
    file = folder / SCORE_NAME
    try:
        score = read_score(file)
    except OSError as error:
        raise EvaluationError(
            f"{file}: {error.strerror}; name a folder that `score` wrote"
        ) from error
    require_types(score, str(file))
    rows, traces = read_rows(folder / ROWS_NAME), run or folder
    return ScoreFolder(folder, score, rows, _read_run(traces / RUN), traces)


def _read_run(file: Path) -> dict[str, Any]:
    """Return the description of a run, empty where no run wrote one.

    Raises:
        EvaluationError: it is no JSON object.
    """
    if not file.is_file():
        return {}
    try:
        found = json.loads(file.read_bytes())
    except (ValueError, RecursionError) as error:
        raise EvaluationError(f"{file}: is no JSON ({error}); take it away or run again") from error
    if not isinstance(found, dict):
        raise EvaluationError(f"{file}: is no description of a run; take it away or run again")
    return found
