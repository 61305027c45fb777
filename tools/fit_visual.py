"""Fits what a model that sees is worth, on located photos or on drawn embeddings.

    python tools/fit_visual.py METADATA.jsonl --out visual.json      # your photos, with GeoCLIP
    python tools/fit_visual.py synthetic.npz --out visual.json       # of draw_photo_embeddings.py
    GEOAGENT_VISUAL_WEIGHTS=visual.json geoagent locate photo.jpg

METADATA has one JSON object a line with `file`, `lat` and `lon`; the photos are looked at once,
with the model that `locate` would use. Half of the places (cells of 0.1 degrees) fit the two
temperatures and the share of photos whose look says nothing (`evidence.photo_look`), by the mean of
log P(country) + log P(within 25 km); the other half says what that is worth. Nothing is written
where the held-back half does not gain over the prior, or there are fewer than 40 photos.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.evidence.prior import prior_over_towns
from geoagent_graph.evidence.towns import Floats, TownTable
from geoagent_graph.evidence.visual_weights import (
    MIN_UNINFORMATIVE,
    VisualWeights,
    visual_file_text,
)
from geoagent_graph.protocols import PhotoPlaces

CITY_KM = 25.0
MIN_PHOTOS = 40
CITY_TEMPERATURES = (0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.15, 1.3, 1.5, 1.8, 2.2, 3.0)
COUNTRY_TEMPERATURES = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.15, 1.3, 1.5, 1.8, 2.2, 3.0, 4.0, 6.0)
UNINFORMATIVE = (MIN_UNINFORMATIVE, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.13, 0.16, 0.2, 0.3, 0.5)
DRAWS = 2000
BATCH_PHOTOS = 16
ScoresOf = Callable[[NDArray[np.float32]], NDArray[np.float32]]
"""Embeddings, [n, d], to the model's own score of every town, [n, towns]."""


@dataclass(frozen=True, eq=False)
class LocatedEmbeddings:
    """Embeddings of photos, [n, d], and where they were taken, in degrees."""

    lat_deg: Floats
    lon_deg: Floats
    embedding: NDArray[np.float32]

    def part(self, rows: NDArray[np.int64]) -> "LocatedEmbeddings":
        """Return some of them."""
        return LocatedEmbeddings(self.lat_deg[rows], self.lon_deg[rows], self.embedding[rows])


@dataclass(frozen=True, eq=False)
class Sums:
    """Of one photo at one city temperature: log sums of exp(s / T) over what is asked about.

    `of_country` is the mean over each country by the prior inside it; `near` of the towns within
    25 km of the truth, by country, as (country, sum of prior * exp(s / T - l(country))).
    """

    of_country: Floats
    near: tuple[tuple[int, float], ...]


