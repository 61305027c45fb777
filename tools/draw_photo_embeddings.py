"""Draws SYNTHETIC embeddings of photos in GeoCLIP's space, as accurate as GeoCLIP is published.

    python tools/draw_photo_embeddings.py COORDINATES.csv --wheel geoclip-1.3.0-py3-none-any.whl \
        --out synthetic.npz [--seed 1]

No photo is looked at. COORDINATES has a photo a line (`LAT`, `LON`: IM2GPS3K). Each gets the
location embedding of a point drawn around its truth, at a distance of one of six rings, mixed with
noise of the same length in a random direction; points far from the truth carry weaker signals. How
many photos each ring gets is corrected until the nearest of the 100,000 places of the wheel's
gallery is within 1 / 25 / 200 / 750 / 2500 km of the truth as often as published for GeoCLIP on
IM2GPS3K (arXiv 2602.12617, comparison table; 1 km: arXiv 2309.16020). Needs `geoagent weights pull
geoclip`; nothing of the wheel is imported. OUT holds `lat_deg`, `lon_deg`, `embedding` (half
precision) and `ring`.
"""

import argparse
import csv
import io
import itertools
import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.evidence.prior import prior_over_towns
from geoagent_graph.evidence.towns import TownTable
from geoagent_graph.geo.gazetteer import open_gazetteer
from geoagent_graph.geo.sphere import distance_km
from geoagent_graph.perception.geoclip import FILE_NAME, GeoClip
from geoagent_graph.settings import load_settings

EDGES_KM = (0.0, 1.0, 25.0, 200.0, 750.0, 2500.0, 20100.0)
PUBLISHED = (0.1411, 0.3447, 0.5065, 0.6997, 0.8382)
GALLERY = "geoclip/model/gps_gallery/coordinates_100K.csv"
ROUNDS = 8
MAX_GAP = 0.005
SIGNAL, SIGNAL_BY_RING, SIGNAL_SPREAD = 0.42, 0.03, 0.05
Floats = NDArray[np.float64]
Vectors = NDArray[np.float32]


def read_points(text: str) -> Floats:
    """Return the points of a table with the columns LAT and LON, shape [n, 2]."""
    rows = csv.DictReader(io.StringIO(text))
    return np.array([(float(row["LAT"]), float(row["LON"])) for row in rows])


def embed_points(model: GeoClip, points: Floats) -> Vectors:
    """Return the location embeddings of points, 2,048 at a time."""
    parts = [points[start : start + 2048] for start in range(0, len(points), 2048)]
    return np.concatenate([model.embed_points(part[:, 0], part[:, 1]) for part in parts])


class Rings:
    """Around each truth: a point of every ring, drawn once."""

    def __init__(self, truths: Floats, town_table: TownTable, rng: np.random.Generator) -> None:
        self._towns = np.stack(
            [town_table.gazetteer.lat_deg, town_table.gazetteer.lon_deg], axis=1
        ).astype(np.float64)
        self._prior = prior_over_towns(town_table)
        self._table, self._rng = town_table, rng
        self.points = np.stack([self._around(truth) for truth in truths])

    def _around(self, truth: Floats) -> Floats:
        """Return a point of every ring, shape [6, 2]: the truth, then towns by their prior."""
        away_km = self._table.distances_km(truth[0], truth[1], slice(None))
        found = [truth]
        for low, high in itertools.pairwise(EDGES_KM[1:]):
            towns = np.flatnonzero((away_km >= low) & (away_km < high))
            if not len(towns):
                found.append(found[-1])
                continue
            shares = self._prior[towns] / self._prior[towns].sum()
            found.append(self._towns[self._rng.choice(towns, p=shares)])
        return np.stack(found)


def mix_noise(points: Vectors, ring: NDArray[np.int64], rng: np.random.Generator) -> Vectors:
    """Return unit vectors of which a share that falls with the ring points where they should."""
    noise = rng.standard_normal(points.shape)
    noise /= np.linalg.norm(noise, axis=1, keepdims=True)
    signal = SIGNAL - SIGNAL_BY_RING * ring + SIGNAL_SPREAD * rng.standard_normal(len(ring))
    share = np.clip(signal, 0.15, 0.7)[:, None]
    mixed = share * points + np.sqrt(1.0 - share**2) * noise
    return np.asarray(mixed / np.linalg.norm(mixed, axis=1, keepdims=True), np.float32)


def accuracy(found: Vectors, gallery: Vectors, places: Floats, truths: Floats) -> Floats:
    """Return how often the best place of the gallery is within each published distance."""
    best = np.concatenate(
        [(found[i : i + 256] @ gallery.T).argmax(axis=1) for i in range(0, len(found), 256)]
    )
    away_km = distance_km(truths[:, 0], truths[:, 1], places[best, 0], places[best, 1])
    return np.array([float((away_km <= edge).mean()) for edge in EDGES_KM[1:-1]])


def ring_of_photos(shares: Floats, order: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return a ring per photo, as many of each as its share says, in a fixed random order."""
    ends = np.round(np.cumsum(shares) * len(order)).astype(np.int64)
    ring = np.searchsorted(ends[:-1], np.arange(len(order)), side="right")
    return np.asarray(ring[order], np.int64)


def draw_embeddings(
    truths: Floats, rings: Vectors, gallery: Vectors, places: Floats, seed: int
) -> tuple[Vectors, NDArray[np.int64], Floats]:
    """Return embeddings, their rings and the accuracy that they have.

    `rings` are the embeddings of the points around each truth, shape [n, 6, d].
    """
    wanted = np.diff([0.0, *PUBLISHED, 1.0])
    shares, order = wanted.copy(), np.random.default_rng(seed).permutation(len(truths))
    for _ in range(ROUNDS):
        ring = ring_of_photos(shares, order)
        drawn = rings[np.arange(len(ring)), ring]
        found = mix_noise(drawn, ring, np.random.default_rng(seed))
        reached = accuracy(found, gallery, places, truths)
        print("within 1 / 25 / 200 / 750 / 2500 km:", *(f"{share:.4f}" for share in reached))
        if np.abs(reached - PUBLISHED).max() <= MAX_GAP:
            break
        shares = np.clip(shares + wanted - np.diff([0.0, *reached, 1.0]), 0.0, 1.0)
        shares /= shares.sum()
    return found, ring, reached


def main() -> None:
    """Draw and write."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("coordinates", type=Path)
    parser.add_argument("--wheel", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    settings = load_settings()
    model = GeoClip(settings.weights_dir / "geoclip" / FILE_NAME)
    with zipfile.ZipFile(given.wheel) as archive:
        places = read_points(archive.read(GALLERY).decode())
    truths = read_points(given.coordinates.read_text(encoding="utf-8"))
    town_table = TownTable.of(open_gazetteer(settings))
    points = Rings(truths, town_table, np.random.default_rng(given.seed)).points
    rings = embed_points(model, points.reshape(-1, 2)).reshape(*points.shape[:2], -1)
    gallery = embed_points(model, places)
    found, ring, _ = draw_embeddings(truths, rings, gallery, places, given.seed)
    np.savez(
        given.out, lat_deg=truths[:, 0], lon_deg=truths[:, 1], embedding=found.astype(np.float16),
        ring=ring,
    )  # fmt: skip


if __name__ == "__main__":
    main()
