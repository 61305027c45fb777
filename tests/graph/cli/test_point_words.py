"""What `geoagent reverse` says of borders, disputes and the sea."""

from geoagent_graph.cli.point_words import point_json, point_lines
from geoagent_graph.geo.disputes import DisputedArea
from geoagent_graph.geo.surroundings import NearestBorder, NearestLand, Surroundings
from geoagent_graph.protocols import GeocodedPoint

POINT = GeocodedPoint("EU", "DE", "Germany", "Baden", "Kehl", 1, 0.4, "polygon")
NAMES = {"DE": "Germany", "FR": "France"}


def test_a_plain_point_is_one_line() -> None:
    found = Surroundings(POINT, NearestBorder("FR", 30.0), None, None)
    (line,) = point_lines(found, NAMES)
    assert line.startswith("Germany (DE, EU), by polygon; nearest town Kehl, Baden, ")
    assert point_json(found, 48.0, 7.0)["border"] == {
        "country_code": "FR", "distance_km": 30.0, "is_within_error": False,
    }  # fmt: skip


def test_a_border_within_its_error_and_a_dispute_are_said() -> None:
    area = DisputedArea("The Bridge", ("DE", "the ferryman"), ("FR",), True)
    found = Surroundings(POINT, NearestBorder("FR", 0.9), None, area)
    _, border, dispute = point_lines(found, NAMES)
    assert border.startswith("The border with France (FR) is 0.9 km away")
    assert dispute == (
        "Disputed: The Bridge; held by Germany and the ferryman, claimed by France, "
        "by an approximate outline."
    )


def test_at_sea_the_nearest_land_comes_first() -> None:
    found = Surroundings(POINT, None, NearestLand("FR", 50.0, 1.0, 120.0), None)
    (line,) = point_lines(found, NAMES)
    assert line.startswith("At sea, nearest land France (FR), 120 km away; nearest town Kehl")
    described = point_json(found, 48.0, 7.0)
    assert described["at_sea"] is True
    assert described["disputed"] is None
