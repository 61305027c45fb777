"""What a model is asked for a photo, and its reply as a row of `predictions.jsonl`."""

from typing import Any, Final

from geoagent_evaluation.datasets.records import Record
from geoagent_evaluation.importers.places import Gazetteer
from geoagent_evaluation.importers.predictions import ImportCounts, prediction_rows

QUESTION: Final = """Where was this photo taken?
Think about what can be seen, then give your best guess as one JSON object and nothing after it:
{"latitude": degrees, "longitude": degrees, "city": "...", "region": "...", "country": "..."}
Give numbers even when you are unsure. If you will not answer, write null for both numbers.
"""


def prediction_of_reply(
    photo_id: str, reply: str, gazetteer: Gazetteer | None = None
) -> dict[str, Any]:
    """Return the row of a reply; one that cannot be read has `failure` and no point."""
    record = Record(1, {"id": photo_id, "response": reply})
    row = next(prediction_rows([record], gazetteer, ImportCounts()))
    return {**row, "id": photo_id}
