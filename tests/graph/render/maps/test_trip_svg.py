"""The map of a trip: circles, the way in its order, one mark per place, the world for far trips."""

from typing import Any

import pytest

from geoagent_graph.render.html.markup import Element
from geoagent_graph.render.maps.trip_svg import Station, trip_svg

VIEWPORT = "geoagent_graph.render.maps.trip_svg.world_shapes"


@pytest.fixture(autouse=True)
def empty_sea(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the map have no countries, which are drawn elsewhere."""
    monkeypatch.setattr(VIEWPORT, lambda scale: ())


def station(number: int, lat_deg: float, lon_deg: float, **changes: Any) -> Station:
    fields: dict[str, Any] = {"radius_km": 10.0, "on_way": True, **changes}
    return Station(number, lat_deg, lon_deg, **fields)


def marks(svg: Element, kind: str) -> list[Element]:
    return [node for node in svg.iter() if node.get("class") == kind]


def numbers(svg: Element) -> list[str | None]:
    return [name.text for name in marks(svg, "station-name")]


def test_the_way_joins_the_photos_with_times_in_their_order() -> None:
    stations = [station(2, 41.0, -8.0), station(1, 42.0, -8.0), station(3, 40.0, -8.0)]
    svg = trip_svg(stations, "the trip")
    assert svg.get("aria-label") == "the trip"
    assert (len(marks(svg, "way")), len(marks(svg, "radius"))) == (2, 3)
    timeless = [station(1, 41.0, -8.0), station(2, 42.0, -8.0, on_way=False)]
    assert marks(trip_svg(timeless, ""), "way") == []


def test_photos_of_one_place_share_a_mark() -> None:
    svg = trip_svg([station(3, 41.0, -8.0), station(1, 41.0, -8.0), station(2, 43.0, -8.0)], "")
    assert numbers(svg) == ["1, 3", "2"]


def test_a_trip_over_the_date_line_stays_in_one_picture() -> None:
    svg = trip_svg([station(1, 0.0, 179.5), station(2, 0.0, -179.5)], "")
    (way,) = marks(svg, "way")
    assert way.get("d", "").count("M") == 1
    assert svg.get("viewBox") == "0 0 600 450"
    left, right = (float(name.get("x", "")) for name in marks(svg, "station-name"))
    assert 0 < left < 300 < right < 600


def test_a_far_trip_is_on_the_world_map_and_its_way_leaves_and_enters() -> None:
    svg = trip_svg([station(1, -34.0, 151.0), station(2, -12.0, -77.0)], "")
    assert svg.get("viewBox", "").startswith("0 -24 960 ")
    (way,) = marks(svg, "way")
    assert way.get("d", "").count("M") == 2


def test_photos_on_opposite_sides_of_the_globe_have_a_way() -> None:
    svg = trip_svg([station(1, 0.0, 0.0), station(2, 0.0, -180.0)], "")
    (way,) = marks(svg, "way")
    assert "nan" not in way.get("d", "nan")
    assert numbers(svg) == ["1", "2"]


def test_a_place_is_named_once_as_text() -> None:
    twice = [station(n, 41.0, -8.0, name="<b>\u202e") for n in (1, 2)]
    svg = trip_svg([*twice, station(3, 42.0, -8.0)], "")
    assert [name.text for name in marks(svg, "label candidate")] == ["<b>\ufffd"]
