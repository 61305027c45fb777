"""What lmms-eval calls for each photo; copied beside the task's YAML."""

from typing import Any, Final

from geoagent_evaluation.metrics.sphere import distance_km
from geoagent_evaluation.tasks.question import QUESTION, prediction_of_reply

RADII_KM: Final = (25, 200, 750)


def doc_to_visual(doc: dict[str, Any]) -> list[Any]:
    """Return the picture of a document, as RGB."""
    from PIL import Image

    with Image.open(doc["file"]) as picture:
        return [picture.convert("RGB")]


def doc_to_text(*_: Any, **__: Any) -> str:
    """Return the question, the same for every photo."""
    return QUESTION


def process_results(doc: dict[str, Any], results: list[str]) -> dict[str, float]:
    """Return for each radius 1.0 where the reply's point is nearer, else 0.0."""
    row = prediction_of_reply(str(doc["id"]), results[0] if results else "")
    away = float("inf")
    if "lat_deg" in row:
        away = float(distance_km(row["lat_deg"], row["lon_deg"], doc["lat_deg"], doc["lon_deg"]))
    return {f"within_{radius}_km": float(away < radius) for radius in RADII_KM}
