"""`geoagent geocode` and `geoagent reverse`: names to places, points to places, offline."""

from dataclasses import asdict
from typing import TYPE_CHECKING

from geoagent_graph.cli import exit_codes
from geoagent_graph.cli.streams import write_result
from geoagent_graph.errors import InputError, PlaceNotFound
from geoagent_graph.render import wording
from geoagent_graph.render.formats.json_answer import json_text
from geoagent_graph.render.terminal.preparation import preparation_bar
from geoagent_graph.safe_text import visible

if TYPE_CHECKING:
    from geoagent_graph.geo.geocoder import OfflineGeocoder
    from geoagent_graph.protocols import GeocodedPoint, NamedPlace

MAX_NAME_CHARS = 500


def run_forward(name: str, limit: int, as_json: bool) -> int:
    """Print the places a name may mean and return the exit status.

    Raises:
        InputError: the name is empty or longer than `MAX_NAME_CHARS` characters.
        PlaceNotFound: no place answers to the name.
        GazetteerError: the place table cannot be built or read.
    """
    if not name.strip() or len(name) > MAX_NAME_CHARS:
        raise InputError(f"a place name of {len(name)} characters: give 1 to {MAX_NAME_CHARS}")
    found = _open_geocoder().forward(name, limit)
    if as_json:
        write_result(json_text([_place_json(named) for named in found], indent=2) + "\n")
    if not found:
        raise PlaceNotFound(
            f"{visible(name, 200)}: no place of this name; check the spelling, or add the country "
            'as in "Springfield, Illinois"'
        )
    if not as_json:
        write_result("".join(f"{_place_line(named)}\n" for named in found))
    return exit_codes.ANSWERED


def run_reverse(lat_deg: float, lon_deg: float, as_json: bool) -> int:
    """Print what lies at a point and return the exit status.

    Raises:
        InputError: a coordinate is out of range or no number.
        GazetteerError: the place table cannot be built or read.
    """
    point = _open_geocoder().reverse(lat_deg, lon_deg)
    if as_json:
        write_result(json_text(_point_json(point, lat_deg, lon_deg), indent=2) + "\n")
    else:
        write_result(_point_line(point) + "\n")
    return exit_codes.ANSWERED


def _open_geocoder() -> "OfflineGeocoder":
    """Return the geocoder; compiling its tables shows on stderr."""
    from geoagent_graph.geo.geocoder import open_geocoder
    from geoagent_graph.settings import load_settings

    with preparation_bar() as progress:
        return open_geocoder(load_settings(), progress)


def _place_json(named: "NamedPlace") -> dict[str, object]:
    return {
        **named.place.model_dump(mode="json"),
        "matched": named.matched,
        "population": named.population,
        "similarity": named.similarity,
    }


def _place_line(named: "NamedPlace") -> str:
    place = named.place
    where = f"{place.lat_deg:.5f}, {place.lon_deg:.5f}"
    people = f"{named.population:,} people" if named.population else "population unknown"
    folded = named.matched.casefold() == place.name.casefold()
    matched = "" if folded else f', found as "{named.matched}"'
    return visible(f"{wording.place_name(place)} ({place.level}): {where}, {people}{matched}", 400)


def _point_json(point: "GeocodedPoint", lat_deg: float, lon_deg: float) -> dict[str, object]:
    return {"lat_deg": lat_deg, "lon_deg": lon_deg, **asdict(point)}


def _point_line(point: "GeocodedPoint") -> str:
    source = point.country_source.replace("_", " ")
    parts = dict.fromkeys(part for part in (point.city, point.region) if part)
    town = ", ".join(parts)
    return visible(
        f"{point.country} ({point.country_code}, {point.continent_code}), by {source}; "
        f"nearest town {town}, {wording.distance(point.distance_km)} away",
        400,
    )
