"""Scores of small files, worked out by hand: failures, abstentions, groups, privacy, clusters."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from geoagent_evaluation.cli import main
from geoagent_evaluation.contract.places import PlaceCodes
from geoagent_evaluation.contract.tables import Floats
from geoagent_evaluation.errors import ContractError
from geoagent_evaluation.metrics.intervals import wilson_interval
from geoagent_evaluation.metrics.sphere import HALF_CIRCUMFERENCE_KM
from geoagent_evaluation.scoring.figures import Figure
from geoagent_evaluation.scoring.groups import GROUP_KINDS
from geoagent_evaluation.scoring.score import Scored, score_files
from geoagent_evaluation.scoring.score_files import read_score, score_as_json, write_score

from tests.support.prediction_files import (
    BROKEN_LINES,
    GOOD,
    TRUTH,
    write_broken,
    write_lines,
)

Rows = list[dict[str, Any]]


def _score(folder: Path, said: Rows, true: Rows | None = None, **options: Any) -> Scored:
    predictions = write_lines(folder / "p.jsonl", said)
    truth = write_lines(folder / "t.jsonl", true or [dict(row) for row in TRUTH])
    return score_files(predictions, truth, **options)


def _figures(scored: Scored, group: str = "all") -> dict[str, Figure]:
    return {figure.metric: figure for figure in scored.score.figures if figure.group == group}


def test_missing_and_pointless_photos_count_as_failures(tmp_path: Path) -> None:
    said = [{**GOOD, "seconds": 2.0}, {"id": "b", "abstained": True}]
    scored = _score(tmp_path, said)
    found = _figures(scored)
    near = found["within_1_km"]
    assert near.value == pytest.approx(1 / 3)
    assert near.n == 3
    assert (near.low, near.high) == pytest.approx(wilson_interval(1, 3))
    assert near.interval == "wilson"
    assert (found["within_1_km_of_claims"].value, found["within_1_km_of_claims"].n) == (1.0, 1)
    assert found["mean_km"].value == pytest.approx(HALF_CIRCUMFERENCE_KM * 2 / 3)
    assert found["median_km"].value == pytest.approx(HALF_CIRCUMFERENCE_KM)
    assert found["geoscore_osv5m"].value == pytest.approx(5000 / 3)
    assert found["answered"].value == pytest.approx(1 / 3)
    assert found["failed"].value == pytest.approx(1 / 3)
    assert found["seconds_mean"].n == 1
    assert found["seconds_mean"].interval is None
    assert scored.score.problems == {"photos without a prediction": 1}


def test_an_abstention_with_a_point_counts_as_the_point_over_all_photos(tmp_path: Path) -> None:
    said = [dict(GOOD), {"id": "b", "abstained": True, "lat_deg": 48.9, "lon_deg": 2.3}]
    found = _figures(_score(tmp_path, said))
    assert found["within_1_km"].value == pytest.approx(2 / 3)
    assert found["within_1_km_of_claims"].n == 1


@pytest.mark.parametrize("name", sorted(BROKEN_LINES))
def test_a_broken_file_is_refused_or_its_row_fails(tmp_path: Path, name: str) -> None:
    line, said = BROKEN_LINES[name]
    path = write_broken(tmp_path / "p.jsonl", line)
    truth = write_lines(tmp_path / "t.jsonl", TRUTH)
    with pytest.raises(ContractError) as refused:
        score_files(path, truth)
    assert str(refused.value).startswith(f"{path}, row 2{said}")
    scored = score_files(path, truth, lenient=True)
    found = _figures(scored)
    assert found["within_2500_km"].n == 3
    assert found["failed"].value >= 1 / 3
    assert sum(scored.score.problems.values()) >= 1
    assert score_as_json(scored.score)


def test_a_broken_row_is_the_worst_that_a_row_can_be(tmp_path: Path) -> None:
    said = [{**GOOD, "radius_km": 5}, {"id": "b", "lat_deg": 99, "lon_deg": 0, "level": "city"}]
    true = [{**row, "permitted_level": "country"} for row in TRUTH]
    found = _figures(_score(tmp_path, said, true, lenient=True))
    assert (found["coverage_90"].value, found["coverage_90"].n) == (0.5, 2)
    assert (found["claim_right"].value, found["claim_right"].n) == (0.5, 2)
    assert found["brier"].value == pytest.approx((0.1**2 + 1) / 2)
    assert found["finer_than_permitted"].value == 1.0


def test_claims_are_judged_by_codes_then_by_distance(tmp_path: Path) -> None:
    said = [
        {**GOOD, "level": "country", "country": "pt"},
        {"id": "b", "lat_deg": 48.9, "lon_deg": 2.3, "level": "country", "country": "DE"},
        {"id": "c", "lat_deg": -1.3, "lon_deg": 36.8, "level": "city"},
    ]
    scored = _score(tmp_path, said)
    assert scored.claim_right.tolist() == [1, 0, 1]
    found = _figures(scored)
    assert found["country_right"].value == pytest.approx(1 / 3)
    assert found["continent_right"].value == pytest.approx(2 / 3)
    assert "region_right" not in found
    assert "Claims judged by codes: 2, distance: 1." in scored.score.notes


def test_a_continent_is_judged_by_the_country_of_the_truth(tmp_path: Path) -> None:
    true = [{"id": name, "country": country} for name, country in (("a", "PT"), ("b", "KE"))]
    here = {"lat_deg": 1.0, "lon_deg": 1.0, "level": "continent"}
    said = [{"id": "a", **here, "continent": "eu"}, {"id": "b", **here, "continent": "EU"}]
    assert _score(tmp_path, said, true).claim_right.tolist() == [1, 0]
    unnamed = [{"id": name, **here} for name in "ab"]
    scored = _score(tmp_path, unnamed, true)  # neither a point nor a place to compare with
    assert scored.claim_right.tolist() == [-1, -1]
    assert "Claims judged by nothing that is known: 2." in scored.score.notes


class _Halves:
    """A gazetteer of two countries: north and south of the equator."""

    def codes(self, lat_deg: Floats, lon_deg: Floats) -> PlaceCodes:
        """Return the places of points."""
        country = ["PT" if lat > 0 else "KE" if lat <= 0 else None for lat in lat_deg]
        return PlaceCodes(country, [None] * len(lat_deg), [f"{lat:.0f}" for lat in lat_deg])


def test_places_come_from_a_gazetteer_that_is_given(tmp_path: Path) -> None:
    said = [{**GOOD, "lat_deg": 39.4}, {"id": "b", "lat_deg": 40, "lon_deg": 2}]
    found = _figures(_score(tmp_path, said, places={"polygon": _Halves()}))
    # b is in FR by the truth, c has no prediction
    assert found["country_right_by_polygon"].value == pytest.approx(1 / 3)
    assert found["city_right_by_polygon"].value == pytest.approx(1 / 3)
    assert "region_right_by_polygon" not in found


def test_privacy_counts_what_is_finer_and_what_is_refused(tmp_path: Path) -> None:
    levels = ["none", "country", "city", "region"]
    true = [
        {"id": name, "lat_deg": 1, "lon_deg": 1, "permitted_level": level}
        for name, level in zip("abcd", levels, strict=True)
    ]
    said = [
        {"id": "a", "lat_deg": 1, "lon_deg": 1, "level": "continent"},
        {"id": "b", "lat_deg": 1, "lon_deg": 1},
        {"id": "c", "abstained": True},
        {"id": "d", "lat_deg": 1, "lon_deg": 1, "level": "country"},
    ]
    found = _figures(_score(tmp_path, said, true))
    assert (found["finer_than_permitted"].value, found["finer_than_permitted"].n) == (0.5, 4)
    refused = found["refused_though_permitted"]
    assert refused.value == pytest.approx(1 / 3)
    assert refused.n == 3
    assert found["coarser_than_permitted"].value == pytest.approx(2 / 3)


def test_groups_are_those_of_the_truth_and_of_the_evidence(tmp_path: Path) -> None:
    said = [
        {**GOOD, "evidence": ["text", "phones"]},
        {**GOOD, "id": "b", "evidence": ["text"]},
        {**GOOD, "id": "c", "level": "country"},
    ]
    scored = _score(tmp_path, said, kinds=GROUP_KINDS)
    counts = {f.group: f.n for f in scored.score.figures if f.metric == "within_25_km"}
    assert counts == {
        "all": 3, "continent=AF": 1, "continent=EU": 2, "income=high": 2,
        "income=lower middle": 1, "country=FR": 1, "country=KE": 1, "country=PT": 1,
        "evidence=phones": 1, "evidence=text": 2, "level=city": 2, "level=country": 1,
    }  # fmt: skip


def test_clusters_are_resampled_together(tmp_path: Path) -> None:
    random = np.random.default_rng(2)
    true, said = [], []
    for cluster in range(40):
        right = bool(random.random() < 0.5)
        for photo in range(25):
            row = {"id": f"{cluster}-{photo}", "lat_deg": 10.0, "lon_deg": 10.0}
            true.append({**row, "cluster": str(cluster)})
            said.append({**row, "lat_deg": 10.0 if right else 50.0})
    found = _figures(_score(tmp_path, said, true))["within_25_km"]
    assert found.interval == "cluster bootstrap"
    assert found.low is not None
    assert found.high is not None
    of_forty = wilson_interval(found.value * 40, 40)
    assert found.high - found.low == pytest.approx(of_forty[1] - of_forty[0], rel=0.25)


def test_a_share_that_no_draw_changes_has_wilsons_interval_of_clusters(tmp_path: Path) -> None:
    true = [{**row, "cluster": "one" if row["id"] != "c" else "two"} for row in TRUTH]
    near = _figures(_score(tmp_path, [dict(row) for row in TRUTH], true))["within_1_km"]
    assert (near.value, near.interval, near.low) == (1.0, "wilson", wilson_interval(2, 2)[0])


@pytest.mark.parametrize(
    "said",
    [
        [{"id": "a", "abstained": True}, {"id": "b", "abstained": True}],
        [dict(GOOD)],
        [{"id": "a", "lat_deg": 0, "lon_deg": 0, "probability": 1.0, "level": "continent"}],
        [{"id": "a", "lat_deg": 0, "lon_deg": 0, "candidates": ["PT"]}],
    ],
)
@pytest.mark.parametrize("rows", [1, 3])
def test_undefined_figures_are_left_out_and_nothing_is_nan(
    tmp_path: Path, said: Rows, rows: int
) -> None:
    true: Rows = [{"id": row["id"], "lat_deg": 1.0, "lon_deg": 2.0} for row in TRUTH[:rows]]
    scored = _score(tmp_path, [row for row in said if row["id"] in "abc"[:rows]], true)
    for figure in scored.score.figures:
        assert math.isfinite(figure.value), figure
        assert figure.n > 0, figure
        if figure.low is not None and figure.high is not None:
            assert figure.low <= figure.value + 1e-9, figure
            assert figure.value <= figure.high + 1e-9, figure
    assert not any(figure.group.startswith("continent=") for figure in scored.score.figures)
    assert json.loads(score_as_json(scored.score))


def test_files_are_written_and_read_again(tmp_path: Path) -> None:
    scored = _score(tmp_path, [dict(GOOD)])
    write_score(scored, tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "rows.parquet", "score.json", "scores.csv",
    ]  # fmt: skip
    assert read_score(tmp_path / "out") == scored.score
    (tmp_path / "bad.json").write_text('{"schema": "geoagent-score/9"}')
    with pytest.raises(ContractError, match="geoagent-score/9"):
        read_score(tmp_path / "bad.json")


def test_the_command_prints_a_table_and_lists_what_failed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_broken(tmp_path / "p.jsonl", BROKEN_LINES["nan"][0])
    truth = write_lines(tmp_path / "t.jsonl", TRUTH)
    assert main(["score", str(path), str(truth)]) == 2
    assert capsys.readouterr().err == (
        f"geoagent-eval: error: {path}, row 2: holds NaN, which is not JSON\n"
    )
    assert main(["score", str(path), str(truth), "--lenient", "--by", "country"]) == 0
    out, err = capsys.readouterr()
    assert "within_25_km" in out
    assert "1 rows that break the contract" in out
    assert err == f"{path}, row 2: holds NaN, which is not JSON\n"
    assert main(["score", str(path), str(truth), "--lenient", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["schema"] == "geoagent-score/1"
    assert main(["score", str(path), str(truth), "--by", "colour"]) == 2
    assert "'colour' is not one of" in capsys.readouterr().err
