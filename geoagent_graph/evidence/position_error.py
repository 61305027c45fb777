"""How far a position in a file may be off, and how likely it is false, from its own words."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.towns import KM_PER_DEGREE, TownTable
from geoagent_graph.geo.sphere import distance_km
from geoagent_graph.types import Clue

# Degrees, tenths, minutes, ... : what files round positions to.
_STEPS_DEG: Final = (1.0, 0.5, 0.1, 1 / 60, 0.01, 1e-3, 1 / 3600, 1e-4)
_CENTRE_STEP_DEG: Final = 0.5
_ROUNDING_DEG: Final = 6e-7  # clues give six decimals
_NULL_ISLAND_DEG: Final = 1e-3
_SAME_POINT_KM: Final = 0.01


@dataclass(frozen=True, slots=True)
class FilePosition:
    """A position that a file claims; `error_km` is the standard deviation along one axis.

    `false` is the probability that it is not the place of the photo at all, `false_near` that it is
    in the country of the photo then.
    """

    lat_deg: float
    lon_deg: float
    error_km: float
    false: float
    false_near: float


def file_position(clue: Clue, town_table: TownTable) -> FilePosition | None:
    """Return what a clue claims; None where that is no number or no place on Earth."""
    lat_deg, lon_deg = (_number_of(clue, name) for name in ("lat_deg", "lon_deg"))
    if lat_deg is None or lon_deg is None or abs(lat_deg) > 90.0 or abs(lon_deg) > 180.0:
        return None
    lon_deg = lon_deg - 360.0 if lon_deg >= 180.0 else lon_deg
    weights = parameters().exif
    false, false_near = weights.false, weights.false_near
    if is_void(clue):
        false = weights.false_void
    if max(abs(lat_deg), abs(lon_deg)) < _NULL_ISLAND_DEG:
        false, false_near = weights.false_placeholder, 0.0
    elif _is_country_centre(lat_deg, lon_deg, town_table):
        false = weights.false_placeholder
    error_km = _error_km(clue, lat_deg, lon_deg)
    return FilePosition(lat_deg, lon_deg, error_km, false, false_near)


def is_void(clue: Clue) -> bool:
    """Say whether the receiver had no fix, by the file's own word."""
    return clue.attributes.get("void") == "true"


def rounding_step_deg(lat_deg: float, lon_deg: float) -> float:
    """Return the coarsest step that both coordinates are whole multiples of; 0.0 for none."""
    return next((step for step in _STEPS_DEG if _is_multiple(lat_deg, lon_deg, step)), 0.0)


def _error_km(clue: Clue, lat_deg: float, lon_deg: float) -> float:
    """Return the root of the squares of what may be off, up to the most that is a claim at all.

    What is stated may rest on the digits: the larger of the two counts. Measures that are hours old
    are clocks that are wrong more often than positions.
    """
    weights = parameters().exif
    stated_m = _number_of(clue, "error_m")
    stated_m = weights.error_m if stated_m is None else max(stated_m, weights.least_error_m)
    rounded_km = rounding_step_deg(lat_deg, lon_deg) * KM_PER_DEGREE / math.sqrt(12.0)
    moved_m = weights.moved_m_s * max(_number_of(clue, "age_seconds") or 0.0, 0.0)
    moved_km = weights.void_km if is_void(clue) else min(moved_m / 1e3, weights.void_km)
    error_km = math.hypot(max(stated_m / 1e3, rounded_km), moved_km)
    return min(error_km, weights.most_error_km)


def _is_country_centre(lat_deg: float, lon_deg: float, town_table: TownTable) -> bool:
    """Say whether a position is what programs write for "somewhere in this country": its centre."""
    countries = town_table.gazetteer.countries
    centres = np.array([(country.lat_deg, country.lon_deg) for country in countries])
    away_km = distance_km(lat_deg, lon_deg, centres[:, 0], centres[:, 1])
    if bool((away_km < _SAME_POINT_KM).any()) and not _is_town(lat_deg, lon_deg, town_table):
        return True
    if not _is_multiple(lat_deg, lon_deg, _CENTRE_STEP_DEG):
        return False
    sizes_km = np.sqrt(np.array([country.area_km2 for country in countries]) / math.pi)
    return bool((away_km < parameters().exif.centre_share * sizes_km).any())


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