class Fit:
    """The log-likelihoods of a set of photos under any weights, quick once the sums are made."""

    def __init__(self, photos: LocatedEmbeddings, scores_of: ScoresOf, towns: TownTable) -> None:
        self._towns, self._scores_of, self._photos = towns, scores_of, photos
        self._prior = prior_over_towns(towns)
        self._mass = np.bincount(towns.country, self._prior, len(towns.codes))
        self._near = [self._towns_near(row) for row in range(len(photos.lat_deg))]
        self.country = np.array([towns.country[near[0]] for near in self._near])

    def _towns_near(self, row: int) -> NDArray[np.int64]:
        """Return the towns within 25 km of a truth, the nearest first; at least one."""
        lat_deg, lon_deg = float(self._photos.lat_deg[row]), float(self._photos.lon_deg[row])
        for radius_km in (CITY_KM, 200.0, 2000.0, 20100.0):
            near, away_km = self._towns.near(lat_deg, lon_deg, radius_km)
            if len(near):
                ranked = near[np.argsort(away_km)]
                return ranked if radius_km == CITY_KM else ranked[:1]
        raise AssertionError("no towns")

    def sums(self, temperatures: Sequence[float]) -> Iterator[list[Sums]]:
        """Yield the sums of every photo, one list a photo, an entry per city temperature."""
        for start in range(0, len(self._near), BATCH_PHOTOS):
            batch = self._photos.embedding[start : start + BATCH_PHOTOS]
            for row, found in enumerate(self._scores_of(batch), start=start):
                scores, near = found.astype(np.float64), self._near[row]
                yield [self._sums_at(scores, near, temperature) for temperature in temperatures]

    def _sums_at(self, scores: Floats, near: NDArray[np.int64], temperature: float) -> Sums:
        logs = scores / temperature
        logs -= logs.max()
        weighted = self._prior * np.exp(logs)
        total = np.bincount(self._towns.country, weighted, len(self._mass))
        known = (self._mass > 0) & (total > 0)
        of_country = np.log(np.where(known, total, 1.0) / np.where(known, self._mass, 1.0))
        numbers = self._towns.country[near]
        found = tuple(
            (int(c), float(weighted[near[numbers == c]].sum() / np.exp(of_country[c])))
            for c in np.unique(numbers)
        )
        return Sums(of_country, found)

    def logs(
        self, sums: Sequence[Sums], temperature: float, uninformative: float
    ) -> tuple[Floats, Floats]:
        """Return log P(country) and log P(within 25 km) of every photo."""
        of_country = np.stack([one.of_country for one in sums]) / temperature
        ratio = np.exp(of_country - of_country.max(axis=1, keepdims=True))
        ratio /= ratio @ self._mass[:, None]
        rows = np.arange(len(sums))
        shares = (1.0 - uninformative) * ratio[rows, self.country] + uninformative
        inside = [
            (1.0 - uninformative) * sum(ratio[row, c] * value for c, value in one.near)
            + uninformative * float(self._prior[self._near[row]].sum())
            for row, one in enumerate(sums)
        ]
        return np.log(shares * self._mass[self.country]), np.log(np.array(inside))

    def prior_logs(self) -> tuple[Floats, Floats]:
        """Return the same before anything was seen."""
        inside = np.array([float(self._prior[near].sum()) for near in self._near])
        return np.log(self._mass[self.country]), np.log(inside)


def fit_weights(fit: Fit, how: str) -> VisualWeights:
    """Return the weights under which the photos are likeliest."""
    by_photo = list(fit.sums(CITY_TEMPERATURES))
    best, found = -np.inf, (1.0, 1.0, 0.1)
    for number, city in enumerate(CITY_TEMPERATURES):
        sums = [photo[number] for photo in by_photo]
        for country in COUNTRY_TEMPERATURES:
            for uninformative in UNINFORMATIVE:
                country_log, near_log = fit.logs(sums, country, uninformative)
                value = float(country_log.mean() + near_log.mean())
                if value > best:
                    best, found = value, (country, city, uninformative)
    return VisualWeights(
        how=how, country_temperature=found[0], city_temperature=found[1], uninformative=found[2]
    )


