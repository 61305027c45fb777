"""Systems compared: paired, over common photos, against one truth."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from geoagent_evaluation.cli import main
from geoagent_evaluation.errors import ContractError
from geoagent_evaluation.metrics.paired import mcnemar_exact
from geoagent_evaluation.scoring.compare import compare_systems, open_system
from geoagent_evaluation.scoring.score import score_files
from geoagent_evaluation.scoring.score_files import write_score

from tests.support.prediction_files import write_lines

COUNT = 120


def _rows(lat: Any, **fields: Any) -> list[dict[str, Any]]:
    return [
        {"id": f"p{index}", "lat_deg": float(value), "lon_deg": 0.0, **fields}
        for index, value in enumerate(lat)
    ]


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Three systems: b is somewhat better than a, c is the same as a."""
    random = np.random.default_rng(1)
    away = random.exponential(1.0, COUNT)
    better = np.where(random.random(COUNT) < 0.4, away * 0.1, away)
    write_lines(tmp_path / "t.jsonl", _rows(np.zeros(COUNT), country="GH"))
    sure = {"level": "city", "country": "GH"}
    for name, lat in (("a", away), ("b", better), ("c", away)):
        rows = _rows(lat, **sure)
        for row, value in zip(rows, lat, strict=True):
            row["probability"] = round(float(np.exp(-value)), 3)
        write_lines(tmp_path / f"{name}.jsonl", rows)
    return tmp_path


def test_folders_and_files_give_the_same_comparison(files: Path) -> None:
    truth = files / "t.jsonl"
    for name in "ab":
        write_score(score_files(files / f"{name}.jsonl", truth, kinds=()), files / name)
    by_folder = compare_systems([open_system(files / name, None, False) for name in "ab"])
    by_file = compare_systems([open_system(files / f"{n}.jsonl", truth, False) for n in "ab"])
    assert by_folder == by_file
    found = {one.metric: one for one in by_file.differences}
    near = found["within_25_km"]
    rows = [open_system(files / name, None, False).rows.distance_km < 25 for name in "ab"]
    assert near.difference == pytest.approx(rows[1].mean() - rows[0].mean())
    assert near.p == pytest.approx(mcnemar_exact(*rows))
    assert near.test == "McNemar exact"
    assert near.p_holm == near.p
    mean = found["mean_km"]
    assert mean.low is not None
    assert mean.high is not None
    assert mean.low <= mean.difference <= mean.high < 0
    assert mean.p is not None
    assert mean.p < 0.01
    assert {"median_km", "geoscore_osv5m", "brier", "nll", "aurc", "energy_km"} <= found.keys()


def test_several_systems_are_corrected_and_equal_ones_differ_by_nothing(files: Path) -> None:
    truth = files / "t.jsonl"
    systems = [open_system(files / f"{name}.jsonl", truth, False) for name in "abc"]
    found = compare_systems(systems)
    near = {one.second: one for one in found.differences if one.metric == "within_25_km"}
    p = near["b"].p
    assert p is not None
    assert near["b"].p_holm == pytest.approx(min(1.0, 2 * p))
    same = [one for one in found.differences if one.second == "c"]
    assert all(one.difference == 0 and one.p == 1 for one in same)


def test_only_common_photos_count_and_the_rest_is_told(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    half = _rows(np.zeros(COUNT // 2), country="GH")
    write_lines(files / "half.jsonl", half)
    write_score(score_files(files / "half.jsonl", files / "half.jsonl", kinds=()), files / "half")
    write_score(score_files(files / "a.jsonl", files / "t.jsonl", kinds=()), files / "a")
    assert main(["compare", str(files / "a"), str(files / "half"), "--out", str(files / "o")]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"{COUNT // 2} photos that all systems have\n60 photos of a left out\n")
    kept = json.loads((files / "o" / "comparison.json").read_text())
    assert kept["left_out"] == {"a": 60, "half": 0}
    assert (files / "o" / "comparison.csv").read_text().startswith("metric,unit,first,second")


def test_different_truths_are_refused(files: Path) -> None:
    moved = _rows([1.0, *np.zeros(COUNT - 1)], country="GH")
    write_lines(files / "moved.jsonl", moved)
    one = open_system(files / "a.jsonl", files / "t.jsonl", False)
    other = open_system(files / "b.jsonl", files / "moved.jsonl", False)
    with pytest.raises(ContractError, match=r"different truths: 'p0' and 0 other photos"):
        compare_systems([one, other])
    strangers = [{**row, "id": f"x{row['id']}"} for row in moved]
    write_lines(files / "strangers.jsonl", strangers)
    third = open_system(files / "strangers.jsonl", files / "strangers.jsonl", False)
    with pytest.raises(ContractError, match="no photo is common"):
        compare_systems([one, third])


def test_clusters_are_drawn_whole_and_one_photo_has_no_interval(files: Path) -> None:
    rows = [json.loads(line) for line in (files / "t.jsonl").read_text().splitlines()]
    clustered = [{**row, "cluster": str(index % 9)} for index, row in enumerate(rows)]
    truth = write_lines(files / "clustered.jsonl", clustered)
    found = compare_systems([open_system(files / f"{n}.jsonl", truth, False) for n in "ab"])
    assert {one.test for one in found.differences} == {"cluster bootstrap"}
    single = write_lines(files / "single.jsonl", rows[:1])
    for name in "ab":
        write_lines(files / f"{name}1.jsonl", _rows([0.0]))
    alone = compare_systems([open_system(files / f"{n}1.jsonl", single, False) for n in "ab"])
    assert all(one.low is None for one in alone.differences)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["a.jsonl"], "name two systems or more"),
        (["a.jsonl", "b.jsonl"], "a.jsonl: is no folder of a score; give --truth to score it"),
        ([".", "b.jsonl"], "rows.parquet: holds no rows of a score"),
    ],
)
def test_wrong_usage_is_one_line(
    files: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    said: str,
) -> None:
    monkeypatch.chdir(files)
    assert main(["compare", *arguments]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert len(error.splitlines()) == 1
