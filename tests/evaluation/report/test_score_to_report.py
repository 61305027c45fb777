"""What `score` writes is what `report` draws: no metric without a name, no curve left out."""

import json
from pathlib import Path

from geoagent_evaluation import cli
from geoagent_evaluation.report.metric_names import LABELS
from geoagent_evaluation.report.score_folder import read_score_folder

from tests.evaluation.report.test_page import checked_outline
from tests.evaluation.support.score_folders import drawn_rows

PHOTOS = 40


def write_files(folder: Path) -> tuple[Path, Path]:
    """Write predictions, one of them broken, and the truth of drawn photos."""
    rows = drawn_rows(PHOTOS)
    predictions, truth = [], []
    for at, photo in enumerate(rows["id"]):
        lon, true_lon = ((rows[name][at] + 180) % 360 - 180 for name in ("lon_deg", "true_lon_deg"))
        point = {"lat_deg": rows["lat_deg"][at], "lon_deg": lon}
        claim = {
            "level": "country" if at % 2 else "city", "country": rows["country"][at],
            "probability": rows["probability"][at], "radius_km": rows["radius_km"][at],
            "seconds": 1.5, "cost": 0.01, "evidence": ["text"],
            "candidates": [{**point, "probability": 0.8}],
        }  # fmt: skip
        predictions.append(
            {"id": photo, **point, **({"abstained": True} if at % 9 == 0 else claim)}
        )
        truth.append({
            "id": photo, "lat_deg": rows["true_lat_deg"][at], "lon_deg": true_lon,
            "country": rows["true_country"][at], "locatability": "easy" if at % 3 else "hard",
            "permitted_level": "country",
        })  # fmt: skip
    predictions[3] = {"id": rows["id"][3], "lat_deg": 99.0}
    files = (folder / "system.jsonl", folder / "truth.jsonl")
    for file, lines in zip(files, (predictions, truth), strict=True):
        file.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return files


def test_score_is_drawn_whole(tmp_path: Path) -> None:
    predictions, truth = write_files(tmp_path)
    folder = str(tmp_path / "score")
    assert cli.main(["score", str(predictions), str(truth), "--lenient", "--out", folder]) == 0
    assert cli.main(["report", folder]) == 0
    scored = read_score_folder(tmp_path / "score")
    assert {figure.metric for figure in scored.score.figures} - {"photos"} <= LABELS.keys()
    outline = checked_outline((tmp_path / "score" / "report.html").read_text())
    words = outline.words()
    for part in (
        "40 photos",
        "1 photo (2.5 %) failed",
        "GeoScore, OSV-5M",
        "Reliability of all claims",
        "Reliability of claims at city level",
        "Risk and coverage: 200 km or more off, by locatability",
        "By income group",
        "Too fine",
        "Cost, total",
        "score system.jsonl truth.jsonl --out score",
    ):
        assert part in words, part
