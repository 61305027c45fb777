"""One evaluation harness for image geolocation: anybody's predictions, scored one way.

It needs numpy, scipy, pyarrow and matplotlib, and knows nothing of the agent but in `runs`.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from geoagent_evaluation.contract.read_truth import read_truth
    from geoagent_evaluation.contract.tables import CandidateTable, PredictionTable, TruthTable
    from geoagent_evaluation.errors import ContractError, DatasetError, EvaluationError
    from geoagent_evaluation.scoring.figures import Curve, Figure, ScoreFile
    from geoagent_evaluation.scoring.score import Scored, score_files

_HOME_OF = {
    "CandidateTable": "geoagent_evaluation.contract.tables",
    "ContractError": "geoagent_evaluation.errors",
    "Curve": "geoagent_evaluation.scoring.figures",
    "DatasetError": "geoagent_evaluation.errors",
    "EvaluationError": "geoagent_evaluation.errors",
    "Figure": "geoagent_evaluation.scoring.figures",
    "PredictionTable": "geoagent_evaluation.contract.tables",
    "ScoreFile": "geoagent_evaluation.scoring.figures",
    "Scored": "geoagent_evaluation.scoring.score",
    "TruthTable": "geoagent_evaluation.contract.tables",
    "read_truth": "geoagent_evaluation.contract.read_truth",
    "score_files": "geoagent_evaluation.scoring.score",
}

__all__ = [
    "CandidateTable",
    "ContractError",
    "Curve",
    "DatasetError",
    "EvaluationError",
    "Figure",
    "PredictionTable",
    "ScoreFile",
    "Scored",
    "TruthTable",
    "read_truth",
    "score_files",
]


def __getattr__(name: str) -> Any:
    import importlib

    module = _HOME_OF.get(name)
    if module is None:
        raise AttributeError(f"module 'geoagent_evaluation' has no attribute {name!r}")
    value = getattr(importlib.import_module(module), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
