"""What `geoagent reverse` says of a point: in words, and as JSON."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING

from geoagent_graph.render import wording
from geoagent_graph.safe_text import visible

if TYPE_CHECKING:
    from geoagent_graph.geo.disputes import DisputedArea
    from geoagent_graph.geo.surroundings import Surroundings


def point_json(found: "Surroundings", lat_deg: float, lon_deg: float) -> dict[str, object]:
    """Return a point with its surroundings; null where there is nothing to say."""
    return {
        "lat_deg": lat_deg,
        "lon_deg": lon_deg,
        **asdict(found.point),
        "border": None
        if found.border is None
        else {**asdict(found.border), "is_within_error": found.is_within_border_error},
        "at_sea": found.is_at_sea,
        "nearest_land": asdict(found.land) if found.land else None,
        "disputed": asdict(found.dispute) if found.dispute else None,
    }


def point_lines(found: "Surroundings", country_names: Mapping[str, str]) -> list[str]:
    """Return what lies at a point, in one line, and what else one must know of it."""
    point = found.point
    source = point.country_source.replace("_", " ")
    parts = dict.fromkeys(part for part in (point.city, point.region) if part)
    town = f"nearest town {', '.join(parts)}, {wording.distance(point.distance_km)} away"
    country = f"{point.country} ({point.country_code}, {point.continent_code}), by {source}"
    lines = [f"{country}; {town}"]
    if found.is_at_sea and found.land is not None:
        coast = country_names.get(found.land.country_code, found.land.country_code)
        away = wording.distance(found.land.distance_km)
        lines = [f"At sea, nearest land {coast} ({found.land.country_code}), {away} away; {town}"]
    if found.is_within_border_error and found.border is not None:
        code = found.border.country_code
        away = wording.distance(found.border.distance_km)
        lines.append(
            f"The border with {country_names.get(code, code)} ({code}) is {away} away, "
            "within the error of the map: either country may be right."
        )
    if found.dispute is not None:
        lines.append(_dispute_line(found.dispute, country_names))
    return [visible(line, 400) for line in lines]


def _dispute_line(area: "DisputedArea", country_names: Mapping[str, str]) -> str:
    held = " and ".join(country_names.get(code, code) for code in area.held_by)
    claims = " and ".join(country_names.get(code, code) for code in area.claimed_by)
    outline = ", by an approximate outline" if area.is_approximate else ""
    return f"Disputed: {area.name}; held by {held}, claimed by {claims or 'nobody'}{outline}."
