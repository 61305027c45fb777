"""Fits what a model that sees is worth, on located photos or on drawn embeddings.

    python tools/fit_visual.py METADATA.jsonl --out visual.json      # your photos, with GeoCLIP
    python tools/fit_visual.py synthetic.npz --out visual.json       # of draw_photo_embeddings.py
    GEOAGENT_VISUAL_WEIGHTS=visual.json geoagent locate photo.jpg

METADATA has one JSON object a line with `file`, `lat` and `lon`; the photos are looked at once,
with the model that `locate` would use. Half of the places (cells of 0.1 degrees) fit the two
temperatures and the shares of the mixture (`evidence.photo_look`), by the mean of log P(continent)
+ log P(country) + log P(within 25 km); the other half says what that is worth. Nothing is written
where the held-back half does not gain over the prior, or there are fewer than 40 photos.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.evidence.photo_look import look_ratios
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
CITY_TEMPERATURES = (0.6, 0.7, 0.85, 1.0, 1.2, 1.5, 2.0, 3.0)
COUNTRY_TEMPERATURES = (1.0, 1.6, 2.5)
LEVELS = ("continent", "country", "within 25 km")
ROUNDS = 300
SHARES = ("region_share", "country_share", "continent_share", "uninformative")
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


class Fit:
    """What the parts of the mixture say of the truths of a set of photos, at any temperatures."""

    def __init__(self, photos: LocatedEmbeddings, scores_of: ScoresOf, towns: TownTable) -> None:
        self._towns, self._scores_of, self._photos = towns, scores_of, photos
        self._prior = prior_over_towns(towns)
        self._near = [self._towns_near(row) for row in range(len(photos.lat_deg))]

    def _towns_near(self, row: int) -> NDArray[np.int64]:
        """Return the towns within 25 km of a truth, the nearest first; at least one."""
        lat_deg, lon_deg = float(self._photos.lat_deg[row]), float(self._photos.lon_deg[row])
        for radius_km in (CITY_KM, 200.0, 2000.0, 20100.0):
            near, away_km = self._towns.near(lat_deg, lon_deg, radius_km)
            if len(near):
                ranked = near[np.argsort(away_km)]
                return ranked if radius_km == CITY_KM else ranked[:1]
        raise AssertionError("no towns")

    def parts(self, temperatures: Sequence[tuple[float, float]]) -> Floats:
        """Return P(level of the truth) by each part alone, [temperatures, photos, levels, 5].

        `temperatures` are pairs of a city's and a country's.
        """
        found = np.empty((len(temperatures), len(self._near), len(LEVELS), 5))
        for start in range(0, len(self._near), BATCH_PHOTOS):
            batch = self._photos.embedding[start : start + BATCH_PHOTOS]
            for row, scores in enumerate(self._scores_of(batch), start=start):
                levels = self._levels_of(self._near[row])
                for number, (city, country) in enumerate(temperatures):
                    found[number, row] = self._parts_of(scores, levels, city, country)
        return found

    def _levels_of(self, near: NDArray[np.int64]) -> list[NDArray[np.int64]]:
        """Return the towns of the true continent and country, and those near the truth."""
        towns = self._towns
        continent = np.flatnonzero(towns.continent_numbers == towns.continent_numbers[near[0]])
        of_country = towns.towns_of(int(towns.country[near[0]]))
        return [continent, np.arange(of_country.start, of_country.stop), near]

    def _parts_of(
        self, scores: NDArray[np.float32], levels: list[NDArray[np.int64]],
        city: float, country: float,
    ) -> Floats:  # fmt: skip
        found = np.empty((len(LEVELS), 5))
        for part, (groups, ratio) in enumerate(look_ratios(scores, self._towns, city, country)):
            for level, rows in enumerate(levels):
                values = ratio[rows] if groups is None else ratio[groups[rows]]
                found[level, part] = self._prior[rows] @ values
        return found


def fit_shares(parts: Floats) -> Floats:
    """Return the shares of the parts that make the truths likeliest, and are at least the floor.

    The shares of a mixture by expectation and maximisation; every level of every photo counts.
    """
    terms = np.maximum(parts.reshape(-1, parts.shape[-1]), 1e-300)
    shares = np.full(terms.shape[1], 1.0 / terms.shape[1])
    for _ in range(ROUNDS):
        shares = (terms * shares / (terms @ shares)[:, None]).mean(axis=0)
        if shares[-1] < MIN_UNINFORMATIVE:
            shares[:-1] *= (1.0 - MIN_UNINFORMATIVE) / shares[:-1].sum()
            shares[-1] = MIN_UNINFORMATIVE
    return shares


def fit_weights(fit: Fit, how: str) -> VisualWeights:
    """Return the weights under which the photos are likeliest."""
    pairs = [(city, country) for city in CITY_TEMPERATURES for country in COUNTRY_TEMPERATURES]
    best: tuple[float, tuple[float, float], Floats] | None = None
    for pair, parts in zip(pairs, fit.parts(pairs), strict=True):
        shares = fit_shares(parts)
        value = float(np.log(parts @ shares).mean())
        if best is None or value > best[0]:
            best = value, pair, shares
    assert best is not None
    _, (city, country), shares = best
    named = dict(zip(SHARES, (round(float(share), 4) for share in shares[1:]), strict=True))
    return VisualWeights(how=how, city_temperature=city, country_temperature=country, **named)


def split_places(photos: LocatedEmbeddings) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the photos to fit on and those held back, no cell of 0.1 degrees on both sides."""
    cells = np.stack([np.floor(photos.lat_deg * 10), np.floor(photos.lon_deg * 10)], axis=1)
    _, number = np.unique(cells, axis=0, return_inverse=True)
    side = np.random.default_rng(0).permutation(int(number.max()) + 1) % 2
    return np.flatnonzero(side[number] == 0), np.flatnonzero(side[number] == 1)


def gain_of(fit: Fit, weights: VisualWeights) -> list[tuple[str, float, float, float]]:
    """Return (level, mean gain over the prior in nats, low, high: 95 %) by photos drawn anew."""
    (parts,) = fit.parts([(weights.city_temperature, weights.country_temperature)])
    gain = np.log(parts @ weights.shares) - np.log(parts[:, :, -1])  # the last part is the prior
    draws = np.random.default_rng(0).integers(0, len(gain), (DRAWS, len(gain)))
    low, high = np.quantile(gain[draws].mean(axis=1), [0.025, 0.975], axis=0)
    return [
        (level, float(gain[:, number].mean()), float(low[number]), float(high[number]))
        for number, level in enumerate(LEVELS)
    ]


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
        f"{weights.city_temperature}; tells towns, regions, countries, continents, nothing: "
        f"{', '.join(f'{share:.3f}' for share in weights.shares)}"
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
