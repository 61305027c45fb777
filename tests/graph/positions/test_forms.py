"""Positions as people write them, and in the forms that other programs take."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoagent_graph.errors import InputError
from geoagent_graph.positions.forms import parse_position, position_forms
from geoagent_graph.positions.mgrs import mgrs_reference, point_of_mgrs
from geoagent_graph.positions.plus_codes import plus_code, point_of_plus_code

BRAGA = (41.551389, -8.423056)


@pytest.mark.parametrize(
    "text",
    [
        "41.551389, -8.423056", "41.551389 -8.423056", "41.551389;-8.423056",
        "41,551389 -8,423056", "41,551389; -8,423056", "41,551389, -8,423056",
        "41.551389 N 8.423056 W", "N 41.551389, W 8.423056", "8.423056W 41.551389N",
        "41°33'05\"N 8°25'23\"W", "41° 33′ 05″ N, 8° 25′ 23″ W", "N41°33'05\" W8°25'23\"",
        "41°33.0833'N 8°25.3833'W", "8.423056 W, 41.551389 N",
        "geo:41.551389,-8.423056", "GEO:41.551389,-8.423056;u=35", "8CHHHH2G+HQR",
        "29TNG4811500130", "29T NG 48115 00130",
    ],
)  # fmt: skip
def test_positions_are_read_in_many_forms(text: str) -> None:
    assert parse_position(text) == pytest.approx(BRAGA, abs=3e-4)


@pytest.mark.parametrize(
    "text",
    ["", "Braga", "41.5", "41.5, -8.4, 3", "91, 0", "0, 181", "41°75'N 8°W", "41N 8N", "nan, 0",
     "HH2G+HQ", "99TNG4811500130", "geo:a,b", "1e3, 4", "N41 S8 W3", "x" * 500],
)  # fmt: skip
def test_what_is_no_position_is_one_sentence(text: str) -> None:
    with pytest.raises(InputError) as raised:
        parse_position(text)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("lat_deg", "lon_deg", "reference"),
    [  # as the package `mgrs` 1.5 gives them
        (41.551389, -8.423056, "29TNG4811500130"), (60.0, 5.0, "32VKM7697958157"),
        (77.5, 11.0, "33XVG0342505862"), (-33.8568, 151.2153, "56HLH3490052288"),
    ],
)  # fmt: skip
def test_zones_follow_their_exceptions(lat_deg: float, lon_deg: float, reference: str) -> None:
    assert mgrs_reference(lat_deg, lon_deg) == reference
    assert mgrs_reference(85.0, 0.0) is None


@settings(max_examples=60, deadline=None)
@given(st.floats(-79.9, 83.9), st.floats(-180.0, 179.999999))
def test_forms_go_there_and_back(lat_deg: float, lon_deg: float) -> None:
    forms = position_forms(lat_deg, lon_deg)
    for text in (forms.decimal, forms.dms, forms.geo_uri, forms.plus_code, forms.mgrs):
        lat, lon = parse_position(text)
        assert lat == pytest.approx(lat_deg, abs=3e-5)
        away = (lon - lon_deg + 180.0) % 360.0 - 180.0
        assert abs(away) < 3e-4


def test_codes_of_the_specification() -> None:
    assert plus_code(47.0000625, 8.0000625, 10) == "8FVC2222+22"
    assert plus_code(-41.2730625, 174.7859375, 10) == "4VCPPQGP+Q9"
    assert point_of_plus_code("8FVC2222+22") == pytest.approx((47.0000625, 8.0000625))
    assert point_of_plus_code("2222+22") is None
    assert point_of_mgrs("33XVF") is not None
