"""Answers of a model to a table of photos, and the figures of the paper computed from them."""

import json
import logging
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from geoagent_kernels import geoscore

from geoagent_training.data.sources import SourceFormat
from geoagent_training.data.tables import photo_table
from geoagent_training.models.loading import load_model, load_processor
from geoagent_training.models.taught_form import (
    evaluation_warnings,
    question_of_model,
    system_of_model,
)
from geoagent_training.predictions import write_predictions, write_truth
from geoagent_training.rewards.completions import parse_completions
from geoagent_training.rewards.reward_tools import reward_tools
from geoagent_training.rewards.scoring import Batch
from geoagent_training.rewards.truth import read_truth

log = logging.getLogger(__name__)

_TRUTH_COLUMNS = ("lat_deg", "lon_deg", "country", "region", "precise")


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares in [0, 1]; scores are means over all photos, an answer without a place counts 0."""

    photos: int
    parsed: float
    resolved: float
    country: float
    within_25_km: float
    within_200_km: float
    within_750_km: float
    within_2500_km: float
    median_km: float
    geoscore_geoagent: float
    geoscore_osv5m: float

    def row(self) -> dict[str, float]:
        """Return the figures by name."""
        return asdict(self)


def evaluate_files(
    model: str,
    data: Path,
    source: SourceFormat,
    images: Path | None,
    max_tokens: int,
    limit: int | None,
    predictions: Path | None = None,
) -> str:
    """Return the figures of a model on a data set, as JSON; null where there is none.

    With `predictions` its answers are written there, and `truth.jsonl` beside them, for
    `geoagent-eval score`.

    Raises:
        GeoAgentError: the model or the data cannot be loaded.
    """
    for warning in evaluation_warnings(model):
        log.warning("%s", warning)
    table = photo_table(
        data,
        source,
        images=images,
        limit=limit,
        system=system_of_model(model),
        question=question_of_model(model),
    )
    loaded = load_model(model, dtype="auto")
    if torch.cuda.is_available():
        loaded = loaded.to("cuda")
    replies = answer_photos(loaded, load_processor(model), table, max_new_tokens=max_tokens)
    if predictions is not None:
        batch = batch_of(replies, table)
        write_predictions(predictions, batch, table)
        write_truth(predictions.with_name("truth.jsonl"), batch, table)
    figures = score_answers(replies, table).row()
    told = {name: value if math.isfinite(value) else None for name, value in figures.items()}
    return json.dumps(told, indent=1, allow_nan=False)


def batch_of(replies: Sequence[str], table: Any) -> Batch:
    """Return replies to a table with positions and names, read against their truth."""
    columns = {name: table[name][:] for name in _TRUTH_COLUMNS}
    return Batch(parse_completions(replies), read_truth(columns, len(replies)), reward_tools())


def answer_photos(
    model: Any,
    processor: Any,
    table: Any,
    *,
    max_new_tokens: int,
    batch_size: int = 16,
    temperature: float = 0.0,
) -> list[str]:
    """Return the model's reply to each photo; greedy at temperature 0."""
    replies: list[str] = []
    sampling = {"do_sample": True, "temperature": temperature} if temperature else {}
    model.eval()
    for start in range(0, len(table), batch_size):
        rows = table[start : start + batch_size]
        turns = [
            with_photo(prompt, image)
            for prompt, image in zip(rows["prompt"], rows["image"], strict=True)
        ]
        replies += complete_turns(model, processor, turns, max_new_tokens, **sampling)
    return replies


def complete_turns(
    model: Any,
    processor: Any,
    turns: Sequence[list[dict[str, Any]]],
    max_new_tokens: int,
    **sampling: Any,
) -> list[str]:
    """Return what a model says next in each conversation; greedy without other sampling."""
    inputs = processor.apply_chat_template(
        turns,
        tokenize=True,
        add_generation_prompt=True,
        return_dict=True,
        return_tensors="pt",
        processor_kwargs={"padding": True, "padding_side": "left"},
    ).to(model.device)
    with torch.no_grad():
        tokens = model.generate(
            **inputs, max_new_tokens=max_new_tokens, **({"do_sample": False} | sampling)
        )
    new = tokens[:, inputs["input_ids"].shape[1] :]
    replies: list[str] = processor.batch_decode(new, skip_special_tokens=True)
    return replies


def score_answers(replies: Sequence[str], table: Any) -> Figures:
    """Return the figures of replies to a table with positions and names."""
    batch = batch_of(replies, table)
    tools = batch.tools
    distances = batch.distances_km
    reached = np.nan_to_num(distances, nan=np.inf)
    same = [
        bool(mine[0]) and tools.resolver.same_place(mine[0], truth[0])
        for mine, truth in zip(batch.names, batch.truth.names, strict=True)
    ]
    scores = {
        scale: float(geoscore(torch.from_numpy(distances), scale=scale).mean())
        for scale in ("geoagent", "osv5m")
    }
    found = distances[np.isfinite(distances)]
    return Figures(
        photos=len(replies),
        parsed=float(np.mean([bool(one.stages) and one.well_formed for one in batch.parsed])),
        resolved=float(np.isfinite(distances).mean()),
        country=float(np.mean(same)),
        within_25_km=float((reached <= 25).mean()),
        within_200_km=float((reached <= 200).mean()),
        within_750_km=float((reached <= 750).mean()),
        within_2500_km=float((reached <= 2500).mean()),
        median_km=float(np.median(found)) if len(found) else float("nan"),
        geoscore_geoagent=scores["geoagent"],
        geoscore_osv5m=scores["osv5m"],
    )


def with_photo(prompt: list[dict[str, Any]], image: Any) -> list[dict[str, Any]]:
    """Return the prompt with its texts as blocks and the photo before the question."""
    turns: list[dict[str, Any]] = [
        {"role": turn["role"], "content": [{"type": "text", "text": turn["content"]}]}
        for turn in prompt
    ]
    turns[-1]["content"].insert(0, {"type": "image", "image": image})
    return turns
