"""What is wrong with the answer to a photo that shows nothing and whose file claims a place."""

from dataclasses import replace

from geoagent_graph import Answer, RunOptions, Toolbox, locate
from geoagent_graph.geo.geocoder import OfflineGeocoder
from geoagent_graph.geo.sphere import distance_km
from geoagent_graph.protocols import FileClaims, GeocodedPoint
from geoagent_graph.testing import FixedExifReader
from tools.draw_positions import DrawnPlace

FAULTS = ("moved", "country", "town", "outside", "against")
MAX_MOVED_KM = 1e-3


async def check_place(tools: Toolbox, place: DrawnPlace) -> tuple[str, ...]:
    """Return the faults of the answer to a photo whose file claims a place."""
    claims = FileClaims(place.lat_deg, place.lon_deg, None, None, None, None)
    own = replace(tools, exif_reader=FixedExifReader(claims))
    answer = await locate(repr(place).encode(), toolbox=own, options=RunOptions())
    return faults_of(answer, place, tools)


def faults_of(answer: Answer, place: DrawnPlace, tools: Toolbox) -> tuple[str, ...]:
    """Return what is wrong with the answer to a place."""
    point = tools.geocoder.reverse(place.lat_deg, place.lon_deg)
    away_km = float(distance_km(place.lat_deg, place.lon_deg, answer.lat_deg, answer.lon_deg))
    border_said = any("border" in warning for warning in answer.warnings)
    wrong = {
        "moved": away_km > MAX_MOVED_KM,
        "country": answer.place.country_code != point.country_code
        and not border_said
        and _towns_of_country(tools, point.country_code) > 0,
        "town": answer.place.city != point.city and not border_said and _is_at_home(tools, point),
        "outside": away_km > answer.radius_km,
        "against": any("speaks against" in w or "otherwise" in w for w in answer.warnings),
    }
    return tuple(fault for fault in FAULTS if wrong[fault])


def _towns_of_country(tools: Toolbox, code: str) -> int:
    """Return how many towns a country has: one without any cannot be named by its towns."""
    first, end = offline_geocoder(tools).gazetteer.country_range(code)
    return end - first


def _is_at_home(tools: Toolbox, point: GeocodedPoint) -> bool:
    """Return whether the geocoder's town is of the country; far from all it may be a neighbour."""
    gazetteer = offline_geocoder(tools).gazetteer
    first, end = gazetteer.country_range(point.country_code)
    return point.geonames_id in gazetteer.geonames_id[first:end]


def offline_geocoder(tools: Toolbox) -> OfflineGeocoder:
    if not isinstance(tools.geocoder, OfflineGeocoder):
        raise SystemExit("the places are drawn from the offline geocoder's tables")
    return tools.geocoder
