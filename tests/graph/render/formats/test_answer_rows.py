"""Tables of answers: one row per photo that was asked for, safe in spreadsheets and on maps."""

import csv
import io
import json

import pyarrow.parquet as pq
import pytest
import shapely.wkb

from geoagent_graph.render.formats.answer_rows import csv_text, geoparquet_bytes, row_of
from geoagent_graph.render.formats.format import Failure
from geoagent_graph.types import Answer
from tests.support.answers import porto_answer, unknown_answer

GONE = Failure("trip/b.jpg", "b.jpg: not a photo")


def named(name: str) -> Answer:
    return porto_answer(image=porto_answer().image.model_copy(update={"name": name}))


def read_csv(*results: Answer | Failure) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(csv_text(results))))


def test_a_row_per_photo_in_order_with_the_path_as_it_was_given() -> None:
    answer = named("trip/a, b.jpg")
    first, second = read_csv(answer, GONE)
    assert (first["photo"], first["city"], first["error"]) == ("trip/a, b.jpg", "Porto", "")
    assert float(first["lat_deg"]) == answer.lat_deg
    assert (second["photo"], second["error"]) == ("trip/b.jpg", "b.jpg: not a photo")
    assert second["lat_deg"] == ""


@pytest.mark.parametrize("name", ["=1+1.jpg", "+a", "-a", "@SUM(A1)", "\tx"])
def test_no_spreadsheet_computes_a_name(name: str) -> None:
    (row,) = read_csv(named(name))
    assert row["photo"] == f"'{name}"


def test_numbers_below_zero_stay_numbers() -> None:
    (row,) = read_csv(porto_answer())
    assert float(row["lon_deg"]) < 0


def test_a_table_without_rows_has_its_header() -> None:
    assert csv_text([]).startswith("photo,sha256,level,")
    assert pq.read_table(io.BytesIO(geoparquet_bytes([]))).num_rows == 0


def test_parquet_is_geoparquet() -> None:
    answer = porto_answer()
    table = pq.read_table(io.BytesIO(geoparquet_bytes([answer, GONE, unknown_answer()])))
    geo = json.loads(table.schema.metadata[b"geo"])
    assert (geo["version"], geo["primary_column"]) == ("1.1.0", "geometry")
    assert geo["columns"]["geometry"]["encoding"] == "WKB"
    first, second, third = table.to_pylist()
    point = shapely.wkb.loads(first["geometry"])
    assert point.coords[0] == (answer.lon_deg, answer.lat_deg)
    assert second["geometry"] is None
    assert third["level"] == "none"
    assert {name: first[name] for name in row_of(answer)} == row_of(answer)
