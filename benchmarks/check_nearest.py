"""Checks the nearest town of 100,000 points against every town, pair by pair, in float64.

    OMP_NUM_THREADS=1 python benchmarks/check_nearest.py      # about two minutes of CPU time

No tree, no grid, no shortcut: 100,000 x 235,000 products of unit vectors. The points include both
poles and both sides of the date line.
"""

import sys
import time

import numpy as np

from geoagent_graph.geo.geocoder import open_geocoder
from geoagent_graph.geo.sphere import coordinates, distance_km, unit_vectors
from geoagent_graph.settings import load_settings

CHUNK = 200


def main() -> None:
    geocoder = open_geocoder(load_settings())
    gazetteer = geocoder.gazetteer
    generator = np.random.default_rng(1)
    lat, lon = coordinates(generator.normal(size=(70_000, 3)))
    near = generator.integers(0, len(gazetteer), 10_000)
    lat = np.concatenate([lat, gazetteer.lat_deg[near] + generator.normal(size=10_000) * 0.01])
    lon = np.concatenate([lon, gazetteer.lon_deg[near]])
    lat = np.concatenate([lat, generator.uniform(-90, 90, 10_000)])
    lon = np.concatenate([lon, 180 - generator.exponential(0.1, 5_000)])
    lon = np.concatenate([lon, generator.exponential(0.1, 5_000) - 180])
    pole = 90 - generator.exponential(0.5, 9_998)
    lat = np.concatenate([lat, pole * generator.choice([-1, 1], 9_998), [90, -90]])
    lon = np.concatenate([lon, generator.uniform(-180, 180, 10_000)])

    start = time.process_time()
    found = geocoder.nearest(lat, lon)[0][:, 0]
    print(
        f"{len(lat):,} points against {len(gazetteer):,} towns: {time.process_time() - start:.2f} s"
    )
    towns = unit_vectors(gazetteer.lat_deg, gazetteer.lon_deg).T.copy()
    points = unit_vectors(lat, lon)
    start = time.process_time()
    best = np.concatenate(
        [(points[row : row + CHUNK] @ towns).argmax(axis=1) for row in range(0, len(lat), CHUNK)]
    )
    print(f"brute force: {time.process_time() - start:.1f} s")
    ours = distance_km(lat, lon, gazetteer.lat_deg[found], gazetteer.lon_deg[found])
    theirs = distance_km(lat, lon, gazetteer.lat_deg[best], gazetteer.lon_deg[best])
    different = found != best
    print(f"another town: {different.sum():,}, all of them as near as the other to 1 mm: ", end="")
    print(bool((np.abs(ours - theirs)[different] < 1e-6).all()))
    farther = int((ours > theirs + 1e-6).sum())
    print(f"wrong: {farther}")
    sys.exit(1 if farther else 0)


if __name__ == "__main__":
    main()
