"""What is known of a photo before its case begins, as a form says it."""

import pytest

from geoagent_graph.errors import InputError
from geoagent_graph.serve.begin_case import known_of


@pytest.mark.parametrize(
    "near",
    ["41.5514,-8.4231,40", "8CHHHH2G+H7,40", "https://maps.apple.com/?ll=41.5514,-8.4231,40"],
)
def test_a_circle_is_given_in_any_form_of_a_position(near: str) -> None:
    circle = known_of(near, "", "")["near"]
    assert (circle.lat_deg, circle.lon_deg) == pytest.approx((41.5514, -8.4231), abs=2e-3)
    assert circle.radius_km == 40


@pytest.mark.parametrize(
    ("near", "countries", "said"),
    [("Braga", "", "near: "), ("95,0,1", "", "near: lat_deg"), ("", "XX", "countries: XX")],
)
def test_what_cannot_be_read_names_its_field(near: str, countries: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        known_of(near, countries, "")
