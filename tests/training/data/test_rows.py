"""Rows are read in order; a bad one is named with file and line."""

import json
from pathlib import Path

import pytest
from geoagent_training import LocatedPhoto, ReasonedPhoto, read_rows

from geoagent_graph.errors import InputError

ROW = {"image": "a.jpg", "lat_deg": 38.7, "lon_deg": -9.1, "country": "Portugal"}
LEVEL = {"Clues": ["tiles"], "Reasoning": "r", "Conclusion": "c", "Uncertainty": "low"}
CHAIN = {
    "CountryIdentification": LEVEL,
    "RegionalGuess": LEVEL,
    "PreciseLocalization": LEVEL,
    "FinalAnswer": "Portugal; Lisbon; Alfama",
}


def _write(path: Path, *rows: object) -> Path:
    path.write_text("\n".join(r if isinstance(r, str) else json.dumps(r) for r in rows) + "\n")
    return path


def test_rows_are_read_in_order(tmp_path: Path) -> None:
    path = _write(tmp_path / "rows.jsonl", ROW, {**ROW, "image": "b.jpg", "region": "Lisbon"})
    rows = list(read_rows(path, LocatedPhoto))
    assert [row.image for row in rows] == ["a.jpg", "b.jpg"]
    assert rows[1].region == "Lisbon"


def test_a_chain_has_the_three_levels_of_the_paper(tmp_path: Path) -> None:
    path = _write(tmp_path / "rows.jsonl", {**ROW, "chain": CHAIN})
    (row,) = read_rows(path, ReasonedPhoto)
    assert row.chain.FinalAnswer == "Portugal; Lisbon; Alfama"
    assert row.chain.RegionalGuess.Clues == ("tiles",)


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({**ROW, "lat_deg": 91}, "lat_deg"),
        ({**ROW, "lon_deg": 180}, "lon_deg"),
        ({**ROW, "lat": 3}, "lat"),
        ({**ROW, "image": ""}, "image"),
        ('{"image": "a.jpg", "lat_deg": NaN, "lon_deg": 0, "country": ""}', "lat_deg"),
        ('{"image": "a.jpg", "lat_deg": 1e999, "lon_deg": 0, "country": ""}', "lat_deg"),
        ("not json", "JSON"),
        ("[" * 100_000, "JSON"),
    ],
)
def test_a_bad_row_is_named_with_file_and_line(tmp_path: Path, row: object, field: str) -> None:
    path = _write(tmp_path / "rows.jsonl", ROW, row)
    with pytest.raises(InputError, match=r"rows\.jsonl:2: .*" + field):
        list(read_rows(path, LocatedPhoto))


def test_an_endless_line_is_refused(tmp_path: Path) -> None:
    path = _write(tmp_path / "rows.jsonl", {**ROW, "precise": "x" * 1_000_001})
    with pytest.raises(InputError, match="longer than"):
        list(read_rows(path, LocatedPhoto))
