"""Checks that a position in a file, and nothing else, is answered with that very point.

    OMP_NUM_THREADS=1 python benchmarks/check_positions.py            # 2,000 places, some minutes
    OMP_NUM_THREADS=1 python benchmarks/check_positions.py --number 200 --seed 7

The places are drawn by seed: around towns of every continent, at points where the country changes
within some kilometres, on coasts and small islands, about the date line and the poles, at sea. Each
goes through the whole graph with its default policy, as a photo that shows nothing. Exit status 1
where a point moved, a country is wrong and no border was said, a town is not the nearest one, the
position lies outside the radius, or an answer says that something speaks against it.
"""

import argparse
import asyncio
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from geoagent_graph import Answer, RunOptions, Toolbox, locate, open_toolbox
from geoagent_graph.geo.geocoder import OfflineGeocoder
from geoagent_graph.geo.position_spread import points_around
from geoagent_graph.geo.sphere import coordinates, distance_km
from geoagent_graph.protocols import FileClaims, GeocodedPoint
from geoagent_graph.testing import FixedExifReader, MemoryImages

KINDS = ("town", "border", "coast", "island", "date line", "pole", "sea", "anywhere")
FAULTS = ("moved", "country", "town", "outside", "against")
MAX_MOVED_KM = 1e-3
BORDER_SEARCH_KM = 15.0
MAX_ISLAND_NEIGHBOURS = 6


@dataclass(frozen=True, slots=True)
class DrawnPlace:
    """A place with the kind of ground it was drawn from."""

    kind: str
    lat_deg: float
    lon_deg: float


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    options.add_argument("--number", type=int, default=2000)
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    tools = replace(open_toolbox(), images=MemoryImages(), text_reader=None)
    places = list(draw_places(_offline(tools), chosen.number, chosen.seed))
    found = asyncio.run(check_places(tools, places))
    print_table(places, found)
    sys.exit(1 if any(found) else 0)


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


async def check_places(tools: Toolbox, places: list[DrawnPlace]) -> list[tuple[str, ...]]:
    """Return the faults of the answer to each place, empty where it is right."""
    return [await check_place(tools, place) for place in places]


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
    first, end = _offline(tools).gazetteer.country_range(code)
    return end - first


def _is_at_home(tools: Toolbox, point: GeocodedPoint) -> bool:
    """Return whether the geocoder's town is of the country; far from all it may be a neighbour."""
    gazetteer = _offline(tools).gazetteer
    first, end = gazetteer.country_range(point.country_code)
    return point.geonames_id in gazetteer.geonames_id[first:end]


def _offline(tools: Toolbox) -> OfflineGeocoder:
    if not isinstance(tools.geocoder, OfflineGeocoder):
        raise SystemExit("the places are drawn from the offline geocoder's tables")
    return tools.geocoder


def print_table(places: list[DrawnPlace], found: list[tuple[str, ...]]) -> None:
    """Print how many places of each kind have which fault, and the faulty places."""
    counts = Counter((p.kind, f) for p, faults in zip(places, found, strict=True) for f in faults)
    print(f"{'faults':12}{'places':>8}" + "".join(f"{fault:>9}" for fault in FAULTS))
    for kind in KINDS:
        number = sum(place.kind == kind for place in places)
        print(f"{kind:12}{number:8}" + "".join(f"{counts[kind, fault]:9}" for fault in FAULTS))
    for place, faults in zip(places, found, strict=True):
        if faults:
            print(f"{place.kind}: {place.lat_deg}, {place.lon_deg}: {', '.join(faults)}")


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


if __name__ == "__main__":
    main()
