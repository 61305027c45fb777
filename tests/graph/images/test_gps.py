"""A position with its error, its state and its time; what is not understood is said."""

from datetime import UTC, datetime
from typing import Any

import pytest

from geoagent_graph.images.gps import are_apart, positive_number, read_gps, read_gps_time

HERE: dict[str, Any] = {
    "latitude": [33.0, 26.0, 56.04],
    "latitude_ref": "S",
    "longitude": [70.0, 40.0, 9.48],
    "longitude_ref": "W",
}


def error_of(**tags: Any) -> float | None:
    claim = read_gps(HERE | tags, "EXIF", [])
    assert claim is not None
    return claim.error_m


def test_the_stated_error_counts_before_the_geometry_and_the_digits() -> None:
    assert error_of() is None
    assert error_of(error_m=[12.5], dop=[4.0]) == 12.5
    assert error_of(dop=[4.0]) == 20.0
    assert error_of(error_m="25/2") == 12.5
    assert error_of(error_m=[0.0]) is None
    assert error_of(latitude=[33.0], longitude=[71.0], error_m=[5.0]) == pytest.approx(32_100, 1e-2)


def test_an_older_datum_widens_the_position_and_is_said() -> None:
    problems: list[str] = []
    claim = read_gps(HERE | {"datum": "TOKYO"}, "EXIF", problems)
    assert claim is not None
    assert claim.error_m == 500.0
    assert problems == ["The EXIF position is of the datum TOKYO, and was read as WGS 84."]
    assert error_of(datum="WGS-84") is None


def test_a_void_fix_is_known() -> None:
    claims = [read_gps(HERE | {"status": status}, "EXIF", []) for status in ("V", "A", None)]
    assert [claim.void for claim in claims if claim] == [True, False, False]


def test_a_position_that_is_half_there_is_a_problem() -> None:
    problems: list[str] = []
    assert read_gps({"latitude": [33.0], "latitude_ref": "S"}, "XMP", problems) is None
    assert problems == ["The XMP longitude is not a number."]
    assert read_gps({}, "XMP", problems) is None
    assert len(problems) == 1


@pytest.mark.parametrize(
    ("tags", "moment"),
    [
        (
            {"date": "2024:05:06", "time": [7.0, 8.0, 9.7]},
            datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC),
        ),
        ({"time": "2024-05-06T07:08:09Z"}, datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)),
        ({"time": "2024-05-06T09:08:09+02:00"}, datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)),
        ({"time": [7.0, 8.0, 9.0]}, None),
        ({"date": "2024:13:06", "time": [7.0, 8.0, 9.0]}, None),
        ({"date": "2024:05:06", "time": [7.0, None, 9.0]}, None),
        ({"date": "2024:05:06", "time": [70.0, 8.0, 9.0]}, None),
        ({"time": "soon"}, None),
    ],
)
def test_the_time_of_the_measure(tags: dict[str, Any], moment: datetime | None) -> None:
    assert read_gps_time(tags) == moment


def test_numbers_of_tags_are_finite_and_above_zero() -> None:
    assert [positive_number(value) for value in ([3.0], "3.5", "7/2")] == [3.0, 3.5, 3.5]
    assert [positive_number(value) for value in ("7/0", "nan", [None], [], None)] == [None] * 5


def test_positions_on_both_sides_of_the_date_line_are_near() -> None:
    east = read_gps({"latitude": "16,48S", "longitude": "179,59.99E"}, "XMP", [])
    west = read_gps({"latitude": "16,48S", "longitude": "179,59.99W"}, "XMP", [])
    north = read_gps({"latitude": "16,46S", "longitude": "179,59.99W"}, "XMP", [])
    assert east is not None
    assert west is not None
    assert north is not None
    assert not are_apart(east, west)
    assert are_apart(west, north)
