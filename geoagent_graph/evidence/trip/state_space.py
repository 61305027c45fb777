"""The places of a trip: all towns of the world, merged to so few that every pair can be weighed.

Towns that are likely for one of the photos stand for themselves. The others are merged into cells
of one country, small near the likeliest towns and large far from them. Nothing is left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geoagent_graph.evidence.towns import Floats, Indices, TownTable
from geoagent_graph.geo.sphere import chord_to_km, coordinates

_MAX_TOWNS_PER_TRIP = 600
_LIKELY_MASS = 0.99  # of a photo's probability
_MIN_HEAVY_MASS = 0.05
_MAX_HEAVY_TOWNS = 12
_CELLS = ((75.0, 0.2), (400.0, 1.0), (np.inf, 8.0))  # within km of a heavy town: degrees


@dataclass(frozen=True, slots=True, eq=False)
class TripPlaces:
    """Places as arrays over [places], except `place_of`, the place of every town, over [towns].

    `spread_km` is how far the towns of a place lie from its middle, root mean square by the prior.
    """

    place_of: Indices
    vectors: Floats
    lon_deg: Floats
    country: Indices
    prior: Floats
    spread_km: Floats

    def sum_by_place(self, probability: Floats) -> Floats:
        """Return the probability of every place, from that of every town."""
        return np.bincount(self.place_of, probability, len(self.prior)).astype(np.float64)


def trip_places(town_table: TownTable, prior: Floats, photos: Sequence[Floats]) -> TripPlaces:
    """Return the places for photos, given the probability of every town for each."""
    key = _cell_keys(town_table, _heavy_towns(photos))
    alone = _likely_towns(photos)
    key[alone] = -1 - np.arange(len(alone))
    _, place_of = np.unique(key, return_inverse=True)
    number = int(place_of.max()) + 1
    mass = np.bincount(place_of, prior, number)
    sums = np.stack(
        [np.bincount(place_of, prior * town_table.vectors[:, axis], number) for axis in range(3)],
        axis=1,
    )
    vectors: Floats = sums / np.linalg.norm(sums, axis=1, keepdims=True)
    chords = np.linalg.norm(town_table.vectors - vectors[place_of], axis=1)
    square = np.bincount(place_of, prior * chord_to_km(chords) ** 2, number) / mass
    country = np.zeros(number, dtype=np.int64)
    country[place_of] = town_table.country
    return TripPlaces(
        place_of=place_of,
        vectors=vectors,
        lon_deg=coordinates(vectors)[1],
        country=country,
        prior=mass / mass.sum(),
        spread_km=np.sqrt(square),
    )


def _likely_towns(photos: Sequence[Floats]) -> Indices:
    """Return the towns that stand for themselves, as many per photo as there is room for."""
    most = max(20, _MAX_TOWNS_PER_TRIP // len(photos))
    found = []
    for probability in photos:
        order = np.argsort(-probability, kind="stable")[:most]
        enough = int(np.searchsorted(np.cumsum(probability[order]), _LIKELY_MASS)) + 1
        found.append(order[:enough])
    return np.unique(np.concatenate(found)).astype(np.int64)


def _heavy_towns(photos: Sequence[Floats]) -> Indices:
    highest = np.max(np.stack([np.asarray(photo) for photo in photos]), axis=0)
    order = np.argsort(-highest, kind="stable")[:_MAX_HEAVY_TOWNS]
    return np.asarray(order[highest[order] >= _MIN_HEAVY_MASS], dtype=np.int64)


def _cell_keys(town_table: TownTable, heavy: Indices) -> Indices:
    """Return a number for the cell of every town; no two countries share a cell."""
    chord = np.full(len(town_table), 2.0)
    for town in heavy.tolist():
        chord = np.minimum(
            chord, np.linalg.norm(town_table.vectors - town_table.vectors[town], axis=1)
        )
    away_km = chord_to_km(chord)
    lat, lon = np.asarray(town_table.gazetteer.lat_deg), np.asarray(town_table.gazetteer.lon_deg)
    key = np.zeros(len(town_table), dtype=np.int64)
    done = np.zeros(len(town_table), dtype=bool)
    for ring, (within_km, degrees) in enumerate(_CELLS):
        here = ~done & (away_km <= within_km)
        rows = np.floor((lat[here] + 90.0) / degrees).astype(np.int64)
        columns = np.floor((lon[here] + 180.0) / degrees).astype(np.int64)
        cell = (rows * 2000 + columns) * len(_CELLS) + ring
        key[here] = cell * len(town_table.codes) + town_table.country[here]
        done |= here
    return key
