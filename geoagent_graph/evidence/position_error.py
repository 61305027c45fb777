"""How far a position in a file may be off, and how likely it is false, from its own words."""

import math
from dataclasses import dataclass
from typing import Final

from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.towns import KM_PER_DEGREE, TownTable
from geoagent_graph.geo.sphere import distance_km
from geoagent_graph.types import Clue

# Degrees, tenths, minutes, ... : what files round positions to.
_STEPS_DEG: Final = (1.0, 0.5, 0.1, 1 / 60, 0.01, 1e-3, 1 / 3600, 1e-4)
_CENTRE_STEP_DEG: Final = 0.5
_ROUNDING_DEG: Final = 6e-7  # clues give six decimals
_NULL_ISLAND_DEG: Final = 1e-3


@dataclass(frozen=True, slots=True)
class FilePosition:
    """A position that a file claims; `error_km` is the standard deviation along one axis.

    `false` is the probability that it is not the place of the photo at all.
    """

    lat_deg: float
    lon_deg: float
    error_km: float
    false: float


def file_position(clue: Clue, town_table: TownTable) -> FilePosition | None:
    """Return what a clue claims; None where that is no number or no place on Earth."""
    lat_deg, lon_deg = (_number_of(clue, name) for name in ("lat_deg", "lon_deg"))
    if lat_deg is None or lon_deg is None or abs(lat_deg) > 90.0 or abs(lon_deg) > 180.0:
        return None
    lon_deg = lon_deg - 360.0 if lon_deg >= 180.0 else lon_deg
    weights = parameters().exif
    false = weights.false
    if is_void(clue):
        false = weights.false_void
    if _is_placeholder(lat_deg, lon_deg, town_table):
        false = weights.false_placeholder
    return FilePosition(lat_deg, lon_deg, _error_km(clue, lat_deg, lon_deg), false)


def is_void(clue: Clue) -> bool:
    """Say whether the receiver had no fix, by the file's own word."""
    return clue.attributes.get("void") == "true"


def rounding_step_deg(lat_deg: float, lon_deg: float) -> float:
    """Return the coarsest step that both coordinates are whole multiples of; 0.0 for none."""
    return next((step for step in _STEPS_DEG if _is_multiple(lat_deg, lon_deg, step)), 0.0)


def _error_km(clue: Clue, lat_deg: float, lon_deg: float) -> float:
    """Return the root of the squares of everything that may be off."""
    weights = parameters().exif
    stated_m = _number_of(clue, "error_m")
    stated_m = weights.error_m if stated_m is None else max(stated_m, weights.least_error_m)
    moved_m = weights.moved_m_s * max(_number_of(clue, "age_seconds") or 0.0, 0.0)
    rounded_km = rounding_step_deg(lat_deg, lon_deg) * KM_PER_DEGREE / math.sqrt(12.0)
    lost_km = weights.void_km if is_void(clue) else 0.0
    return min(
        math.hypot(stated_m / 1e3, moved_m / 1e3, rounded_km, lost_km), weights.most_error_km
    )


def _is_placeholder(lat_deg: float, lon_deg: float, town_table: TownTable) -> bool:
    """Say whether a position is what programs write for "somewhere": (0, 0), a country's centre."""
    if max(abs(lat_deg), abs(lon_deg)) < _NULL_ISLAND_DEG:
        return True
    rounded = _is_multiple(lat_deg, lon_deg, _CENTRE_STEP_DEG)
    share = parameters().exif.centre_share
    for country in town_table.gazetteer.countries:
        reach_km = share * math.sqrt(country.area_km2 / math.pi) if rounded else 0.0
        away_km = float(distance_km(lat_deg, lon_deg, country.lat_deg, country.lon_deg))
        if away_km < reach_km or (away_km < 0.01 and not _is_town(lat_deg, lon_deg, town_table)):
            return True
    return False


def _is_town(lat_deg: float, lon_deg: float, town_table: TownTable) -> bool:
    towns, _ = town_table.near(lat_deg, lon_deg, 1.0)
    return bool(len(towns))


def _is_multiple(lat_deg: float, lon_deg: float, step: float) -> bool:
    return all(abs(x / step - round(x / step)) * step <= _ROUNDING_DEG for x in (lat_deg, lon_deg))


def _number_of(clue: Clue, name: str) -> float | None:
    """Return an attribute as a finite number, None where it is none."""
    try:
        value = float(clue.attributes.get(name, ""))
    except ValueError:
        return None
    return value if math.isfinite(value) else None
