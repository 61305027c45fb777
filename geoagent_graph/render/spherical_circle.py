"""The circle on the globe that should hold the truth, as polygons of a flat map."""

import math

import numpy as np
from numpy.typing import NDArray

EARTH_RADIUS_KM = 6371.0088
_WHOLE_GLOBE_KM = 20015.0
_ROWS = 96
_POLAR_ROWS = 8

Ring = NDArray[np.float64]  # shape [points, 2]: longitude, latitude in degrees, closed
_Row = tuple[float, float, float]  # latitude, west, east in degrees; the longitudes run on


def circle_rings(lat_deg: float, lon_deg: float, radius_km: float) -> list[Ring]:
    """Return what lies within `radius_km` of a point, cut at the date line as RFC 7946 asks.

    A circle is a stack of parallels: at each latitude it reaches equally far east and west of its
    centre. Cutting the stack at longitude 180 gives the polygons; one that holds a pole runs along
    the edge of the map there. Each ring is closed and runs counterclockwise; none has a hole.
    """
    if radius_km >= _WHOLE_GLOBE_KM:
        corners = [(-180.0, -90.0), (180.0, -90.0), (180.0, 90.0), (-180.0, 90.0), (-180.0, -90.0)]
        return [np.array(corners)]
    rows = _rows(lat_deg, lon_deg, radius_km)
    return [
        ring for turn in (-360.0, 0.0, 360.0) for ring in _rings([_cut(row, turn) for row in rows])
    ]


def _rows(lat_deg: float, lon_deg: float, radius_km: float) -> list[_Row]:
    radius_deg = math.degrees(radius_km / EARTH_RADIUS_KM)
    return [
        (lat, lon_deg - reach, lon_deg + reach)
        for lat in _latitudes(lat_deg, radius_deg)
        for reach in [_reach_deg(lat, lat_deg, radius_deg)]
    ]


def _latitudes(lat_deg: float, radius_deg: float) -> list[float]:
    """Return the parallels to draw, dense where the circle turns: its ends and beside the poles."""
    south, north = lat_deg - radius_deg, lat_deg + radius_deg
    # Beyond these the whole parallel lies inside: the circle has crossed the pole.
    whole_south = max(-90.0, -180.0 - south) if south < -90.0 else None
    whole_north = min(90.0, 180.0 - north) if north > 90.0 else None
    low = max(-90.0, south) if whole_south is None else whole_south
    high = min(90.0, north) if whole_north is None else whole_north
    turns = np.linspace(0.0, math.pi, _ROWS + 1)
    inner = (low + high) / 2.0 - (high - low) / 2.0 * np.cos(turns)
    southern = np.linspace(-90.0, low, _POLAR_ROWS)[:-1].tolist()
    northern = np.linspace(high, 90.0, _POLAR_ROWS)[1:].tolist()
    return [
        *(southern if whole_south is not None else []),
        *inner.tolist(),
        *(northern if whole_north is not None else []),
    ]


def _reach_deg(lat_deg: float, centre_lat_deg: float, radius_deg: float) -> float:
    """Return how many degrees of longitude the circle reaches from its centre at a latitude."""
    lat, centre = math.radians(lat_deg), math.radians(centre_lat_deg)
    below = math.cos(lat) * math.cos(centre)
    above = math.cos(math.radians(radius_deg)) - math.sin(lat) * math.sin(centre)
    if below < 1e-12:
        return 180.0 if above <= 0.0 else 0.0
    return math.degrees(math.acos(min(1.0, max(-1.0, above / below))))


def _cut(row: _Row, turn: float) -> _Row | None:
    """Return the part of a parallel that lies on the map after a turn; None when there is none."""
    lat, west, east = row[0], max(-180.0, row[1] + turn), min(180.0, row[2] + turn)
    return (lat, west, east) if west <= east else None


def _rings(rows: list[_Row | None]) -> list[Ring]:
    """Return one ring per unbroken run of parallels."""
    rings, run = [], list[_Row]()
    for row in [*rows, None]:
        if row is not None:
            run.append(row)
            continue
        if len(run) > 1 and max(east - west for _, west, east in run) > 1e-9:
            rings.append(_ring(run))
        run = []
    return rings


def _ring(run: list[_Row]) -> Ring:
    eastern = [(east, lat) for lat, _, east in run]
    western = [(west, lat) for lat, west, _ in reversed(run)]
    points = list(dict.fromkeys([*eastern, *western]))
    return np.array([*points, points[0]], np.float64)
