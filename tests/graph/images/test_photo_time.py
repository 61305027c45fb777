"""When a photo was taken, by the first block that says so, and how old its position was."""

from datetime import UTC, datetime

import pytest

from geoagent_graph.images.photo_time import (
    PhotoTime,
    age_of_measure,
    read_photo_time,
    time_of_measure,
)

NOON = PhotoTime("2024-05-06T12:00:00", "+02:00")


@pytest.mark.parametrize(
    ("xmp", "iptc", "expected"),
    [
        ({"exif:DateTimeOriginal": "2024-05-06T12:00:00+02:00"}, {}, NOON),
        ({"photoshop:DateCreated": "2024-05-06T12:00:00.25+02:00"}, {}, NOON),
        ({"xmp:CreateDate": "2024-05-06T12:00Z"}, {}, PhotoTime(NOON.taken_at, "+00:00")),
        ({}, {"date": "20240506", "time": "120000+0200"}, NOON),
        ({}, {"date": "20240506", "time": "120000"}, PhotoTime(NOON.taken_at, None)),
        ({"photoshop:DateCreated": "2024-05"}, {}, PhotoTime(None, None)),
    ],
)
def test_a_time_of_xmp_or_iptc(
    xmp: dict[str, str], iptc: dict[str, str], expected: PhotoTime
) -> None:
    problems: list[str] = []
    assert read_photo_time({}, xmp, iptc, problems) == expected
    assert problems == []


def test_the_time_of_exif_comes_first_and_one_that_is_none_is_said() -> None:
    exif = {"taken_at": "2024:05:06 12:00:00", "utc_offset": "+02:00"}
    xmp = {"exif:DateTimeOriginal": "2020-01-01T00:00:00"}
    assert read_photo_time(exif, xmp, {}, []) == NOON
    problems: list[str] = []
    assert read_photo_time({"taken_at": "yesterday"}, {}, {}, problems) == PhotoTime(None, None)
    assert problems == ["The EXIF time is not a date."]


def test_the_receivers_time_is_taken_where_there_is_no_other() -> None:
    measured = datetime(2024, 5, 6, 10, tzinfo=UTC)
    nothing = PhotoTime(None, None)
    assert time_of_measure(nothing, measured) == PhotoTime("2024-05-06T10:00:00", "+00:00")
    assert time_of_measure(NOON, measured) is NOON
    assert time_of_measure(nothing, None) is nothing


@pytest.mark.parametrize(
    ("offset", "measured", "age"),
    [
        ("+02:00", datetime(2024, 5, 6, 9, tzinfo=UTC), 3600.0),
        ("+02:00", datetime(2024, 5, 6, 10, 0, 5, tzinfo=UTC), 5.0),
        (None, datetime(2024, 5, 6, 9, tzinfo=UTC), None),  # three hours may be a time zone
        (None, datetime(2024, 5, 5, 12, tzinfo=UTC), (24 - 14.25) * 3600),
        (None, datetime(2024, 5, 7, 12, tzinfo=UTC), (24 - 12.25) * 3600),
    ],
)
def test_the_age_of_a_position(offset: str | None, measured: datetime, age: float | None) -> None:
    assert age_of_measure(PhotoTime(NOON.taken_at, offset), measured) == age


def test_without_a_time_there_is_no_age() -> None:
    assert age_of_measure(NOON, None) is None
    assert age_of_measure(PhotoTime(None, None), datetime(2024, 5, 6, tzinfo=UTC)) is None
