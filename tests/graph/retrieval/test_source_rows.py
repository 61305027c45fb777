"""Rows of what people have: folders, tables, exports; every photo is a row or a problem."""

import json
import os
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from geoagent_graph.errors import InputError, PhotoError
from geoagent_graph.file_claims import FileClaims
from geoagent_graph.retrieval.build_from_vectors import build_from_vectors
from geoagent_graph.retrieval.manifest_rows import ManifestRow, RowProblem
from geoagent_graph.retrieval.source_rows import read_source_rows
from geoagent_graph.retrieval.vector_rows import VectorTable

MAPILLARY = {
    "data": [
        {
            "id": "497",
            "geometry": {"type": "Point", "coordinates": [13.1, 52.1]},
            "computed_geometry": {"type": "Point", "coordinates": [13.4, 52.5]},
            "creator": {"username": "rider", "id": "1"},
        },
        {"id": "498", "geometry": {"type": "Point", "coordinates": [13.2, 52.2]}},
        {"id": "499", "geometry": None},
    ]
}
PANORAMAX = {
    "type": "FeatureCollection",
    "features": [
        {
            "id": "3f2a-11",
            "geometry": {"type": "Point", "coordinates": [2.35, 48.85]},
            "properties": {
                "license": "CC-BY-SA-4.0",
                "geovisio:producer": "OSM FR",
                "original_file:name": "front.JPG",
            },
            "links": [{"rel": "self", "href": "https://example.org/items/3f2a-11"}],
        }
    ],
}
MAPILLARY_TOOLS = [{"filename": "a.jpg", "MAPLatitude": 1.5, "MAPLongitude": 2.5}]


def _claims(lat_deg: float | None, *, void: bool = False) -> FileClaims:
    return FileClaims(lat_deg, None if lat_deg is None else 9.0, None, None, None, None, void=void)


def _claims_of(path: Path) -> FileClaims:
    known = {"exif.jpg": _claims(38.7), "void.jpg": _claims(1.0, void=True)}
    if path.name == "bad.jpg":
        raise PhotoError(f"{path}: the file is empty.")
    return known.get(path.name, _claims(None))


def _fill(folder: Path, *names: str, **tables: Any) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    for name, content in tables.items():
        (folder / name.replace("_", ".")).write_text(json.dumps(content))
    return folder


def _read(source: Path) -> tuple[dict[str, ManifestRow], dict[str, str]]:
    found = list(read_source_rows(source, _claims_of))
    rows = {row.path.name: row for row in found if isinstance(row, ManifestRow)}
    problems = {Path(row.file).name: row.problem for row in found if isinstance(row, RowProblem)}
    assert len({row.line for row in found}) == len(found)
    assert len(rows) + len(problems) == len(found)
    return rows, problems


def test_a_folder_without_a_table_is_read_by_its_files(tmp_path: Path) -> None:
    _fill(tmp_path, "exif.jpg", "sub/plain.jpg", "void.jpg", "bad.jpg", "notes.txt")
    rows, problems = _read(tmp_path)
    assert {name: (row.lat_deg, row.lon_deg) for name, row in rows.items()} == {
        "exif.jpg": (38.7, 9.0)
    }
    assert problems == {
        "plain.jpg": "has no position, in its file or in a table; left out",
        "void.jpg": "its file repeats an earlier position: the receiver had no fix; left out",
        "bad.jpg": "the file is empty.",
    }


@pytest.mark.parametrize("alone", [True, False])
def test_an_export_of_mapillary(tmp_path: Path, alone: bool) -> None:
    _fill(tmp_path, "497.jpg", "498.jpg", "exif.jpg", images_json=MAPILLARY)
    rows, problems = _read(tmp_path / "images.json" if alone else tmp_path)
    assert set(rows) == {"497.jpg", "498.jpg"} | (set() if alone else {"exif.jpg"})
    assert (rows["497.jpg"].lat_deg, rows["497.jpg"].lon_deg) == (52.5, 13.4)  # the corrected one
    assert (rows["497.jpg"].id, rows["497.jpg"].attribution) == ("497", "rider")
    assert problems == {"images.json": "499: there is no such photo beside it"}


def test_an_export_of_panoramax_keeps_licence_and_producer(tmp_path: Path) -> None:
    _fill(tmp_path, "pictures/front.JPG", export_geojson=PANORAMAX)
    rows, problems = _read(tmp_path)
    row = rows["front.JPG"]
    assert (row.lat_deg, row.lon_deg, row.id) == (48.85, 2.35, "3f2a-11")
    assert (row.license, row.attribution) == ("CC-BY-SA-4.0", "OSM FR")
    assert row.source_url == "https://example.org/items/3f2a-11"
    assert problems == {}


def test_the_description_that_mapillary_tools_write(tmp_path: Path) -> None:
    _fill(tmp_path, "a.jpg", mapillary_json=MAPILLARY_TOOLS)
    rows, _ = _read(tmp_path)
    assert (rows["a.jpg"].lat_deg, rows["a.jpg"].lon_deg) == (1.5, 2.5)


