"""Rows of a manifest: what is taken, what is refused and how that is said."""

import json
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from geoagent_graph.errors import InputError
from geoagent_graph.retrieval.manifest_rows import (
    ManifestRow,
    RowProblem,
    read_manifest_rows,
)
from geoagent_graph.retrieval.table_lines import MAX_LINE_BYTES, MAX_ROW_LINES

NAMED: defaultdict[str, list[str]] = defaultdict(
    list,
    {
        "gbr": ["GB"],
        "Deutschland": ["DE"],
        "Frankreich": ["FR"],
        "日本": ["JP"],
        "Congo": ["CD", "CG"],
    },
)
GOOD = {"file": "a.jpg", "lat": 38.7, "lon": -9.1}


def rows_of(tmp_path: Path, *lines: str | bytes) -> list[ManifestRow | RowProblem]:
    path = tmp_path / "manifest.jsonl"
    path.write_bytes(b"\n".join(x if isinstance(x, bytes) else x.encode() for x in lines))
    return list(read_manifest_rows(path, NAMED.__getitem__))


def row_of(tmp_path: Path, **changes: Any) -> ManifestRow:
    (row,) = rows_of(tmp_path, json.dumps({**GOOD, **changes}))
    assert isinstance(row, ManifestRow)
    return row


def problem_of(tmp_path: Path, **changes: Any) -> RowProblem:
    (problem,) = rows_of(tmp_path, json.dumps({**GOOD, **changes}))
    assert isinstance(problem, RowProblem)
    return problem


def test_the_least_a_row_needs(tmp_path: Path) -> None:
    row = row_of(tmp_path)
    assert row == ManifestRow(1, tmp_path / "a.jpg", None, 38.7, -9.1, "", "", "", "", "")


def test_everything_a_row_can_say(tmp_path: Path) -> None:
    (row,) = rows_of(
        tmp_path,
        json.dumps(
            {
                "file": "images/b c ü.jpg",
                "lat_deg": -33,
                "lon_deg": 151,
                "id": 17,
                "country": " au ",
                "license": "CC0",
                "attribution": "Ana \u00c1",
                "source_url": "https://example.org",
                "cluster_id": "c1",
                "anything": {"else": [1, 2]},
            }
        ),
    )
    assert isinstance(row, ManifestRow)
    assert row.path == tmp_path / "images" / "b c ü.jpg"
    assert (row.lat_deg, row.lon_deg, row.id, row.country_code) == (-33.0, 151.0, "17", "AU")
    assert (row.license, row.attribution, row.cluster_id) == ("CC0", "Ana Á", "c1")


def test_nulls_are_missing_values(tmp_path: Path) -> None:
    row = row_of(tmp_path, id=None, country=None, license=None, cluster_id="")
    assert (row.id, row.country_code, row.license, row.cluster_id) == (None, "", "", "")


