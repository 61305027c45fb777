"""Speed of batch reverse geocoding, against the reverse_geocoder package; CPU time, one thread.

    OMP_NUM_THREADS=1 python benchmarks/geocoder.py

Correctness first: 5,000 points are compared with all towns in float64, and nothing is timed when
one differs. Two kinds of points: "photos" lie around towns, larger towns having more of them;
"uniform" are spread over the globe, two thirds at sea. The package is asked in its mode 1 (mode 2
starts worker processes); a wrong answer of its is a town that is not the nearest one in its own
table.
"""

import sys
import time
from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.geo.geocoder import OfflineGeocoder, open_geocoder
from geoagent_graph.geo.sphere import EARTH_RADIUS_KM, coordinates, distance_km, unit_vectors
from geoagent_graph.settings import load_settings

POINTS = 200_000
CHECKED = 5_000
REPEATS = 5
Points = tuple[NDArray[np.float64], NDArray[np.float64]]


def uniform_points(generator: np.random.Generator, count: int) -> Points:
    return coordinates(generator.normal(size=(count, 3)))


def photo_points(geocoder: OfflineGeocoder, generator: np.random.Generator, count: int) -> Points:
    """Points around towns: as many as the root of the population, 8 km off on average."""
    gazetteer = geocoder.gazetteer
    weight = np.sqrt(np.maximum(gazetteer.population, 500))
    towns = generator.choice(len(gazetteer), count, p=weight / weight.sum())
    centres = unit_vectors(gazetteer.lat_deg[towns], gazetteer.lon_deg[towns])
    spread = generator.exponential(8.0 / EARTH_RADIUS_KM, size=(count, 1))
    return coordinates(centres + generator.normal(size=(count, 3)) * spread)


def brute_force_km(points: Points, towns: Points) -> NDArray[np.float64]:
    """Distance to the nearest of all towns, every pair compared in float64."""
    here, there = unit_vectors(*points), unit_vectors(*towns).T.copy()
    best = np.concatenate([(part @ there).argmax(axis=1) for part in np.array_split(here, 100)])
    return distance_km(*points, towns[0][best], towns[1][best])


def cpu_rate(work: Callable[[], object], count: int, repeats: int) -> float:
    """Median points per second of CPU time, after one run to warm up."""
    work()
    rates = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        rates.append(count / (time.process_time() - start))
    return float(np.median(rates))


def check(geocoder: OfflineGeocoder, points: Points) -> None:
    towns = geocoder.gazetteer.lat_deg, geocoder.gazetteer.lon_deg
    sample = points[0][:CHECKED], points[1][:CHECKED]
    found_km = geocoder.nearest(*sample)[1][:, 0]
    excess_km = np.abs(found_km - brute_force_km(sample, towns)).max()
    print(
        f"  correct: largest difference to brute force over {CHECKED:,} points {excess_km:.1e} km"
    )
    if excess_km > 1e-6:
        sys.exit("  WRONG: not timed")


def package_rate_and_errors(points: Points) -> tuple[float, float]:
    """Points per second of the reverse_geocoder package, and its share of wrong towns."""
    import reverse_geocoder

    package = reverse_geocoder.RGeocoder(mode=1, verbose=False)
    pairs = list(zip(points[0].tolist(), points[1].tolist(), strict=True))
    rate = cpu_rate(lambda: package.query(pairs), len(pairs), repeats=1)
    table = package.locations
    towns = (
        np.array([float(row["lat"]) for row in table]),
        np.array([float(row["lon"]) for row in table]),
    )
    answers = package.query(pairs[:CHECKED])
    sample = points[0][:CHECKED], points[1][:CHECKED]
    answered_km = distance_km(
        *sample,
        np.array([float(row["lat"]) for row in answers]),
        np.array([float(row["lon"]) for row in answers]),
    )
    return rate, float((answered_km > brute_force_km(sample, towns) + 0.001).mean())


def main() -> None:
    geocoder = open_geocoder(
        load_settings(), lambda share, text: print(f"{share:4.0%} {text}", file=sys.stderr)
    )
    generator = np.random.default_rng(20260)
    kinds = {
        "photos": photo_points(geocoder, generator, POINTS),
        "uniform": uniform_points(generator, POINTS),
    }
    for kind, points in kinds.items():
        print(f"{kind}: {POINTS:,} points, {len(geocoder.gazetteer):,} towns")
        check(geocoder, points)
        rate = cpu_rate(partial(geocoder.reverse_batch, *points), POINTS, REPEATS)
        print(f"  reverse_batch (country, town, distance): {rate:,.0f} points/s of CPU time")
        package_rate, wrong = package_rate_and_errors(points)
        print(f"  reverse_geocoder, mode 1: {package_rate:,.0f} points/s; {wrong:.1%} wrong towns")
        print(f"  ratio: {rate / package_rate:.1f}")


if __name__ == "__main__":
    main()
