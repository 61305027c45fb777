"""Draws places by seed: around towns, at borders, on coasts and islands, at sea, at the poles."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from geoagent_graph.geo.geocoder import OfflineGeocoder
from geoagent_graph.geo.position_spread import points_around
from geoagent_graph.geo.sphere import coordinates

KINDS = ("town", "border", "coast", "island", "date line", "pole", "sea", "anywhere")
BORDER_SEARCH_KM = 15.0
MAX_ISLAND_NEIGHBOURS = 6


@dataclass(frozen=True, slots=True)
class DrawnPlace:
    """A place with the kind of ground it was drawn from."""

    kind: str
    lat_deg: float
    lon_deg: float


def draw_places(geocoder: OfflineGeocoder, number: int, seed: int) -> Iterator[DrawnPlace]:
    """Return places, the kinds in turn; each seed gives its own."""
    generator = np.random.default_rng(seed)
    draw = {
        "town": lambda: _near_town(geocoder, generator),
        "border": lambda: _near_border(geocoder, generator),
        "coast": lambda: _near_coast(geocoder, generator),
        "island": lambda: _on_island(geocoder, generator),
        "date line": lambda: _about_date_line(generator),
        "pole": lambda: _about_pole(generator),
        "sea": lambda: _at_sea(geocoder, generator),
        "anywhere": lambda: _anywhere(generator),
    }
    for index in range(number):
        kind = KINDS[index % len(KINDS)]
        lat_deg, lon_deg = draw[kind]()
        yield DrawnPlace(kind, round(lat_deg, 6), round(lon_deg, 6))


def _near_town(geocoder: OfflineGeocoder, generator: np.random.Generator) -> tuple[float, float]:
    """Return a point some kilometres from a town; every country as often as every other."""
    gazetteer = geocoder.gazetteer
    code = gazetteer.countries[int(generator.integers(len(gazetteer.countries)))].code
    first, end = gazetteer.country_range(code)
    if first == end:
        return _near_town(geocoder, generator)
    row = int(generator.integers(first, end))
    return _step_from(float(gazetteer.lat_deg[row]), float(gazetteer.lon_deg[row]), 2.0, generator)


def _step_from(
    lat_deg: float, lon_deg: float, scale_km: float, generator: np.random.Generator
) -> tuple[float, float]:
    away_km, bearing = generator.exponential(scale_km), generator.uniform(0.0, 2.0 * np.pi)
    return points_around(lat_deg, lon_deg, [away_km], [bearing])[0]


def _near_border(geocoder: OfflineGeocoder, generator: np.random.Generator) -> tuple[float, float]:
    """Return a point with another country within some kilometres."""
    while True:
        here = _near_town(geocoder, generator)
        there = _step_from(*here, BORDER_SEARCH_KM, generator)
        if geocoder.reverse(*here).country_code != geocoder.reverse(*there).country_code:
            return here if generator.random() < 0.5 else there


def _near_coast(geocoder: OfflineGeocoder, generator: np.random.Generator) -> tuple[float, float]:
    while True:
        point = _step_from(*_near_town(geocoder, generator), 10.0, generator)
        if geocoder.reverse(*point).country_source == "nearest_coast":
            return point


def _on_island(geocoder: OfflineGeocoder, generator: np.random.Generator) -> tuple[float, float]:
    """Return a point about a town that has hardly a neighbour within 100 km."""
    while True:
        point = _near_town(geocoder, generator)
        _, away_km = geocoder.nearest([point[0]], [point[1]], k=MAX_ISLAND_NEIGHBOURS + 1)
        if float(away_km[0, -1]) > 100.0:
            return point


def _about_date_line(generator: np.random.Generator) -> tuple[float, float]:
    east = generator.exponential(1.0) * generator.choice([-1.0, 1.0])
    return float(generator.uniform(-80.0, 80.0)), float((east + 360.0) % 360.0 - 180.0)


def _about_pole(generator: np.random.Generator) -> tuple[float, float]:
    lat_deg = (90.0 - min(generator.exponential(3.0), 20.0)) * generator.choice([-1.0, 1.0])
    return float(lat_deg), float(generator.uniform(-180.0, 179.9))


def _at_sea(geocoder: OfflineGeocoder, generator: np.random.Generator) -> tuple[float, float]:
    while True:
        point = _anywhere(generator)
        if geocoder.reverse(*point).country_source == "nearest_town":
            return point


def _anywhere(generator: np.random.Generator) -> tuple[float, float]:
    lat, lon = coordinates(generator.normal(size=(1, 3)))
    return float(lat[0]), float(lon[0])
