"""Scores whose values are of another kind are refused by part."""

from dataclasses import replace
from typing import Any

import pytest
from geoagent_evaluation.errors import EvaluationError
from geoagent_evaluation.report.score_checks import require_types
from geoagent_evaluation.scoring.figures import Curve, Figure, ScoreFile

FIGURE = Figure("within_25_km", float("nan"), "share", 3, low=0.1, high=0.4)
CURVE = Curve("risk_coverage", {"coverage": [0.5, 1], "risk": [0.0, 0.1]})
SCORE = ScoreFile("system", (FIGURE,), (CURVE,), {"a": "b"})


def test_what_score_writes_is_accepted() -> None:
    require_types(SCORE, "score.json")


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"system": None}, "system"),
        ({"inputs": []}, "inputs"),
        ({"sources": ("text",)}, "sources"),
        ({"figures": (FIGURE, replace(FIGURE, value="0.5"))}, "figure 2"),  # type: ignore[arg-type]
        ({"figures": (replace(FIGURE, n=None),)}, "figure 1"),  # type: ignore[arg-type]
        ({"figures": (replace(FIGURE, low=True),)}, "figure 1"),
        ({"curves": (replace(CURVE, columns={"risk": [[]]}),)}, "curve 1"),  # type: ignore[list-item]
        ({"curves": (replace(CURVE, columns={"risk": 3}),)}, "curve 1"),  # type: ignore[dict-item]
    ],
)
def test_another_kind_is_refused_by_part(changes: dict[str, Any], part: str) -> None:
    with pytest.raises(EvaluationError, match=f"score.json: {part} is not what"):
        require_types(replace(SCORE, **changes), "score.json")
