"""Baselines and evidence beside the predictions are scored with them."""

import json
from pathlib import Path
from typing import Any

import pytest
from geoagent_evaluation.cli import main
from geoagent_evaluation.scoring.score_files import read_score


def _write(file: Path, rows: list[dict[str, Any]]) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return file


def _folder(tmp_path: Path) -> tuple[Path, Path]:
    truth = _write(
        tmp_path / "truth.jsonl",
        [
            {"id": "a", "lat_deg": 38.7, "lon_deg": -9.1, "country": "PT"},
            {"id": "b", "country": "ES"},
        ],
    )
    claim = {"level": "country", "country": "PT", "probability": 0.9}
    point = {"lat_deg": 38.8, "lon_deg": -9.1}
    predictions = _write(
        tmp_path / "predictions.jsonl", [{"id": "a", **point, **claim}, {"id": "b", **point}]
    )
    far = {"lat_deg": 0.0, "lon_deg": 0.0}
    _write(tmp_path / "baselines/far.jsonl", [{"id": "a", **far}, {"id": "b", **far}])
    evidence = {"source": "phones", "true_country": "PT", "countries": {"PT": 0.8}, "unlisted": 0.2}
    _write(tmp_path / "evidence.jsonl", [{"id": "a", "gain_country": 0.7, **evidence}])
    return predictions, truth


def test_baselines_and_sources_are_in_the_score(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    predictions, truth = _folder(tmp_path)
    assert main(["score", str(predictions), str(truth), "--out", str(tmp_path / "score")]) == 0
    score = read_score(tmp_path / "score")
    found = {
        (figure.system, figure.metric): figure for figure in score.figures if figure.group == "all"
    }
    assert found["", "within_25_km"].value == 1.0
    assert found["", "within_25_km"].n == 1  # the other photo has a country alone
    assert found["", "country_right"].value == 0.5
    assert found["far", "within_25_km"].value == 0.0
    assert found["far", "median_km"].value > 4000
    assert score.sources[0]["source"] == "phones"
    assert score.sources[0]["photos"] == 2
    assert len(score.inputs) == 4
    said = capsys.readouterr().out
    assert "spoke 1 of 2" in said
    assert "  far  within_25_km 0.0000  within_200_km 0.0000" in said


def test_a_broken_baseline_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    predictions, truth = _folder(tmp_path)
    _write(tmp_path / "baselines/far.jsonl", [{"id": "a"}])
    assert main(["score", str(predictions), str(truth)]) == 2
    assert "far.jsonl, row 1" in capsys.readouterr().err
