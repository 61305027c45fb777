"""log P(where the sun stood in the photo | town), for every town."""

from typing import Final

import numpy as np

from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.sun.clock import TimeSpan, moments_by_towns
from geoagent_graph.evidence.sun.reading import SunReading
from geoagent_graph.evidence.towns import Floats, TownTable
from geoagent_graph.geo.sun_position import horizontal_angles, sun_vectors

MIN_ERROR_DEG: Final = 0.5  # below it the grain of the towns is coarser
_MAX_CELLS: Final = 2_000_000  # of towns by moments worked on at a time


def town_log_likelihood(reading: SunReading, span: TimeSpan, town_table: TownTable) -> Floats:
    """Return the natural logarithm for each town, shape [towns], 0 for the likeliest.

    The photo was taken at any moment of the span with the same probability. Where mark or time are
    wrong, the sun may have stood anywhere: no town becomes impossible.
    """
    weights = parameters().sun
    false = weights.false_file if span.is_of_file else weights.false_said
    density = np.empty(len(town_table))
    lat_deg = np.asarray(town_table.gazetteer.lat_deg)
    lon_deg = np.asarray(town_table.gazetteer.lon_deg)
    for towns, utc_s in moments_by_towns(span, town_table):
        vectors = sun_vectors(utc_s)
        for part in np.array_split(towns, 1 + len(towns) * len(utc_s) // _MAX_CELLS):
            angles = horizontal_angles(lat_deg[part, None], lon_deg[part, None], vectors)
            density[part] = _reading_density(reading, *angles).mean(axis=1)
    found = np.log((1.0 - false) * density + false * _density_of_anywhere(reading))
    return np.asarray(found - found.max(), dtype=np.float64)


def _reading_density(reading: SunReading, elevation: Floats, azimuth: Floats) -> Floats:
    """Return P(reading | the sun stands there) per degree of what was read; 0 at night."""
    density = (elevation > 0.0).astype(np.float64)
    if reading.side is not None:
        is_same = (np.cos(np.radians(azimuth)) > 0.0) == (reading.side == "north")
        density *= np.where(is_same, 1.0 - parameters().sun.false_side, parameters().sun.false_side)
    return density * np.exp(_angles_log(reading, elevation, azimuth))


def _angles_log(reading: SunReading, elevation: Floats, azimuth: Floats) -> Floats:
    """Return the log density of a normal error in height, bearing or both."""
    height_error = max(reading.elevation_error_deg, MIN_ERROR_DEG)
    bearing_error = max(reading.azimuth_error_deg, MIN_ERROR_DEG)
    found = np.zeros_like(elevation)
    height, bearing = found, found
    if reading.elevation_deg is not None:
        height = (elevation - reading.elevation_deg) / height_error
        found = found - np.log(height_error * np.sqrt(2.0 * np.pi))
    if reading.azimuth_deg is not None:
        away = (azimuth - reading.azimuth_deg + 180.0) % 360.0 - 180.0
        bearing = away / bearing_error
        found = found - np.log(bearing_error * np.sqrt(2.0 * np.pi))
    if reading.elevation_deg is None or reading.azimuth_deg is None:
        return found - (height**2 + bearing**2) / 2.0
    tied = np.clip(reading.covariance / (height_error * bearing_error), -0.95, 0.95)
    rest = 1.0 - tied**2
    squares = (height**2 - 2.0 * tied * height * bearing + bearing**2) / rest
    return np.asarray(found - np.log(rest) / 2.0 - squares / 2.0, dtype=np.float64)


def _density_of_anywhere(reading: SunReading) -> float:
    """Return the density of a reading of something that is not the sun."""
    density = 0.5 if reading.side is not None else 1.0
    density /= 90.0 if reading.elevation_deg is not None else 1.0
    return density / (360.0 if reading.azimuth_deg is not None else 1.0)
