"""Rows of a manifest: what is taken, what is refused and how that is said."""

import json
from pathlib import Path
from typing import Any

import pytest

from geoagent_graph.errors import InputError
from geoagent_graph.retrieval.manifest_rows import (
    MAX_LINE_BYTES,
    ManifestRow,
    RowProblem,
    read_manifest_rows,
)

GOOD = {"file": "a.jpg", "lat": 38.7, "lon": -9.1}


def rows_of(tmp_path: Path, *lines: str | bytes) -> list[ManifestRow | RowProblem]:
    path = tmp_path / "manifest.jsonl"
    path.write_bytes(b"\n".join(x if isinstance(x, bytes) else x.encode() for x in lines))
    return list(read_manifest_rows(path))


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
    row = row_of(tmp_path, id=None, country=None, license=None, cluster_id=None)
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
        ({"lat": "38.7"}, "lat"),
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
        ({"id": ""}, "id"),
        ({"id": "x" * 201}, "id"),
        ({"id": "a\nb"}, "control characters"),
        ({"id": True}, "id"),
        ({"country": "Portugal"}, "country"),
        ({"country": 351}, "country"),
        ({"attribution": "x" * 4001}, "attribution"),
        ({"license": {"a": 1}}, "license"),
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
