"""The Inspect task, run with its mock model on drawn pictures; skipped without inspect-ai."""

import json
from pathlib import Path

import pytest
from geoagent_evaluation.cli import main

from tests.support.drawn_photos import TRUTH, write_drawn_photos

inspect_ai = pytest.importorskip("inspect_ai", reason="inspect-ai is not installed")

REPLIES = (
    'Two towers.\n{"latitude": 48.85, "longitude": 2.35, "city": "Paris", "country": "France"}',
    "I'm sorry, I cannot say where this is.",
    "Somewhere warm, I would think, though nothing in it says so and I name no place at all.",
)


@pytest.mark.filterwarnings("ignore")  # of Inspect's own imports
def test_a_model_is_asked_and_its_log_becomes_predictions(tmp_path: Path) -> None:
    from geoagent_evaluation.tasks.inspect_geolocation import geolocation
    from inspect_ai.model import ModelOutput, ModelUsage, get_model

    manifest, truth = write_drawn_photos(tmp_path)
    replies = [ModelOutput.from_content("mockllm/model", reply) for reply in REPLIES]
    for reply in replies:  # else the mock counts tokens with a table that it downloads
        reply.usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)
    [log] = inspect_ai.eval(
        geolocation(str(manifest), str(truth)),
        model=get_model("mockllm/model", custom_outputs=replies),
        log_dir=str(tmp_path / "logs"),
        log_format="json",
        display="none",
        max_samples=1,
    )
    assert log.status == "success"
    out = tmp_path / "predictions.jsonl"
    assert main(["import", log.location, "--format", "inspect", "--out", str(out)]) == 0
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert [row["id"] for row in rows] == [row["id"] for row in TRUTH]
    assert (rows[0]["lat_deg"], rows[0]["lon_deg"]) == (48.85, 2.35)
    assert rows[1] == {"id": "b", "abstained": True}
    assert "lat_deg" not in rows[2]
    assert rows[2]["failure"]
    metrics = log.results.scores[0].metrics
    assert sorted(metric.value for metric in metrics.values()) == pytest.approx(
        [0.0, 1 / 3, 1 / 3, 1 / 3, 1 / 3]
    )
