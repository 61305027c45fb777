"""Geocells: the classes that an index's own photos are told apart by.

A country of which there are photos of enough places is a cell; the rest of the world is cut into
boxes until each holds photos of about so many places (cf. Weyand, Kostrikov and Philbin, PlaNet:
Photo Geolocation with Convolutional Neural Networks, 2016).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.protocols import Geocell

MIN_PLACES_PER_CELL: Final = 10
MAX_CELLS: Final = 400
_WORLD: Final = (-90.0, -180.0, 90.0, 180.0)


@dataclass(frozen=True, slots=True, eq=False)
class LocatedPhotos:
    """Where photos were taken: `place` numbers what shows the same place; arrays of [photos]."""

    lat_deg: NDArray[np.float64]
    lon_deg: NDArray[np.float64]
    country: NDArray[np.str_]
    place: NDArray[np.int64]


def cut_cells(photos: LocatedPhotos) -> tuple[list[Geocell], NDArray[np.int64]]:
    """Return the cells and the number of the cell of each photo.

    They cover the world, or the countries that are cells where all photos are from those.
    """
    cell_of = np.full(len(photos.place), -1, dtype=np.int64)
    cells: list[Geocell] = []
    for code in _countries(photos):
        cell_of[photos.country == code] = len(cells)
        cells.append(Geocell(country_code=code))
    rest = np.flatnonzero(cell_of < 0)
    waiting = [(rest, _WORLD)] if len(rest) else []
    while waiting:
        rows, box = waiting.pop()
        halves = _halves(photos, rows, box) if len(cells) + len(waiting) < MAX_CELLS else None
        if halves is not None:
            waiting += halves
        else:
            cell_of[rows] = len(cells)
            cells.append(Geocell(box=box))
    return cells, cell_of


def _countries(photos: LocatedPhotos) -> list[str]:
    codes = [code for code in np.unique(photos.country).tolist() if code]
    places = {code: len(np.unique(photos.place[photos.country == code])) for code in codes}
    enough = [code for code in codes if places[code] >= MIN_PLACES_PER_CELL]
    return sorted(enough, key=lambda code: (-places[code], code))[: MAX_CELLS // 2]


def _halves(
    photos: LocatedPhotos, rows: NDArray[np.int64], box: tuple[float, float, float, float]
) -> list[tuple[NDArray[np.int64], tuple[float, float, float, float]]] | None:
    """Return two parts of a box with their photos, None where one would hold too few places."""
    if len(np.unique(photos.place[rows])) < 2 * MIN_PLACES_PER_CELL:
        return None
    lat, lon = photos.lat_deg[rows], photos.lon_deg[rows]
    east_west = np.ptp(lon) * np.cos(np.radians(lat.mean()))
    values = lon if east_west > np.ptp(lat) else lat
    cut = float(np.median(values))
    low = values < cut
    for part in (low, ~low):
        if len(np.unique(photos.place[rows[part]])) < MIN_PLACES_PER_CELL:
            return None
    south, west, north, east = box
    if values is lon:
        return [(rows[low], (south, west, north, cut)), (rows[~low], (south, cut, north, east))]
    return [(rows[low], (south, west, cut, east)), (rows[~low], (cut, west, north, east))]
