"""Published data sets become rows; every bad one is reported."""

import csv
import io
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from geoagent_training.data.rows import ReasonedPhoto
from geoagent_training.data.sources import SourceRow, read_source
from geoagent_training.data.tables import conversation_table, photo_table, stream_photos
from geoagent_training.data.validation import check_source
from geoagent_training.errors import DataError
from PIL import Image

LEVEL = {"Clues": ["tiles"], "Reasoning": "r", "Conclusion": "c", "Uncertainty": "low"}
CHAIN = {
    "CountryIdentification": LEVEL,
    "RegionalGuess": LEVEL,
    "PreciseLocalization": LEVEL,
    "FinalAnswer": "Portugal; Lisbon; Alfama",
}


def _png(color: str = "teal") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (60, 40), color).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def photo(tmp_path: Path) -> str:
    (tmp_path / "a.png").write_bytes(_png())
    return "a.png"


def _jsonl(path: Path, *rows: object) -> Path:
    path.write_text("\n".join(r if isinstance(r, str) else json.dumps(r) for r in rows))
    return path


def test_geoseek_cot_rows_carry_their_chain(tmp_path: Path, photo: str) -> None:
    row = {"image": photo, "lat": 38.7, "lon": -9.1, "country": "Portugal", "region": "Lisbon"}
    wrapped: dict[str, object] = {"ChainOfThought": {k: LEVEL for k in CHAIN if k != "FinalAnswer"}}
    wrapped["FinalAnswer"] = CHAIN["FinalAnswer"]
    path = _jsonl(
        tmp_path / "cot.jsonl",
        {**row, "precise": "Alfama", "chain": CHAIN},
        {**row, "precise": "Alfama", "chain": json.dumps(wrapped)},
    )
    for found in read_source(path, "geoseek-cot"):
        assert isinstance(found, SourceRow)
        assert isinstance(found.photo, ReasonedPhoto)
        assert found.photo.chain.FinalAnswer == "Portugal; Lisbon; Alfama"
    table = conversation_table(path, "geoseek-cot", "json")
    reply = json.loads(table[0]["conversation"])[-1]["content"]
    assert json.loads(reply)["FinalAnswer"] == "Portugal; Lisbon; Alfama"
    tagged = json.loads(conversation_table(path, "geoseek-cot", "think_answer")[0]["conversation"])
    assert tagged[-1]["content"].endswith("<answer>Portugal; Lisbon; Alfama</answer>")


def test_geoseek_loc_parquet_with_photos_inside(tmp_path: Path) -> None:
    table = pa.table(
        {
            "image": [{"bytes": _png(), "path": "x.png"}, {"bytes": _png(), "path": None}],
            "solution": ["Portugal; Lisbon; Alfama", "Japan；Tokyo"],
            "lat": [38.7, 35.7],
            "lng": [-9.1, 139.7],
            "locatability": [0.5, 0.6],
            "classes": [["road"], ["sky"]],
        }
    )
    pq.write_table(table, tmp_path / "part-0.parquet")
    rows = photo_table(tmp_path, "geoseek-loc")
    assert rows["country"][:] == ["Portugal", "Japan"]
    assert rows["precise"][:] == ["Alfama", ""]
    assert rows[0]["image"].size == (60, 40)
    streamed = list(stream_photos(tmp_path, "geoseek-loc"))
    assert [row["region"] for row in streamed] == ["Lisbon", "Tokyo"]
    assert rows[1]["row_id"].endswith("part-0.parquet:2")