def split_places(photos: LocatedEmbeddings) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the photos to fit on and those held back, no cell of 0.1 degrees on both sides."""
    cells = np.stack([np.floor(photos.lat_deg * 10), np.floor(photos.lon_deg * 10)], axis=1)
    _, number = np.unique(cells, axis=0, return_inverse=True)
    side = np.random.default_rng(0).permutation(int(number.max()) + 1) % 2
    return np.flatnonzero(side[number] == 0), np.flatnonzero(side[number] == 1)


def gain_of(fit: Fit, weights: VisualWeights) -> list[tuple[str, float, float, float]]:
    """Return (what, mean gain over the prior in nats, low, high: 95 %) by photos drawn anew."""
    sums = [photo[0] for photo in fit.sums([weights.city_temperature])]
    logs = fit.logs(sums, weights.country_temperature, weights.uninformative)
    rows = []
    for what, found, prior in zip(("country", "within 25 km"), logs, fit.prior_logs(), strict=True):
        gain = found - prior
        draws = np.random.default_rng(0).integers(0, len(gain), (DRAWS, len(gain)))
        low, high = np.quantile(gain[draws].mean(axis=1), [0.025, 0.975])
        rows.append((what, float(gain.mean()), float(low), float(high)))
    return rows


def look_at_photos(metadata: Path, places: PhotoPlaces) -> LocatedEmbeddings:
    """Return the embeddings of the photos of a manifest; one that cannot be read is named."""
    from geoagent_graph.errors import PhotoError
    from geoagent_graph.images.decode import decode_photo
    from geoagent_graph.images.store import shrink
    from geoagent_graph.protocols import RETRIEVER_MAX_SIDE_PX
    from geoagent_graph.settings import load_settings

    settings, found = load_settings(), []
    for row in _rows_of(metadata):
        path = metadata.parent / row["file"]
        try:
            photo = decode_photo(path.read_bytes(), path.name, settings, settings.ocr_max_side)
        except (OSError, PhotoError) as error:
            print(f"skipped {path}: {error}", file=sys.stderr)
            continue
        pixels = shrink(photo.pixels, RETRIEVER_MAX_SIDE_PX)
        found.append((float(row["lat"]), float(row["lon"]), places.embed(pixels)))
    lat_deg, lon_deg, vectors = zip(*found, strict=True) if found else ((), (), ())
    return LocatedEmbeddings(np.array(lat_deg), np.array(lon_deg), np.array(vectors, np.float32))


def _rows_of(metadata: Path) -> Iterable[dict[str, str]]:
    for line in metadata.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if all(row.get(name) is not None for name in ("file", "lat", "lon")):
            yield row


def read_drawn(path: Path) -> LocatedEmbeddings:
    """Return what `draw_photo_embeddings.py` wrote."""
    with np.load(path, allow_pickle=False) as stored:
        vectors = stored["embedding"].astype(np.float32)
        return LocatedEmbeddings(stored["lat_deg"], stored["lon_deg"], vectors)


def open_places(*, is_drawn: bool) -> tuple[PhotoPlaces, ScoresOf, TownTable]:
    """Return the model that sees (drawn embeddings need its table alone), its scores and the towns.

    Raises:
        InputError: its weights, or what runs them, are not on this machine.
    """
    from geoagent_graph.evidence.geoclip_places import GeoClipPlaces
    from geoagent_graph.evidence.geoclip_table import open_town_embeddings
    from geoagent_graph.geo.gazetteer import open_gazetteer
    from geoagent_graph.perception.open_encoder import open_named_encoder
    from geoagent_graph.settings import load_settings
    from geoagent_graph.testing import MeanColourEncoder

    settings = load_settings()
    gazetteer = open_gazetteer(settings)
    encoder = MeanColourEncoder() if is_drawn else open_named_encoder("geoclip", settings)
    table = open_town_embeddings(gazetteer, settings)
    scale = np.float32(table.scale)
    return (
        GeoClipPlaces(encoder, table),
        lambda vectors: table.cosines(vectors) * scale,
        TownTable.of(gazetteer),
    )


def fit_photos(
    photos: LocatedEmbeddings, scores_of: ScoresOf, towns: TownTable, how: str
) -> tuple[VisualWeights, list[tuple[str, float, float, float]]]:
    """Return weights fitted on half of the places, and what they gain on the other half."""
    fitting, held_back = split_places(photos)
    weights = fit_weights(Fit(photos.part(fitting), scores_of, towns), how)
    return weights, gain_of(Fit(photos.part(held_back), scores_of, towns), weights)


def main() -> int:
    """Fit, print, and write."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("photos", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--most", type=int, default=2000, help="photos that are looked at")
    given = parser.parse_args()
    is_drawn = given.photos.suffix == ".npz"
    places, scores_of, towns = open_places(is_drawn=is_drawn)
    photos = read_drawn(given.photos) if is_drawn else look_at_photos(given.photos, places)
    rows = np.random.default_rng(0).permutation(len(photos.lat_deg))[: given.most]
    if len(rows) < MIN_PHOTOS:
        print(f"{given.photos}: {len(rows)} photos; at least {MIN_PHOTOS} are needed")
        return 1
    kind = "SYNTHETIC embeddings" if is_drawn else "photos"
    how = f"fitted on half the places of {len(rows)} {kind} of {given.photos.name}"
    weights, gains = fit_photos(photos.part(rows), scores_of, towns, how)
    print(
        f"country temperature {weights.country_temperature}, city temperature "
        f"{weights.city_temperature}, says nothing {weights.uninformative}"
    )
    for what, mean, low, high in gains:
        print(f"held back, {what}: {mean:+.3f} nats a photo ({low:+.3f} to {high:+.3f})")
    if min(low for _, _, low, _ in gains) <= 0.0:
        print("nothing is written: what the model sees does not help these photos")
        return 1
    given.out.write_text(visual_file_text(weights, places.places_id), encoding="utf-8")
    print(f"wrote {given.out}: GEOAGENT_VISUAL_WEIGHTS={given.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
