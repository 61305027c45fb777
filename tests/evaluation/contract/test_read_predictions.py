"""Predictions from files: three formats say the same, and what breaks the contract is refused."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from geoagent_evaluation.contract.read_predictions import (
    Faults,
    prediction_batches,
    read_predictions,
)
from geoagent_evaluation.errors import ContractError

from tests.support.prediction_files import (
    BROKEN_LINES,
    GOOD,
    long_list_parquet,
    write_broken,
    write_lines,
    write_parquet,
)

FULL = {
    **GOOD, "radius_km": 30.0, "radius_50_km": 9.5, "abstained": False, "seconds": 1.5,
    "cost": 0.01, "country": "pt", "region": "PT-11", "city": "2267057", "evidence": ["b", "a"],
    "candidates": [
        {"lat_deg": 38.7, "lon_deg": -9.1, "probability": 0.5},
        {"lat_deg": 41, "lon_deg": -8.6, "probability": 0.25, "place": "PT-13"},
    ],
}  # fmt: skip
# These are refused when they meet the truth or another row, not by themselves.
ALONE = sorted(BROKEN_LINES.keys() - {"repeated id", "unknown id"})


def test_a_full_row_is_read_field_by_field(tmp_path: Path) -> None:
    table, faults = read_predictions(
        write_lines(tmp_path / "p.jsonl", [FULL, {"id": "z", "abstained": True}])
    )
    assert faults == []
    assert table.ids == ["a", "z"]
    assert table.lat_deg[0] == 38.7
    assert np.isnan(table.lat_deg[1])
    assert table.level == ["city", None]
    assert table.country == ["PT", None]
    assert table.radius_50_km[0] == 9.5
    assert table.abstained.tolist() == [False, True]
    assert table.evidence == [("a", "b"), ()]
    assert table.candidates.offsets.tolist() == [0, 2, 2]
    assert table.candidates.lat_deg.tolist() == [38.7, 41.0]
    assert table.candidates.place == [None, "PT-13"]


def test_csv_and_parquet_say_what_jsonl_says(tmp_path: Path) -> None:
    rows = [FULL, {**FULL, "id": "b", "candidates": []}]
    whole, _ = read_predictions(write_lines(tmp_path / "p.jsonl", rows))
    head = ",".join(FULL)
    cells = [
        ",".join(
            '"' + json.dumps(value).replace('"', '""') + '"' if isinstance(value, list)
            else str(value)
            for value in row.values()
        )
        for row in rows
    ]  # fmt: skip
    (tmp_path / "p.csv").write_text("\ufeff" + "\n".join([head, *cells]), encoding="utf-8")
    for path in (tmp_path / "p.csv", write_parquet(tmp_path / "p.parquet", rows)):
        table, _ = read_predictions(path)
        assert table.ids == whole.ids
        assert table.country == whole.country
        assert table.evidence == whole.evidence
        assert table.abstained.tolist() == whole.abstained.tolist()
        assert table.candidates.place == whole.candidates.place
        for name in ("lat_deg", "radius_km", "radius_50_km", "probability", "seconds", "cost"):
            assert getattr(table, name).tolist() == getattr(whole, name).tolist(), name
        assert table.candidates.probability.tolist() == whole.candidates.probability.tolist()


@pytest.mark.parametrize("name", ALONE)
def test_a_broken_row_is_refused_in_one_line(tmp_path: Path, name: str) -> None:
    line, said = BROKEN_LINES[name]
    path = write_broken(tmp_path / "p.jsonl", line)
    with pytest.raises(ContractError) as refused:
        read_predictions(path)
    assert str(refused.value).startswith(f"{path}, row 2{said}")
    assert len(str(refused.value).splitlines()) == 1
    assert len(str(refused.value)) < 300 + len(str(path))


@pytest.mark.parametrize("name", ALONE)
def test_lenient_keeps_a_broken_row_as_a_failure(tmp_path: Path, name: str) -> None:
    path = write_broken(tmp_path / "p.jsonl", BROKEN_LINES[name][0])
    table, faults = read_predictions(path, lenient=True)
    assert table.failed.tolist() == [False, True, False]
    assert np.isnan(table.lat_deg[1])
    assert [fault.row for fault in faults] == [2]


def test_an_id_that_comes_twice_fails_both_rows(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "p.jsonl", [GOOD, {**GOOD, "id": "b"}, GOOD])
    with pytest.raises(ContractError, match="row 3, id: is that of row 1 too"):
        read_predictions(path)
    table, faults = read_predictions(path, lenient=True)
    assert table.failed.tolist() == [True, False, True]
    assert len(faults) == 1


def test_batches_hold_what_the_whole_file_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("geoagent_evaluation.contract.read_predictions.BATCH_ROWS", 2)
    path = write_lines(tmp_path / "p.jsonl", [{**FULL, "id": name} for name in "abcde"])
    batches = list(prediction_batches(path, False, Faults()))
    assert [batch.table.ids for batch in batches] == [["a", "b"], ["c", "d"], ["e"]]
    assert [batch.rows for batch in batches] == [[1, 2], [3, 4], [5]]


def test_white_space_and_a_mark_of_utf_8_are_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    path.write_bytes(b"\xef\xbb\xbf\n" + json.dumps(GOOD).encode() + b"\r\n \n")
    assert read_predictions(path)[0].ids == ["a"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("p.jsonl", b"", "holds no row"),
        ("p.jsonl", '{"id": "a"}'.encode("utf-16"), "is UTF-16; save it as UTF-8"),
        ("p.csv", b"id,id\na,b\n", "row 1, 'id': is given twice"),
        ("p.csv", b"name,lat_deg\na,1\n", "the head has no column id"),
        ("p.csv", b"id,lat_deg,lon_deg\na,1\n", "row 2: has 2 cells, the head has 3"),
        ("p.csv", b"id,lat_deg,lon_deg\na,nan,1\n", "row 2, lat_deg: nan is not a finite"),
        ("p.csv", b"id,lat_deg,lon_deg\na,1_0,1\n", "row 2, lat_deg: '1_0' is text"),
        ("p.csv", b'id,lat_deg,lon_deg\n"a,1,1\n', "row 2: unexpected end of data"),
        ("p.csv", b"id,lat_deg,lon_deg\n\xff,1,1\n", "row 2: is not UTF-8"),
        ("p.parquet", b"PAR1 is how it begins", "is damaged or no Parquet file"),
        ("p.parquet", b"", "is damaged or no Parquet file"),
    ],
)
def test_a_file_of_another_kind_is_refused(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ContractError) as refused:
        read_predictions(tmp_path / name)
    assert str(refused.value).startswith(str(tmp_path / name))
    assert said in str(refused.value)


def test_a_parquet_file_cut_off_or_of_wrong_types_is_refused(tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "p.parquet", [FULL] * 3)
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(ContractError, match="is damaged or no Parquet file"):
        read_predictions(path)
    write_parquet(path, [{"id": "a", "lat_deg": "1", "lon_deg": 1.0}])
    with pytest.raises(ContractError, match="row 1, lat_deg: '1' is text, not a number"):
        read_predictions(path)
    write_parquet(path, [{"name": "a"}])
    with pytest.raises(ContractError, match="has no column id"):
        read_predictions(path)


def test_parquet_that_unpacks_to_much_more_is_refused_before_it_does(tmp_path: Path) -> None:
    path = tmp_path / "p.parquet"
    pq.write_table(long_list_parquet(), path, compression="zstd")
    with pytest.raises(ContractError, match="holds 3000000 values in 1 rows"):
        read_predictions(path)
    word = pa.DictionaryArray.from_arrays(pa.array([0] * 5000, pa.int32()), ["z" * 100_000])
    places = pa.ListArray.from_arrays(
        pa.array(range(5001), pa.int32()), pa.StructArray.from_arrays([word], ["place"])
    )
    ids = [str(number) for number in range(5000)]
    for table in (pa.table({"id": word}), pa.table({"id": ids, "candidates": places})):
        pq.write_table(table, path)
        assert path.stat().st_size < 200_000
        with pytest.raises(ContractError, match="a word of 100000 bytes"):
            read_predictions(path)
