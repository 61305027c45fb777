"""The map of a trip and the words of its report."""

import re
from xml.etree import ElementTree

import pytest

from geoagent_graph.render.html.trip_sections import fit_words, time_words, trip_headline
from geoagent_graph.render.maps.trip_svg import Station, trip_svg
from geoagent_graph.trip_types import Joined, parse_time_taken

LISBON, SINTRA = (38.72, -9.14), (38.8, -9.38)


def station(number: int, point: tuple[float, float], radius_km: float = 20.0) -> Station:
    return Station(number, *point, radius_km, on_way=True)


def parts(stations: list[Station]) -> dict[str, list[ElementTree.Element]]:
    svg = trip_svg(stations, "Map of the trip")
    assert svg.get("aria-label") == "Map of the trip"
    found: dict[str, list[ElementTree.Element]] = {}
    for node in svg.iter():
        found.setdefault(node.get("class", ""), []).append(node)
    for node in [n for group in found.values() for n in group]:
        assert not re.search(r"nan|inf", " ".join(map(str, node.attrib.values())))
    return found


def test_the_way_joins_the_photos_in_the_order_given() -> None:
    found = parts([station(2, LISBON), station(1, SINTRA), station(3, (38.7, -9.42))])
    assert [node.text for node in found["station-name"]] == ["2", "1", "3"]
    assert len(found["way"]) == 2
    assert len(found["radius"]) == 3
    assert found["label country"][0].text == "Portugal"


def test_photos_of_one_place_share_a_mark() -> None:
    found = parts([station(2, LISBON), station(1, LISBON), station(3, (41.15, -8.61))])
    assert [node.text for node in found["station-name"]] == ["1, 2", "3"]


def test_a_photo_without_a_time_is_not_on_the_way() -> None:
    late = Station(3, 41.15, -8.61, 20.0, on_way=False)
    found = parts([station(1, LISBON), station(2, SINTRA), late])
    assert len(found["way"]) == 1
    assert len(found["station-name"]) == 3 - ("1, 2" in {n.text for n in found["station-name"]})


@pytest.mark.parametrize(
    "points",
    [
        [LISBON, (35.68, 139.7)],
        [(-16.8, 179.9), (-17.8, -178.0)],
        [(-17.8, 178.0), (-13.8, -172.0), (21.3, -157.8)],
        [(89.0, 0.0), (89.0, 180.0 - 1e-9)],
        [LISBON, (-38.72, 170.86)],
        [LISBON, LISBON],
        [LISBON],
    ],
)
def test_every_trip_on_earth_can_be_drawn(points: list[tuple[float, float]]) -> None:
    found = parts([station(n, point) for n, point in enumerate(points, start=1)])
    assert len(found.get("way", [])) == len(points) - 1


def test_a_way_over_the_date_line_does_not_cross_the_world_map() -> None:
    found = parts([station(1, LISBON), station(2, (35.0, 170.0)), station(3, (21.3, -157.8))])
    lines = [node.get("d", "") for node in found["way"]]
    assert sum(line.count("M") for line in lines) == 3  # one of the two is in two pieces


@pytest.mark.parametrize(
    ("fit", "words"),
    [
        (None, "contradiction"),
        (0.1, "neither way"),
        (3.0, "1,000 times better"),
        (-2.0, "100 times worse"),
        (40.0, "over a million times better"),
    ],
)
def test_how_well_photos_fit_is_said_in_words(fit: float | None, words: str) -> None:
    assert fit_words(Joined(photos=(), fit=fit, formula="x"))[0] == words


def test_times_say_who_said_them() -> None:
    elapsed = parse_time_taken("1:20")
    assert time_words(elapsed) == "Taken at 1:20 since the video began, a person says."
    assert "No time is known" in time_words(None)
    assert trip_headline([]).startswith("No claim")
