"""Which country each piece of the Natural Earth map belongs to, as ISO 3166 and GeoNames count.

Natural Earth draws who holds the ground; ISO 3166-1 and GeoNames name whose it is. Where they
differ, places are named as in ISO and GeoNames, so that a point and the town beside it agree:
Crimea is UA, Northern Cyprus CY, Somaliland SO, all of Western Sahara EH. This is a convention, not
a judgement; `disputes` says who holds what.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from geoagent_graph.geo.countries import numeric_codes
from geoagent_graph.geo.topojson import Feature, Ring

# Features without an ISO code. Reefs and glaciers that several states claim have no country here:
# a point there takes that of the nearest town.
_BY_NAME: Final[dict[str, str]] = {
    "Kosovo": "XK",
    "Somaliland": "SO",
    "N. Cyprus": "CY",
    "Cyprus U.N. Buffer Zone": "CY",
    "Dhekelia": "CY",
    "Akrotiri": "CY",
    "USNB Guantanamo Bay": "CU",
    "Baikonur": "KZ",
    "Coral Sea Is.": "AU",
    "Clipperton I.": "FR",
}

# Parts of one feature that have a code of their own: (west, south, east, north) in degrees. A
# part belongs here when the middle of its extent lies in the box.
_PARTS: Final[dict[str, tuple[tuple[str, tuple[float, float, float, float]], ...]]] = {
    "FR": (
        ("GF", (-55.0, 2.0, -51.0, 6.5)),
        ("GP", (-62.0, 15.7, -60.9, 16.6)),
        ("MQ", (-61.4, 14.3, -60.7, 15.0)),
        ("RE", (55.0, -21.6, 56.0, -20.7)),
        ("YT", (44.9, -13.2, 45.4, -12.5)),
    ),
    "NO": (("SJ", (-10.0, 70.5, 35.0, 82.0)), ("BV", (3.0, -55.0, 4.0, -54.0))),
    "NL": (("BQ", (-69.0, 11.8, -62.0, 18.0)),),
    "NZ": (("TK", (-173.0, -10.0, -171.0, -8.0)),),
    "RU": (("UA", (32.3, 44.2, 36.7, 46.3)),),
    "": (("CX", (105.0, -11.0, 106.2, -10.0)), ("CC", (96.0, -13.0, 97.5, -11.5))),
}
# Too small for the quantised map: (surrounding country, outline as longitude, latitude).
_VATICAN_DEG: Final = (
    (12.4457, 41.9022), (12.4478, 41.9003), (12.4537, 41.9001), (12.4583, 41.9012),
    (12.4583, 41.9030), (12.4560, 41.9043), (12.4545, 41.9075), (12.4500, 41.9065),
    (12.4457, 41.9022),
)  # fmt: skip
# Western Sahara as ISO 3166 and GeoNames have it: from the parallel 27°40' N to Mauritania. Natural
# Earth gives Morocco what Morocco holds of it, all towns but one. (west, south, east, north)
_WESTERN_SAHARA_DEG: Final = (-17.5, 20.5, -8.67, 27.6667)
_WITHOUT_COUNTRY: Final = frozenset(
    {
        "Siachen Glacier",
        "Spratly Is.",
        "Bajo Nuevo Bank",
        "Serranilla Bank",
        "Scarborough Reef",
    }
)


def polygons_by_country(features: list[Feature]) -> dict[str, list[tuple[Ring, ...]]]:
    """Return country code -> polygons of the map, each its shell and then its holes."""
    numeric = numeric_codes()
    found: dict[str, list[tuple[Ring, ...]]] = {}
    for feature in features:
        if feature.name in _WITHOUT_COUNTRY:
            continue
        code = _BY_NAME.get(feature.name, "")
        if feature.numeric_code is not None:
            code = numeric[feature.numeric_code]
        for polygon in feature.polygons:
            own = _part_code(code, polygon[0])
            if own:
                found.setdefault(own, []).append(polygon)
    held, found["MA"] = _split_by_box(found["MA"], _WESTERN_SAHARA_DEG)
    found["EH"] += held
    _cut_out(np.array(_VATICAN_DEG), found["IT"])
    found["VA"] = [(np.array(_VATICAN_DEG),)]
    return found


@dataclass(frozen=True, slots=True)
class CountryDrawing:
    """How a country is drawn: the feature's id (three digits) or, where it has none, its name.

    `box_deg` (west, south, east, north) holds the pieces of a feature that are another country's
    than the rest of it, None takes the rest.
    """

    code: str
    feature: str
    box_deg: tuple[float, float, float, float] | None = None


def country_drawings() -> tuple[CountryDrawing, ...]:
    """Return which pieces of the map are which country's."""
    # Kosovo has no number in ISO 3166; it is drawn by its name.
    ids = {code: f"{number:03d}" for number, code in numeric_codes().items() if number}
    whole = [CountryDrawing(code, feature) for code, feature in sorted(ids.items())]
    named = [CountryDrawing(code, name) for name, code in _BY_NAME.items()]
    parts = [
        CountryDrawing(code, ids[around], box)
        for around, pieces in _PARTS.items()
        if around
        for code, box in pieces
    ]
    return (*whole, *named, *parts)


def _split_by_box(
    polygons: list[tuple[Ring, ...]], box_deg: tuple[float, float, float, float]
) -> tuple[list[tuple[Ring, ...]], list[tuple[Ring, ...]]]:
    """Return the pieces of polygons inside a box, and those outside."""
    import shapely

    box = shapely.box(*box_deg)
    inside: list[tuple[Ring, ...]] = []
    outside: list[tuple[Ring, ...]] = []
    for shell, *holes in polygons:
        whole = shapely.make_valid(shapely.Polygon(shell, holes))
        for target, cut in ((inside, shapely.intersection), (outside, shapely.difference)):
            for part in shapely.get_parts(cut(whole, box)):
                if part.geom_type == "Polygon":
                    rings = shapely.get_rings(part)
                    target.append(tuple(shapely.get_coordinates(ring) for ring in rings))
    return inside, outside


def _cut_out(outline: Ring, polygons: list[tuple[Ring, ...]]) -> None:
    """Make an outline a hole of the polygon with the widest extent around it."""
    lon, lat = outline[0]
    around = [
        number
        for number, (shell, *_holes) in enumerate(polygons)
        if shell[:, 0].min() < lon < shell[:, 0].max()
        and shell[:, 1].min() < lat < shell[:, 1].max()
    ]
    widest = max(around, key=lambda number: float(np.ptp(polygons[number][0][:, 0])))
    polygons[widest] = (*polygons[widest], outline)


def _part_code(code: str, shell: Ring) -> str:
    lon, lat = (shell.min(axis=0) + shell.max(axis=0)) / 2
    for part, (west, south, east, north) in _PARTS.get(code, ()):
        if west <= lon <= east and south <= lat <= north:
            return part
    return code
