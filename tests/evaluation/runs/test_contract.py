"""What a run writes is read by the contract's readers, failures and truths without a point too."""

import json
from pathlib import Path
from typing import Any

from geoagent_evaluation.contract.read_predictions import read_predictions
from geoagent_evaluation.contract.read_truth import read_truth
from geoagent_evaluation.runs.run_photos import RunChoice, run_photos

from tests.support.evaluation_runs import (
    photos_of,
    scripted_agent,
    silent_progress,
    write_manifest,
)


def test_a_run_keeps_the_contract(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"id": "a", "file": "a.jpg", "lat": 38.7, "lon": -9.1},
        {"id": "b", "file": "b.jpg", "country": "PT"},
    ]
    manifest, out = write_manifest(tmp_path, rows), tmp_path / "out"
    run_photos(photos_of(manifest), manifest, scripted_agent(), RunChoice(out), silent_progress)
    with (out / "predictions.jsonl").open("a") as file:
        file.write(json.dumps({"id": "c", "error": "c.jpg: no such file"}) + "\n")
    table, faults = read_predictions(out / "predictions.jsonl")
    assert faults == []
    assert table.ids == ["a", "b", "c"]
    assert table.failed.tolist() == [False, False, True]
    assert table.country[:2] == ["PT", "PT"]
    truth = read_truth(out / "truth.jsonl")
    assert truth.country == [None, "PT"]
    assert truth.lat_deg[0] == 38.7
    assert truth.lat_deg[1] != truth.lat_deg[1]  # NaN
