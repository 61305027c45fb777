"""`geoagent geocode` and `geoagent reverse`: names to places, points to places, offline."""

from dataclasses import asdict
from typing import TYPE_CHECKING

from geoagent_graph.cli import exit_codes
from geoagent_graph.cli.point_words import point_json, point_lines
from geoagent_graph.cli.streams import write_result
from geoagent_graph.errors import InputError, PlaceNotFound
from geoagent_graph.positions.forms import parse_position, position_forms
from geoagent_graph.render.formats.json_answer import json_text
from geoagent_graph.render.terminal.preparation import preparation_bar
from geoagent_graph.safe_text import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geoagent_graph.geo.found_places import FoundPlace
    from geoagent_graph.geo.geocoder import OfflineGeocoder

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
    found = _open_geocoder().find(name, limit)
    if as_json:
        write_result(json_text([_place_json(place) for place in found], indent=2) + "\n")
    if not found:
        raise PlaceNotFound(
            f"{visible(name, 200)}: no place of this name: unknown. Check the spelling, or "
            'add the country as in "Springfield, Illinois"'
        )
    if not as_json:
        write_result("".join(f"{line}\n" for line in _place_lines(found)))
    return exit_codes.ANSWERED


def run_reverse(position: str, as_json: bool) -> int:
    """Print what lies at a point and return the exit status.

    Raises:
        InputError: it is no position in a form that is read, or out of range.
        GazetteerError: the place table cannot be built or read.
    """
    lat_deg, lon_deg = parse_position(position)
    geocoder = _open_geocoder()
    found = geocoder.surroundings(lat_deg, lon_deg)
    if as_json:
        forms = asdict(position_forms(lat_deg, lon_deg))
        described = {**point_json(found, lat_deg, lon_deg), "forms": forms}
        write_result(json_text(described, indent=2) + "\n")
    else:
        names = {country.country_code or "": country.name for country in geocoder.countries()}
        written = asdict(position_forms(lat_deg, lon_deg)).values()
        lines = [*point_lines(found, names), "  ".join(form for form in written if form)]
        write_result("".join(f"{line}\n" for line in lines))
    return exit_codes.ANSWERED


def _open_geocoder() -> "OfflineGeocoder":
    """Return the geocoder; compiling its tables shows on stderr."""
    from geoagent_graph.geo.geocoder import open_geocoder
    from geoagent_graph.settings import load_settings

    with preparation_bar() as progress:
        return open_geocoder(load_settings(), progress)


def _place_json(place: "FoundPlace") -> dict[str, object]:
    return {
        "id": place.id,
        "level": place.level,
        "name": place.name,
        "continent_code": place.continent_code,
        "country_code": place.country_codes[0] if len(place.country_codes) == 1 else None,
        "country": place.country,
        "region": place.region,
        "city": place.name if place.level == "city" else None,
        "lat_deg": place.lat_deg,
        "lon_deg": place.lon_deg,
        "matched": place.matched,
        "population": place.population,
        "similarity": place.similarity,
        "kind": place.kind,
        "country_codes": place.country_codes,
        "radius_km": place.radius_km,
        "full_name": place.full_name,
        "passed_over": place.passed_over,
        "ambiguous": place.is_ambiguous,
    }


def _place_lines(found: "Sequence[FoundPlace]") -> list[str]:
    """Return one line per place, and what was not used or not clear below."""
    lines = [_place_line(place) for place in found]
    if found[0].passed_over:
        parts = visible(", ".join(found[0].passed_over), 200)
        lines.append(f"Not used: {parts}; this is the town, not the address.")
    rivals = [place for place in found if place.is_ambiguous]
    if len(rivals) > 1:
        others = visible('" or "'.join(place.full_name for place in rivals[1:3]), 300)
        lines.append(
            f"{len(rivals)} places may be meant, the first is likeliest: "
            f'name another in full, as "{others}".'
        )
    return lines


def _place_line(place: "FoundPlace") -> str:
    where = f"{place.lat_deg:.5f}, {place.lon_deg:.5f}"
    people = f"{place.population:,} people" if place.population else "population unknown"
    size = f", {place.radius_km:.0f} km around" if place.radius_km else ""
    folded = place.matched.casefold() == place.name.casefold()
    matched = "" if folded else f', found as "{place.matched}"'
    is_special = place.level == "region" and place.kind != "region"
    level = f"region, {place.kind}" if is_special else place.level
    return visible(f"{place.full_name} ({level}): {where}{size}, {people}{matched}", 400)
