"""Answers as GeoJSON (RFC 7946), for any map program."""

import json
from collections.abc import Sequence

from geoagent_graph.render import wording
from geoagent_graph.render.formats.format import Format
from geoagent_graph.render.maps.spherical_circle import circle_polygons
from geoagent_graph.render.photo_name import distinct_names
from geoagent_graph.safe_text import visible
from geoagent_graph.translation import mark
from geoagent_graph.types import Answer, Hypothesis, Json


def feature_collection(answers: Sequence[Answer]) -> Json:
    """Return all answers as one FeatureCollection in longitude, latitude order.

    Each answer gives a point (`role` "answer"), its 90 % circle ("radius"; cut at the date line)
    and its candidates ("candidate"). An answer of level `none` gives its candidates alone, with
    `claimed` false.
    """
    named = zip(answers, distinct_names(answers), strict=True)
    features = [feature for answer, name in named for feature in _features_of(answer, name)]
    return {
        "type": "FeatureCollection",
        "features": features,
        "attribution": wording.ATTRIBUTION,
    }


def _features_of(answer: Answer, name: str) -> list[Json]:
    common = {
        "photo": name,
        "sha256": answer.image.sha256,
        "claimed": answer.level != "none",
    }
    candidates = [
        _candidate_feature(candidate, common)
        for candidates in answer.levels.values()
        for candidate in candidates
    ]
    if answer.level == "none":
        return candidates
    described = {
        **common,
        "level": answer.level,
        "name": visible(wording.headline(answer)),
        "probability": answer.probability,
        "radius_km": answer.radius_km,
        "policy": visible(answer.policy),
        **{key: value and visible(value) for key, value in answer.place.model_dump().items()},
    }
    point = _point_geometry(answer.lat_deg, answer.lon_deg)
    return [
        _feature_object(point, {**described, "role": "answer"}),
        _feature_object(_circle_geometry(answer), {**described, "role": "radius"}),
        *candidates,
    ]


def _candidate_feature(candidate: Hypothesis, common: Json) -> Json:
    place = candidate.place
    properties = {
        **common,
        "role": "candidate",
        "level": candidate.level,
        "name": visible(wording.place_name(place)),
        "place_id": visible(place.id),
        "probability": candidate.probability,
    }
    return _feature_object(_point_geometry(place.lat_deg, place.lon_deg), properties)


def _feature_object(geometry: Json | None, properties: Json) -> Json:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def _point_geometry(lat_deg: float, lon_deg: float) -> Json:
    return {"type": "Point", "coordinates": [round(lon_deg, 6), round(lat_deg, 6)]}


def _circle_geometry(answer: Answer) -> Json | None:
    polygons = [
        [[[round(x, 6), round(y, 6)] for x, y in ring.tolist()] for ring in polygon]
        for polygon in circle_polygons(answer.lat_deg, answer.lon_deg, answer.radius_km)
    ]
    if not polygons:
        return None
    if len(polygons) == 1:
        return {"type": "Polygon", "coordinates": polygons[0]}
    return {"type": "MultiPolygon", "coordinates": polygons}


def geojson_text(answers: Sequence[Answer]) -> str:
    """Return all answers as the text of one GeoJSON file."""
    return json.dumps(feature_collection(answers), ensure_ascii=False, allow_nan=False) + "\n"


ROW = Format(
    "geojson",
    "application/geo+json",
    ".geojson",
    mark("Map (GeoJSON)"),
    help="Write all answers as GeoJSON.",
    of_answers=geojson_text,
)
