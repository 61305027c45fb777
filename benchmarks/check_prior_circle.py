"""Says which photos lie in the circle that an answer without any clue gives, by continent.

    python -m benchmarks.check_prior_circle COORDINATES.csv

COORDINATES has a photo a line (`LAT`, `LON`). All photos without clues get one circle, so its
coverage of a continent is the share of the continent's photos inside. 20,000 circles around points
spread evenly over the Earth are searched for one that holds 85 to 97 % of every continent: how far
the largest of the radii that hold 85 % lies above the smallest of those that hold 97 %, and in how
many continents the best circle that holds 85 % of all keeps to 97 %.
"""

import argparse
import csv
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from geoagent_evaluation.metrics.calibration import calibration_error, equal_width_bins

from geoagent_graph.evidence.evidence_model import BayesEvidence
from geoagent_graph.evidence.towns import Floats
from geoagent_graph.geo.gazetteer import open_gazetteer
from geoagent_graph.geo.geocoder import open_geocoder
from geoagent_graph.geo.sphere import chord_to_km, distance_km, unit_vectors
from geoagent_graph.settings import load_settings

CIRCLES = 20_000
LEAST, MOST = 0.85, 0.97
_BATCH = 1000


@dataclass(frozen=True, slots=True)
class PlacedPhotos:
    """Where photos were taken: points in degrees, and the country of each."""

    points: Floats  # [photos, 2], latitude first
    countries: tuple[str, ...]
    by_continent: dict[str, Floats]  # points


def read_photos(coordinates: Path) -> PlacedPhotos:
    """Return the photos of a table; those in no country are left out."""
    geocoder = open_geocoder(load_settings())
    rows = csv.DictReader(coordinates.read_text(encoding="utf-8").splitlines())
    points, countries = [], []
    grouped = defaultdict(list)
    for row in rows:
        point = (float(row["LAT"]), float(row["LON"]))
        place = geocoder.reverse(*point)
        if place.country_code:
            points.append(point)
            countries.append(place.country_code)
            grouped[place.continent_code].append(point)
    by_continent = {code: np.array(grouped[code]) for code in sorted(grouped)}
    return PlacedPhotos(np.array(points), tuple(countries), by_continent)


def prior_rows(photos: PlacedPhotos, model: BayesEvidence) -> Iterable[str]:
    """Yield what the answer without clues is worth for the photos, in lines of Markdown."""
    point = model.unobserved.point
    code, share = next(iter(point.countries.items()))
    right = np.array([country == code for country in photos.countries])
    stated = np.full(len(right), share)
    error = calibration_error(stated, right, equal_width_bins(stated))
    yield (
        f"The point is {point.lat_deg:.1f}, {point.lon_deg:.1f}, the radius {point.radius_km:.0f} "
        f"km, the likeliest country {code} with {share:.3f}: right for {right.mean():.3f} of "
        f"{len(right)} photos, ECE {error:.3f}."
    )
    yield from ("", "| continent | photos | in the circle |", "|---|---|---|")
    for continent, points in photos.by_continent.items():
        away_km = distance_km(point.lat_deg, point.lon_deg, points[:, 0], points[:, 1])
        inside = float((away_km <= point.radius_km).mean())
        yield f"| {continent} | {len(points)} | {inside:.1%} |"


def any_circle_row(photos: PlacedPhotos) -> str:
    """Return what the best of many circles could do, in a sentence."""
    gap_km, kept = np.inf, 0
    groups = [unit_vectors(p[:, 0], p[:, 1]) for p in photos.by_continent.values()]
    for first in range(0, CIRCLES, _BATCH):
        centres = spread_points(np.arange(first, first + _BATCH))
        radii = [radii_km(centres, group) for group in groups]
        needed = np.max([_radius_that_holds(radius, LEAST) for radius in radii], axis=0)
        allowed = np.array([_radius_that_holds(radius, MOST) for radius in radii])
        gap_km = min(gap_km, float((needed - allowed.min(axis=0)).min()))
        kept = max(kept, int((allowed >= needed).sum(axis=0).max()))
    return (
        f"Of {CIRCLES} circles all over the Earth the best has to be {gap_km:.0f} km smaller for "
        f"one continent than for another to hold {LEAST:.0%} to {MOST:.0%} of each; one that "
        f"holds {LEAST:.0%} of all keeps to {MOST:.0%} in {kept} of {len(groups)} at most."
    )


def spread_points(numbers: Floats | np.ndarray) -> Floats:
    """Return unit vectors of points spread evenly over a sphere (a Fibonacci lattice)."""
    height = 1.0 - 2.0 * (numbers + 0.5) / CIRCLES
    angle = (numbers + 0.5) * np.pi * (3.0 - np.sqrt(5.0))
    ring = np.sqrt(1.0 - height**2)
    return np.stack([ring * np.cos(angle), ring * np.sin(angle), height], axis=1)


def radii_km(centres: Floats, photos: Floats) -> Floats:
    """Return the sorted distances of photos from each centre, shape [centres, photos]."""
    chords = np.sqrt(np.maximum(0.0, 2.0 - 2.0 * centres @ photos.T))
    return np.sort(chord_to_km(chords), axis=1)


def _radius_that_holds(radii: Floats, share: float) -> Floats:
    """Return the smallest radius with so many photos inside, or for `MOST` the largest without."""
    count = radii.shape[1]
    held = int(np.ceil(share * count)) - 1 if share == LEAST else int(np.floor(share * count))
    return np.asarray(radii[:, min(held, count - 1)])


def main() -> None:
    """Print the lines."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("coordinates", type=Path)
    arguments = parser.parse_args()
    photos = read_photos(arguments.coordinates)
    print(*prior_rows(photos, BayesEvidence(open_gazetteer(load_settings()))), sep="\n")
    print(f"\n{any_circle_row(photos)}")


if __name__ == "__main__":
    main()
