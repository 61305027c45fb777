"""Truth from files: what it must state, and that a bad row is always refused."""

from pathlib import Path

import pytest
from geoagent_evaluation.contract.read_truth import read_truth
from geoagent_evaluation.errors import ContractError

from tests.support.prediction_files import TRUTH, write_lines, write_parquet


def test_three_formats_say_the_same(tmp_path: Path) -> None:
    csv = ["id,lat_deg,lon_deg,country"]
    csv += [f"{row['id']},{row['lat_deg']},{row['lon_deg']},{row['country']}" for row in TRUTH]
    (tmp_path / "t.csv").write_text("\n".join(csv))
    paths = [write_lines(tmp_path / "t.jsonl", TRUTH), write_parquet(tmp_path / "t.parquet", TRUTH)]
    for table in map(read_truth, [*paths, tmp_path / "t.csv"]):
        assert table.ids == ["a", "b", "c"]
        assert table.lat_deg.tolist() == [38.7, 48.9, -1.3]
        assert table.country == ["PT", "FR", "KE"]
        assert table.cluster == [None] * 3


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"id": "b"}, "row 2, lat_deg: is missing"),
        ({"id": "b", "LAT": 1, "LON": 1}, "row 2, lat_deg: .* 'LAT' must be called lat_deg"),
        ({"id": "b", "lat_deg": 1, "lng": 1}, "row 2, lon_deg: .* 'lng' must be called lon_deg"),
        ({"id": "a", "lat_deg": 1, "lon_deg": 1}, "row 2, id: is that of row 1 too"),
        ({"id": "b", "lat_deg": 1, "lon_deg": 1, "cluster": 7}, "row 2, cluster: 7 is a number"),
        ({"id": "b", "lat_deg": 1, "lon_deg": 1, "permitted_level": "x"}, "row 2, permitted_level"),
    ],
)
def test_a_bad_row_is_refused(tmp_path: Path, row: dict[str, object], said: str) -> None:
    path = write_lines(tmp_path / "t.jsonl", [TRUTH[0], row])
    with pytest.raises(ContractError, match=said):
        read_truth(path)


def test_truth_without_rows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="holds no row"):
        read_truth(write_lines(tmp_path / "t.jsonl", []))
