"""What a score file must hold before it is drawn: the types that its dataclasses state."""

from typing import Any

from geoagent_evaluation.errors import EvaluationError
from geoagent_evaluation.scoring.figures import Curve, Figure, ScoreFile


def require_types(score: ScoreFile, file: str) -> None:
    """Refuse a score whose values are of another kind; figures may be NaN, not words.

    Raises:
        EvaluationError: which part of which file.
    """
    parts = {
        "system": isinstance(score.system, str),
        "inputs": isinstance(score.inputs, dict),
        "problems": isinstance(score.problems, dict),
        "sources": all(isinstance(source, dict) for source in score.sources),
        "notes": all(isinstance(note, str) for note in score.notes),
        **{f"figure {at + 1}": _is_figure(figure) for at, figure in enumerate(score.figures)},
        **{f"curve {at + 1}": _is_curve(curve) for at, curve in enumerate(score.curves)},
    }
    wrong = next((name for name, right in parts.items() if not right), None)
    if wrong is not None:
        raise EvaluationError(f"{file}: {wrong} is not what `score` writes; score again")


def _is_figure(figure: Figure) -> bool:
    words = (figure.metric, figure.group, figure.system, figure.unit)
    ends = [end for end in (figure.low, figure.high) if end is not None]
    return (
        all(isinstance(word, str) for word in words)
        and all(map(_is_number, [figure.value, *ends]))
        and isinstance(figure.n, int)
    )


def _is_curve(curve: Curve) -> bool:
    columns: Any = curve.columns
    return (
        all(isinstance(word, str) for word in (curve.name, curve.group, curve.system))
        and isinstance(columns, dict)
        and all(isinstance(column, list) for column in columns.values())
        and all(_is_number(value) for column in columns.values() for value in column)
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
