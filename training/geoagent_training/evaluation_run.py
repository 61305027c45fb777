"""`geoagent-train evaluate`: a model on a file of located photos."""

import json
from pathlib import Path

from geoagent_training.data.sources import SourceFormat
from geoagent_training.data.tables import photo_table
from geoagent_training.evaluation import answer_photos, score_answers
from geoagent_training.processors import load_model, load_processor


def evaluate_files(
    model: str,
    data: Path,
    source: SourceFormat,
    images: Path | None,
    max_tokens: int,
    limit: int | None,
) -> str:
    """Return the figures of a model on a data set, as JSON.

    Raises:
        GeoAgentError: the model or the data cannot be loaded.
    """
    import torch

    table = photo_table(data, source, images=images, limit=limit)
    loaded = load_model(model, dtype="auto")
    if torch.cuda.is_available():
        loaded = loaded.to("cuda")
    replies = answer_photos(loaded, load_processor(model), table, max_new_tokens=max_tokens)
    return json.dumps(score_answers(replies, table).row(), indent=1)