def test_the_date_line_is_written_one_way(tmp_path: Path) -> None:
    assert row_of(tmp_path, lon=180.0).lon_deg == -180.0
    assert row_of(tmp_path, lon=-180.0).lon_deg == -180.0


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"lat": 90.01}, "lat"),
        ({"lat": -91}, "lat"),
        ({"lon": 180.5}, "lon"),
        ({"lat": "about 38"}, "lat"),
        ({"lat": "nan"}, "lat"),
        ({"lat": "1e999"}, "lat"),
        ({"lat": "38.7 E"}, "lat"),
        ({"lat": "95° N"}, "lat"),
        ({"lat": True}, "lat"),
        ({"lat": None}, "lat"),
        ({"lon": [1]}, "lon"),
        ({"file": ""}, "file"),
        ({"file": 5}, "file"),
        ({"file": "a\x00b.jpg"}, "control characters"),
        ({"file": "a\x1b[31m.jpg"}, "control characters"),
        ({"file": "/etc/passwd"}, "leaves the manifest's folder"),
        ({"file": "../a.jpg"}, "leaves the manifest's folder"),
        ({"file": "images/../../a.jpg"}, "leaves the manifest's folder"),
    ],
)
def test_a_bad_value_is_a_problem_with_its_line(
    tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    problem = rows_of(tmp_path, json.dumps(GOOD), "", json.dumps({**GOOD, **changes}))[1]
    assert isinstance(problem, RowProblem)
    assert problem.line == 3
    assert said in problem.problem
    assert "\n" not in problem.problem


@pytest.mark.parametrize(
    "line",
    [
        "not json",
        '{"file": "a.jpg", "lat": 1',
        "[1, 2]",
        "null",
        '{"file": "a.jpg", "lat": NaN, "lon": 1}',
        '{"file": "a.jpg", "lat": 1e999, "lon": 1}',
        '{"file": "a.jpg"}',
        '{"file": "\\ud800.jpg", "lat": 1, "lon": 1}',
        b'{"file": "\xff.jpg", "lat": 1, "lon": 1}',
        b"\x00\x01\x02",
        "[" * 100_000,
        '{"a":' * 50_000,
    ],
)
def test_a_line_that_is_no_row_does_not_stop_the_next(tmp_path: Path, line: str | bytes) -> None:
    problem, row = rows_of(tmp_path, line, json.dumps(GOOD))
    assert isinstance(problem, RowProblem)
    assert problem.line == 1
    assert isinstance(row, ManifestRow)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"id": "x" * 201}, "id: 'xxx"),
        ({"id": "a\nb"}, "id: 'a\\\\nb' is no id"),
        ({"id": True}, "id: True is no id"),
        ({"country": "Atlantis"}, "country: 'Atlantis' is no country that is known"),
        ({"country": "Congo"}, "country: 'Congo' may be CD, CG; taken from the position"),
        ({"country": 351}, "country: 351 is no country"),
        ({"attribution": "x" * 4001}, "attribution: is longer than 4,000 characters; cut"),
        ({"license": {"a": 1}}, "license: is an object, not a text; left out"),
        ({"source_url": [1]}, "source_url: is a list, not a text"),
        ({"latitude": "?"}, "latitude: '?' is not a number"),
    ],
)
def test_a_bad_field_costs_the_row_nothing_but_itself(
    tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    if "latitude" in changes:
        changes = {**changes, "lat_deg": "no"}
        said = "lat_deg: 'no' is not a number"
    row = row_of(tmp_path, **changes)
    assert (row.lat_deg, row.lon_deg, row.country_code, row.id) == (38.7, -9.1, "", None)
    assert (row.license, len(row.attribution)) == ("", 4000 if "attribution" in changes else 0)
    assert re.match(said, row.notes[0])
    assert "\n" not in row.notes[0]


@pytest.mark.parametrize(
    ("lat", "lon"),
    [
        ("48.85", "-2.5"),
        ("48,85", "-2,5"),
        (" +48,85° ", "\u22122.5°"),
        ("48.85 N", "2.5W"),
        ("48°51'00\"N", "2° 30' W"),
        ("4.885e1", "-.25E1"),
        (48.85, "2.5° west"),
    ],
)
@pytest.mark.parametrize(
    ("lat_key", "lon_key"),
    [
        ("latitude", "longitude"),
        ("LAT", "LNG"),
        ("GPS Latitude", "GPS Longitude"),
        ("Lat_Deg", "long"),
    ],
)
def test_positions_are_read_as_programs_write_them(
    tmp_path: Path, lat: Any, lon: Any, lat_key: str, lon_key: str
) -> None:
    (row,) = rows_of(tmp_path, json.dumps({"File": "a.jpg", lat_key: lat, lon_key: lon}))
    assert isinstance(row, ManifestRow)
    assert (row.lat_deg, row.lon_deg) == pytest.approx((48.85, -2.5))
    assert row.notes == ()


def test_a_position_may_be_an_object(tmp_path: Path) -> None:
    (row,) = rows_of(
        tmp_path, '{"filename": "a.jpg", "id": 7.0, "location": {"lat": 1, "lng": "2"}}'
    )
    assert isinstance(row, ManifestRow)
    assert (row.lat_deg, row.lon_deg, row.id) == (1.0, 2.0, "7")


@pytest.mark.parametrize(
    ("country", "code"),
    [
        ("gbr", "GB"),
        ("Deutschland", "DE"),
        ("日本", "JP"),
        ("UK", "GB"),
        ("pt", "PT"),
        ("XX", "XX"),
    ],
)
def test_countries_are_read_as_codes_and_as_names(tmp_path: Path, country: str, code: str) -> None:
    row = row_of(tmp_path, country=country)
    assert (row.country_code, row.notes) == (code, ())


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf", b"\n\r\n"])
def test_a_table_is_read_by_its_head(tmp_path: Path, delimiter: str, start: bytes) -> None:
    head, *cells = (
        ["FILE", "Latitude", " LNG ", "Country", "ID"],
        ["b c.jpg", '"48,85"', "2.35", "Frankreich", "5"],
        ["d.jpg", "-33.4", "70.6 W"],
        ["", "1", "1", "", ""],
        ['"open', "1", "1", "", ""],
        ["e\u00e9.jpg", "1", "2", "Atlantis", ""],
    )
    text = [delimiter.join(row).encode() for row in (head, *cells)]
    text[-1] = text[-1].decode().encode("cp1252")
    first, second, no_file, broken, old = rows_of(tmp_path, start + text[0], *text[1:])
    assert isinstance(first, ManifestRow)
    assert (first.path.name, first.lat_deg, first.lon_deg) == ("b c.jpg", 48.85, 2.35)
    assert (first.country_code, first.id) == ("FR", "5")
    assert isinstance(second, ManifestRow)
    assert (second.lat_deg, second.lon_deg, second.id) == (-33.4, -70.6, None)
    assert isinstance(no_file, RowProblem)
    assert no_file.problem.startswith("file: is missing; name it as one of file, filename")
    assert isinstance(broken, RowProblem)
    assert "no row of a table: " in broken.problem
    assert broken.line == 5 + start.count(b"\n")
    assert isinstance(old, ManifestRow)
    assert old.path.name == "eé.jpg"
    assert [note.split(":")[0] for note in old.notes][::-1] == [
        "Country",
        "the line is not UTF-8; read as cp1252",
    ]


def test_a_table_of_wide_characters_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is UTF-16; save it as UTF-8"):
        rows_of(tmp_path, "file,lat,lon".encode("utf-16"))


def test_the_file_of_a_bad_row_is_named(tmp_path: Path) -> None:
    problem = problem_of(tmp_path, lat=100)
    assert problem.problem.startswith("lat")
    assert problem_of(tmp_path, file="../x.jpg").file == "../x.jpg"


def test_an_endless_line_is_passed_over(tmp_path: Path) -> None:
    problem, row = rows_of(tmp_path, "x" * (3 * MAX_LINE_BYTES), json.dumps(GOOD))
    assert isinstance(problem, RowProblem)
    assert "longer than" in problem.problem
    assert isinstance(row, ManifestRow)
    assert row.line == 2


def test_byte_order_mark_and_windows_line_ends(tmp_path: Path) -> None:
    line = json.dumps(GOOD).encode()
    rows = rows_of(tmp_path, b"\xef\xbb\xbf" + line + b"\r", line + b"\r")
    assert [type(row) for row in rows] == [ManifestRow, ManifestRow]


def test_an_empty_manifest_has_no_rows(tmp_path: Path) -> None:
    assert rows_of(tmp_path, "") == []


def test_a_missing_manifest_and_a_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "nothing.jsonl", tmp_path):
        with pytest.raises(InputError, match=str(path)):
            list(read_manifest_rows(path))