def test_im2gps3k_and_osv5m_csv(tmp_path: Path, photo: str) -> None:
    with (tmp_path / "im.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerows([["IMG_ID", "AUTHOR", "LAT", "LON"], [photo, "x", "32.3", "-64.7"]])
    (row,) = read_source(tmp_path / "im.csv", "im2gps3k")
    assert isinstance(row, SourceRow)
    assert (row.photo.lat_deg, row.photo.lon_deg) == (32.3, -64.7)
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "77.jpg").write_bytes(_png())
    with (tmp_path / "osv.csv").open("w", newline="") as file:
        names = ["id", "latitude", "longitude", "country", "region", "city"]
        csv.writer(file).writerows([names, ["77", "48.8", "2.3", "FR", "Île-de-France", "Paris"]])
    (row,) = read_source(tmp_path / "osv.csv", "osv5m")
    assert isinstance(row, SourceRow)
    assert row.photo.precise == "Paris"


def test_every_bad_row_is_reported_and_the_others_are_kept(tmp_path: Path, photo: str) -> None:
    good = {"image": photo, "lat_deg": 38.7, "lon_deg": -9.1, "country": "Portugal"}
    (tmp_path / "broken.png").write_bytes(_png()[:40])
    path = _jsonl(
        tmp_path / "rows.jsonl",
        good,
        {**good, "image": "gone.png"},
        {**good, "lat_deg": 139.7, "lon_deg": 35.7},
        {**good, "lat_deg": -9.1, "lon_deg": 38.7},
        {**good, "lat_deg": 91, "lon_deg": 170},
        {**good, "lat_deg": None},
        {**good, "image": None},
        {**good, "chain": {"CountryIdentification": 3}},
        {**good, "chain": "{"},
        "not json",
        "[1, 2]",
        {**good, "image": "broken.png"},
        good,
    )
    faults: list[str] = []
    summary = check_source(path, "geoagent", report=faults.append)
    assert (summary.good, summary.bad) == (2, 11)
    expected = ["missing", "swapped", "swapped", "lat_deg", "no number", "no image", "chain"]
    expected += ["chain", "not a line of JSON", "not a JSON object", "does not decode"]
    for number, (fault, part) in enumerate(zip(faults, expected, strict=True), start=2):
        assert fault.startswith(f"{path}:{number}: ")
        assert part in fault
    # for training, what decodes is kept even where the country disagrees
    assert len(photo_table(path, "geoagent")) == 3


def test_a_photo_that_does_not_decode_is_left_out_and_counted(
    tmp_path: Path, photo: str, caplog: pytest.LogCaptureFixture
) -> None:
    rows = [{"image": photo, "lat_deg": 1, "lon_deg": i % 90, "country": ""} for i in range(40)]
    (tmp_path / "b.png").write_bytes(b"\x89PNG\r\n\x1a\n and then nothing")
    rows[16]["image"] = "b.png"
    table = photo_table(_jsonl(tmp_path / "rows.jsonl", *rows), "geoagent")
    assert len(table) == 39
    assert "1 rows left out, 39 kept" in caplog.text
    assert "rows.jsonl:17: the image" in caplog.text


@pytest.mark.parametrize(
    ("content", "name", "part"),
    [
        (None, "gone.jsonl", "no such data set"),
        ("", "empty.jsonl", "no usable row"),
        ("x", "rows.txt", "only .jsonl"),
        ('{"picture": "a.png", "lat_deg": 1, "lon_deg": 2}', "rows.jsonl", "column 'image'"),
        ("PAR1", "rows.parquet", "cannot be read"),
        ('{"image": "gone.png", "lat_deg": 1, "lon_deg": 2}', "rows.jsonl", "first problem"),
    ],
)
def test_a_data_set_that_cannot_be_used_is_named(
    tmp_path: Path, content: str | None, name: str, part: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_text(content)
    with pytest.raises(DataError, match=part) as caught:
        photo_table(path, "geoagent")
    assert name in str(caught.value)


def test_rows_without_chains_cannot_be_learned(tmp_path: Path, photo: str) -> None:
    path = _jsonl(tmp_path / "rows.jsonl", {"image": photo, "lat_deg": 1, "lon_deg": 2})
    with pytest.raises(DataError, match="no row has a chain"):
        conversation_table(path, "geoagent", "json")
