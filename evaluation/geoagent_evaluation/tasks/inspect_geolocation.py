r"""An Inspect AI task: any model that Inspect reaches, asked where the photos of a manifest are.

    inspect eval geoagent_evaluation/tasks/inspect_geolocation.py --model MODEL \
        -T manifest=manifest.jsonl -T truth=truth.jsonl --log-format json --log-dir logs
    geoagent-eval import logs/LOG.json --format inspect --truth truth.jsonl --out predictions.jsonl

The log shows distances and shares as it goes; figures with intervals come from `geoagent-eval
score`. Needs `pip install inspect-ai`.
"""

import math
from pathlib import Path
from typing import Any, Final

from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import ChatMessageUser, ContentImage, ContentText
from inspect_ai.scorer import Metric, SampleScore, Score, Scorer, Target, metric, scorer
from inspect_ai.solver import TaskState, generate

from geoagent_evaluation.metrics.sphere import HALF_CIRCUMFERENCE_KM, distance_km
from geoagent_evaluation.tasks.photos import TaskPhoto, task_photos
from geoagent_evaluation.tasks.question import QUESTION, prediction_of_reply

RADII_KM: Final = (1, 25, 200, 750, 2500)


@task
def geolocation(manifest: str, truth: str) -> Task:
    """Return the task for the photos of a manifest whose truth is known."""
    photos = task_photos(Path(manifest), Path(truth))
    return Task(
        dataset=MemoryDataset([photo_sample(photo) for photo in photos], name="geolocation"),
        solver=generate(),
        scorer=distance(),
    )


def photo_sample(photo: TaskPhoto) -> Sample:
    """Return the sample of a photo: the question, the picture, and the true point as target."""
    content: list[Any] = [
        ContentText(text=QUESTION),
        ContentImage(image=str(photo.path.resolve())),
    ]
    return Sample(
        id=photo.id,
        input=[ChatMessageUser(content=content)],
        target=f"{photo.lat_deg}, {photo.lon_deg}",
        metadata={"lat_deg": photo.lat_deg, "lon_deg": photo.lon_deg},
    )


@metric
def within(radius_km: float) -> Metric:
    """Return the share of photos placed nearer than a radius; no point is not near."""

    def share(scores: list[SampleScore]) -> float:
        near = [one.score.as_float() < radius_km for one in scores]
        return sum(near) / len(near) if near else math.nan

    return share


@scorer(metrics=[within(radius) for radius in RADII_KM])
def distance() -> Scorer:
    """Return a scorer whose value is the distance in km; the antipode's where there is no point."""

    async def score(state: TaskState, target: Target) -> Score:  # noqa: ARG001, Inspect's call
        row = prediction_of_reply(str(state.sample_id), state.output.completion)
        if "lat_deg" not in row:
            return Score(value=HALF_CIRCUMFERENCE_KM, answer=str(row.get("failure") or "abstained"))
        truth = state.metadata
        away = distance_km(row["lat_deg"], row["lon_deg"], truth["lat_deg"], truth["lon_deg"])
        return Score(value=float(away), answer=f"{row['lat_deg']}, {row['lon_deg']}", metadata=row)

    return score