def _table(tmp_path: Path, text: str) -> list[ManifestRow | RowProblem]:
    (tmp_path / "list.csv").write_text(text)
    return list(read_manifest_rows(tmp_path / "list.csv", NAMED.__getitem__))


def test_a_quoted_cell_may_hold_line_ends(tmp_path: Path) -> None:
    text = 'file,lat,lon,author\na.jpg,1,2,"Ada\n\nB, ""C"""\r\nb.jpg,3,4,D\n'
    first, second = _table(tmp_path, text)
    assert isinstance(first, ManifestRow)
    assert (first.line, first.lat_deg, first.attribution) == (2, 1.0, 'Ada\n\nB, "C"')
    assert isinstance(second, ManifestRow)
    assert (second.line, second.attribution) == (5, "D")


def test_a_stray_quote_costs_its_own_row_alone(tmp_path: Path) -> None:
    rows = "".join(f"{number}.jpg,1,2,\n" for number in range(2 * MAX_ROW_LINES))
    broken, *others = _table(tmp_path, f'file,lat,lon,author\nx.jpg,1,2,"Ada\n{rows}')
    assert isinstance(broken, RowProblem)
    assert [row.path.name for row in others if isinstance(row, ManifestRow)] == [
        f"{number}.jpg" for number in range(2 * MAX_ROW_LINES)
    ]


@pytest.mark.parametrize(
    "text", ["a.jpg,1,2\n", "file|lat|lon\na.jpg|1|2\n", "[]\n", "\x7fELF\n\n"]
)
def test_what_is_no_manifest_is_refused_at_its_first_line(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError, match="nor names a column of files"):
        _table(tmp_path, text)


def test_two_columns_of_one_name_are_refused_where_rows_need_them(tmp_path: Path) -> None:
    [row] = _table(tmp_path, "file,lat,lon,note,note\na.jpg,1,2,x,y\n")
    assert isinstance(row, ManifestRow)
    with pytest.raises(InputError, match="two columns lat"):
        _table(tmp_path, "file,lat,lon,lat\na.jpg,1,2,3\n")


def test_nan_stands_for_what_is_missing(tmp_path: Path) -> None:
    nan = float("nan")
    row = row_of(tmp_path, license=nan, id=nan, country=nan, altitude=nan, longitude=nan)
    assert row == ManifestRow(1, tmp_path / "a.jpg", None, 38.7, -9.1, "", "", "", "", "")
    assert problem_of(tmp_path, lat=nan).problem.startswith("lat_deg: is missing")
    assert problem_of(tmp_path, lat=float("inf")).problem == "lat: inf is out of range"
