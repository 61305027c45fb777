"""A circle may be given by a position in any form that is read."""

import pytest

from geoagent_graph.errors import InputError
from geoagent_graph.questions import read_statement
from geoagent_graph.search_areas import SearchCircle, circle_from

BRAGA = (41.551389, -8.423056)


@pytest.mark.parametrize(
    "words",
    [
        "41.551389,-8.423056,40", "41.551389, -8.423056, 40", "41°33'05\"N 8°25'23\"W,40",
        "8CHHHH2G+HQR,40", "29TNG4811500130,40", "geo:41.551389,-8.423056,40",
        "https://www.openstreetmap.org/#map=16/41.551389/-8.423056,40",
        "https://www.google.com/maps/@41.551389,-8.423056,17z,40",
    ],
)  # fmt: skip
def test_circles_are_read_in_many_forms(words: str) -> None:
    circle = circle_from(words)
    assert (circle.lat_deg, circle.lon_deg) == pytest.approx(BRAGA, abs=3e-4)
    assert circle.radius_km == 40


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("", "give a circle"), ("41.5,-8.4", "give a circle"), ("41.5,-8.4,x", "give a circle"),
        ("Braga,40", "is no position"), ("95,0,40", "lat_deg: must be at most 90"),
        ("8CHHHH2G+HQR,0", "radius_km: must be at least 1"), ("41.5,-8.4,nan", "give a circle"),
    ],
)  # fmt: skip
def test_what_is_no_circle_is_one_sentence(words: str, said: str) -> None:
    with pytest.raises(InputError) as raised:
        circle_from(words)
    assert said in str(raised.value) or "radius_km" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_statement_names_its_position_as_it_was_written() -> None:
    said = read_statement({"kind": "map_region", "position": "8CHHHH2G+HQR", "radius_km": 40})
    assert isinstance(said, SearchCircle)
    assert (said.lat_deg, said.lon_deg) == pytest.approx(BRAGA, abs=3e-4)
    assert set(said.model_dump()) == {"kind", "lat_deg", "lon_deg", "radius_km"}  # as ever


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"position": "x"}, "position x: is no position"),
        ({"position": 5}, "is no position"),
        ({"position": "41.5,-8", "lat_deg": 41.5}, "not both"),
        ({}, "lat_deg: is missing"),
    ],
)
def test_a_position_that_cannot_be_read_is_one_sentence(
    given: dict[str, object], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        read_statement({"kind": "map_region", "radius_km": 40, **given})
