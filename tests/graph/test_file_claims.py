"""Claims of a photo and of the XMP file beside it become one."""

from dataclasses import replace

import pytest

from geoagent_graph.file_claims import FileClaims, NamedLocation

NOTHING = FileClaims(None, None, None, None, None, None)
BESIDE = FileClaims(
    10.0, 20.0, "2024-05-06T07:08:09", "+01:00", "Maker", "Editor", ("odd",), 12.0, True, 5.0,
    NamedLocation(city="Lima"),
)  # fmt: skip


def test_what_the_photo_does_not_say_is_taken_from_beside() -> None:
    assert NOTHING.completed_by(BESIDE) == BESIDE
    assert BESIDE.completed_by(NOTHING) == BESIDE


@pytest.mark.parametrize(
    ("lat_deg", "lon_deg", "differ"), [(10.0, 20.0, False), (10.02, 20.0, True), (10.0, 21.0, True)]
)
def test_the_photos_own_position_counts_and_another_beside_it_is_said(
    lat_deg: float, lon_deg: float, differ: bool
) -> None:
    own = replace(NOTHING, lat_deg=lat_deg, lon_deg=lon_deg)
    both = own.completed_by(BESIDE)
    assert (both.lat_deg, both.lon_deg, both.error_m, both.void) == (lat_deg, lon_deg, None, False)
    assert any("differ" in problem for problem in both.problems) is differ


def test_the_date_line_is_no_distance() -> None:
    west = replace(NOTHING, lat_deg=0.5, lon_deg=-179.999)
    assert west.completed_by(replace(west, lon_deg=179.999)).problems == ()


def test_a_location_without_a_name_is_none() -> None:
    assert not NamedLocation()
    assert NamedLocation(sublocation="the pier")