def test_tables_in_a_folder_say_positions_and_files_say_the_rest(tmp_path: Path) -> None:
    _fill(tmp_path, "a.jpg", "exif.jpg", "b.jpg", other_json={"settings": 1})
    (tmp_path / "list.csv").write_text(
        "file,lat,lon,licence\na.jpg,1,2,CC0\na.jpg,1,2,CC0\nexif.jpg,,,CC BY 4.0\nb.jpg,91,0,\n"
    )
    (tmp_path / "weather.csv").write_text("day,rain\n1,2\n")
    rows, problems = _read(tmp_path)
    assert {name: (row.lat_deg, row.license) for name, row in rows.items()} == {
        "a.jpg": (1.0, "CC0"),
        "exif.jpg": (38.7, "CC BY 4.0"),
    }
    assert problems["a.jpg"] == "is listed again; number 1 was taken"
    assert "out of range" in problems["b.jpg"]
    assert "nor names a column of files" in problems["weather.csv"]
    assert "is no list of photos" in problems["other.json"]


def test_a_parquet_table_is_a_manifest(tmp_path: Path) -> None:
    place = [{"lat": 1.0, "lon": 2.0}, {"lat": None, "lon": 2.0}]
    table = {"path": ["a.jpg", "b.jpg"], "location": place, "license": ["CC0", None]}
    pq.write_table(pa.table({**table, "other": [b"x", b"y"]}), tmp_path / "list.parquet")
    rows, problems = _read(tmp_path / "list.parquet")
    assert (rows["a.jpg"].lat_deg, rows["a.jpg"].license) == (1.0, "CC0")
    assert set(problems) == {"b.jpg"}


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.geojson", "{}", "is no list of photos"),
        ("a.json", "{", "is no JSON"),
        ("a.json", '[{"x": 1}]', "lists no photos"),
        ("a.parquet", "PAR1", "cannot be read as Parquet"),
    ],
)
def test_what_cannot_be_read_is_said(tmp_path: Path, name: str, content: str, words: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(InputError, match=words):
        list(read_source_rows(tmp_path / name))
    with pytest.raises(InputError, match="no photos in it"):
        list(read_source_rows(tmp_path))


def test_links_and_pipes_are_listed_not_passed_over(tmp_path: Path) -> None:
    _fill(tmp_path / "photos", "exif.jpg")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "photos" / "more").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "photos" / "lost.jpg").symlink_to("nowhere.jpg")
    (tmp_path / "photos" / "lost.txt").symlink_to("nowhere.txt")
    os.mkfifo(tmp_path / "photos" / "pipe.jpg")
    rows, problems = _read(tmp_path / "photos")
    assert list(rows) == ["exif.jpg"]
    assert problems == {
        "more": "is a link to a folder, which is not followed",
        "lost.jpg": "is a link to nothing, or a pipe",
        "pipe.jpg": "is a link to nothing, or a pipe",
    }


def test_an_index_in_the_folder_is_no_table_of_its_photos(tmp_path: Path) -> None:
    _fill(tmp_path, "exif.jpg")
    unit = pa.FixedSizeListArray.from_arrays(pa.array([1.0, 0.0]), 2)
    columns = {"id": ["a"], "lat": [1.0], "lon": [2.0], "country": ["PT"], "vector": unit}
    pq.write_table(pa.table(columns), tmp_path / "refs.parquet")
    table = VectorTable(tmp_path / "refs.parquet", "vector", lambda lat_deg, lon_deg: "")
    build_from_vectors(table, "any", tmp_path / "index")
    (tmp_path / "refs.parquet").unlink()
    rows, problems = _read(tmp_path)
    assert list(rows) == ["exif.jpg"]
    assert problems == {}
    (tmp_path / "index" / "manifest.json").write_text("{}")
    _, problems = _read(tmp_path)
    assert set(problems) == {"manifest.json", "references.parquet"}


def test_an_export_may_begin_with_a_mark_and_lack_a_number(tmp_path: Path) -> None:
    _fill(tmp_path, "1.jpg", "2.jpg")
    points = ([2.35, 48.85], [2.35, float("nan")])
    images = [
        {"id": str(number), "geometry": {"type": "Point", "coordinates": point}}
        for number, point in enumerate(points, start=1)
    ]
    (tmp_path / "images.json").write_text("\ufeff" + json.dumps({"data": images}))
    rows, problems = _read(tmp_path / "images.json")
    assert list(rows) == ["1.jpg"]
    assert "no position" in problems["2.jpg"]


def test_a_parquet_table_without_files_is_one_line(tmp_path: Path) -> None:
    pq.write_table(pa.table({"lat": [1.0] * 9, "lon": [2.0] * 9}), tmp_path / "list.parquet")
    with pytest.raises(InputError, match="has no column of files"):
        _read(tmp_path / "list.parquet")
