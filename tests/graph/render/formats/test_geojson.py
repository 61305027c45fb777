"""An answer as GeoJSON."""

import json
from typing import Any

import pytest
import shapely

from geoagent_graph.render.formats.geojson import feature_collection
from tests.support.answers import PORTO, hypothesis, porto_answer, unknown_answer


def roles(collection: dict[str, Any]) -> list[str]:
    return [feature["properties"]["role"] for feature in collection["features"]]


def test_an_answer_is_a_point_a_circle_and_candidates_in_longitude_latitude_order() -> None:
    collection = feature_collection([porto_answer()])
    point, radius, *candidates = collection["features"]
    assert roles(collection) == ["answer", "radius"] + ["candidate"] * 6
    assert point["geometry"] == {"type": "Point", "coordinates": [-8.611, 41.1496]}
    assert point["properties"]["city"] == "Porto"
    assert point["properties"]["claimed"] is True
    circle = shapely.geometry.shape(radius["geometry"])
    assert circle.contains(shapely.Point(-8.611, 41.1496))
    assert {c["properties"]["level"] for c in candidates} == {"continent", "country", "city"}


def test_no_claim_gives_candidates_alone_and_says_so() -> None:
    collection = feature_collection([unknown_answer()])
    assert roles(collection) == ["candidate", "candidate"]
    assert all(feature["properties"]["claimed"] is False for feature in collection["features"])


@pytest.mark.parametrize(
    ("lat_deg", "lon_deg", "kind"),
    [(-16.8, -179.99, "MultiPolygon"), (89.5, 10.0, "Polygon"), (10.0, 10.0, "Polygon")],
)
def test_circles_obey_rfc_7946_at_the_date_line_and_the_poles(
    lat_deg: float, lon_deg: float, kind: str
) -> None:
    answer = porto_answer(lat_deg=lat_deg, lon_deg=lon_deg, radius_km=300.0)
    geometry = feature_collection([answer])["features"][1]["geometry"]
    assert geometry["type"] == kind
    shape = shapely.geometry.shape(geometry)
    assert shape.is_valid
    west, south, east, north = shape.bounds
    assert west >= -180.0
    assert east <= 180.0
    assert -90.0 <= south < north <= 90.0
    for polygon in shapely.get_parts(shape):
        assert polygon.exterior.is_ccw


def test_a_radius_of_nothing_is_a_feature_without_a_geometry() -> None:
    features = feature_collection([porto_answer(radius_km=0.0)])["features"]
    assert features[1]["geometry"] is None


def test_folders_and_escapes_stay_out_and_json_holds() -> None:
    bad = PORTO.model_copy(update={"name": 'A"</script>\x1b[2J\u202e'})
    image = porto_answer().image.model_copy(update={"name": "/home/anna/secret/photo\x1b.jpg"})
    answer = porto_answer(image=image, levels={"city": (hypothesis(bad, 0.5),)})
    collection = feature_collection([answer, unknown_answer()])
    written = json.dumps(collection, ensure_ascii=False, allow_nan=False)
    assert json.loads(written) == collection
    assert "secret" not in written
    assert not any(character in written for character in "\x1b\u202e")
    assert all(key not in written for key in ("\\u001b", "\\u202e"))
