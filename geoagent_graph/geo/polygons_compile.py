"""Compiles the Natural Earth map into the grid and the polygons of `CountryPolygons`."""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.geo.border_grid import (
    BLOCK_COLUMNS,
    BLOCK_ROWS,
    CELLS_PER_BLOCK,
    CELLS_PER_DEGREE,
    COAST_KM,
    FIRST_REFERENCE,
    NO_COUNTRY,
    country_geometry,
)
from geoagent_graph.geo.borders import border_edges
from geoagent_graph.geo.countries import country_codes
from geoagent_graph.geo.sphere import chord_to_km, km_to_chord, unit_vectors
from geoagent_graph.geo.territories import polygons_by_country
from geoagent_graph.geo.topojson import read_countries

Arrays = dict[str, NDArray[Any]]

_CELL_COLUMNS: Final = 360 * CELLS_PER_DEGREE
_CELL_ROWS: Final = 180 * CELLS_PER_DEGREE
_TO_GRID_DEG: Final = np.array([180.0, 90.0])
# A border along a grid line touches the cells on both sides: 1e-6 of a cell is 7 mm.
_NUDGE: Final = 1e-6
_SHORE_STEP_KM: Final = 2.0
_BLOCK_DIAGONAL_KM: Final = 40.0


def compile_polygons(progress: Callable[[float, str], None]) -> Arrays:
    """Return the arrays of `CountryPolygons`; takes a few seconds."""
    progress(0.0, "reading the country polygons")
    arrays = _flatten_polygons()
    progress(0.2, "drawing their borders into the grid")
    cells, owners = _border_cells(arrays)
    shore = _Shore(arrays)
    blocks, numbers = _fill_blocks(arrays, cells, shore)
    progress(0.5, "filling the grid")
    arrays |= _fill_cells(arrays, blocks, numbers, cells, owners)
    progress(0.7, "finding the nearest coasts")
    arrays |= _fill_coasts(arrays["cells"], numbers, shore)
    arrays["blocks"] = blocks.ravel()
    progress(1.0, "country polygons ready")
    return arrays


def _flatten_polygons() -> Arrays:
    """Return all polygons by country index, as points and three levels of offsets."""
    by_country = polygons_by_country(read_countries("10m"))
    rings: list[NDArray[np.float64]] = []
    polygon_rings, country_polygons = [0], [0]
    for code in country_codes():
        for polygon in by_country.get(code, []):
            rings += polygon
            polygon_rings.append(len(rings))
        country_polygons.append(len(polygon_rings) - 1)
    return {
        "points": np.concatenate(rings),
        "ring_points": np.cumsum([0, *(len(ring) for ring in rings)], dtype=np.int32),
        "polygon_rings": np.array(polygon_rings, dtype=np.int32),
        "country_polygons": np.array(country_polygons, dtype=np.int32),
    }


def _border_cells(arrays: Arrays) -> tuple[NDArray[np.int64], NDArray[np.int16]]:
    """Return each (cell, country) such that an edge of the country runs through the cell, sorted.

    Every edge is cut where it crosses a grid line, so that each piece lies in one cell.
    """
    start_deg, end_deg, owners = border_edges(arrays)
    start = (start_deg + _TO_GRID_DEG) * CELLS_PER_DEGREE
    end = (end_deg + _TO_GRID_DEG) * CELLS_PER_DEGREE
    edges = [np.arange(len(start)), np.arange(len(start))]
    shares = [np.zeros(len(start)), np.ones(len(start))]
    for axis in (0, 1):
        edge, share = _grid_crossings(start[:, axis], end[:, axis])
        edges.append(edge)
        shares.append(share)
    edge, share = np.concatenate(edges), np.concatenate(shares)
    order = np.lexsort((share, edge))
    edge, share = edge[order], share[order]
    middle = (share[:-1] + share[1:]) / 2
    whole = edge[:-1] == edge[1:]
    keys = [
        _cell_keys(start, end, owners, edge, share),
        _cell_keys(start, end, owners, edge[:-1][whole], middle[whole]),
    ]
    found = np.unique(np.concatenate(keys))
    return found >> 9, (found & 511).astype(np.int16)


def _grid_crossings(
    start: NDArray[np.float64], end: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return (edge, share of the edge) for every whole number between the ends of each edge."""
    low, high = np.minimum(start, end), np.maximum(start, end)
    first = np.floor(low).astype(np.int64) + 1
    count = np.maximum(np.ceil(high).astype(np.int64) - first, 0)
    edge = np.repeat(np.arange(len(start)), count)
    step = np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count)
    share = (first[edge] + step - start[edge]) / (end - start)[edge]
    return edge, share


def _cell_keys(
    start: NDArray[np.float64],
    end: NDArray[np.float64],
    owners: NDArray[np.int16],
    edge: NDArray[np.int64],
    share: NDArray[np.float64],
) -> NDArray[np.int64]:
    """Return cell * 512 + country for points on edges, for the cells on all sides of each."""
    points = start[edge] + (end[edge] - start[edge]) * share[:, None]
    keys = []
    for dx in (-_NUDGE, _NUDGE):
        for dy in (-_NUDGE, _NUDGE):
            column = np.clip(np.floor(points[:, 0] + dx), 0, _CELL_COLUMNS - 1).astype(np.int64)
            row = np.clip(np.floor(points[:, 1] + dy), 0, _CELL_ROWS - 1).astype(np.int64)
            keys.append(np.unique((row * _CELL_COLUMNS + column) << 9 | owners[edge]))
    return np.unique(np.concatenate(keys))


class _Shore:
    """Points along every border, at most 2 km apart, and the country each belongs to."""

    def __init__(self, arrays: Arrays) -> None:
        from scipy.spatial import cKDTree

        start, end, owners = border_edges(arrays)
        a, b = unit_vectors(start[:, 1], start[:, 0]), unit_vectors(end[:, 1], end[:, 0])
        length_km = chord_to_km(np.linalg.norm(b - a, axis=1))
        pieces = np.maximum(np.ceil(length_km / _SHORE_STEP_KM), 1).astype(np.int64)
        edge = np.repeat(np.arange(len(pieces)), pieces)
        step = np.arange(len(edge)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
        points = start[edge] + (end - start)[edge] * (step / pieces[edge])[:, None]
        self._owners = owners[edge]
        self._tree = cKDTree(unit_vectors(points[:, 1], points[:, 0]))

    def nearest(
        self, lat_deg: NDArray[np.float64], lon_deg: NDArray[np.float64], bound_km: float
    ) -> tuple[NDArray[np.int16], NDArray[np.float64]]:
        """Return the country of the nearest shore, -1 beyond `bound_km`, and its distance in km."""
        found = self._tree.query(
            unit_vectors(lat_deg, lon_deg), distance_upper_bound=float(km_to_chord(bound_km))
        )
        chord, index = np.asarray(found[0]), np.asarray(found[1])
        near = np.isfinite(chord)
        country = np.full(len(chord), NO_COUNTRY, dtype=np.int16)
        country[near] = self._owners[index[near]]
        return country, np.where(near, chord_to_km(np.where(near, chord, 0.0)), np.inf)


def _fill_blocks(
    arrays: Arrays, cells: NDArray[np.int64], shore: _Shore
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Return the block grid, and the flat positions of the blocks that are split into cells."""
    from scipy import ndimage

    row, column = np.divmod(cells, _CELL_COLUMNS)
    touched = np.zeros((BLOCK_ROWS, BLOCK_COLUMNS), dtype=bool)
    touched[row // CELLS_PER_BLOCK, column // CELLS_PER_BLOCK] = True
    components, count = ndimage.label(~touched)
    samples = np.zeros(count + 1, dtype=np.int64)
    samples[components.ravel()] = np.arange(components.size)
    lat, lon = _block_middles(samples[1:])
    country_of = np.concatenate([[NO_COUNTRY], _country_by_polygon(arrays, lat, lon)])
    blocks = country_of[components].astype(np.int32)
    at_sea = np.flatnonzero((blocks == NO_COUNTRY) & ~touched)
    nearest, _ = shore.nearest(*_block_middles(at_sea), COAST_KM + _BLOCK_DIAGONAL_KM / 2)
    split = touched
    split.ravel()[at_sea[nearest != NO_COUNTRY]] = True
    numbers = np.flatnonzero(split)
    blocks.ravel()[numbers] = FIRST_REFERENCE + np.arange(len(numbers))
    return blocks, numbers


def _block_middles(blocks: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    row, column = np.divmod(blocks, BLOCK_COLUMNS)
    size_deg = CELLS_PER_BLOCK / CELLS_PER_DEGREE
    return (row + 0.5) * size_deg - 90.0, (column + 0.5) * size_deg - 180.0


def _cell_middles(blocks: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return (lat_deg, lon_deg) of the cells of blocks, each [n, 16]."""
    row, column = np.divmod(blocks, BLOCK_COLUMNS)
    inner_row, inner_column = np.divmod(np.arange(CELLS_PER_BLOCK**2), CELLS_PER_BLOCK)
    lat = ((row * CELLS_PER_BLOCK)[:, None] + inner_row + 0.5) / CELLS_PER_DEGREE - 90.0
    lon = ((column * CELLS_PER_BLOCK)[:, None] + inner_column + 0.5) / CELLS_PER_DEGREE - 180.0
    return lat, lon


def _country_by_polygon(
    arrays: Arrays, lat_deg: NDArray[np.float64], lon_deg: NDArray[np.float64]
) -> NDArray[np.int16]:
    """Return the country whose polygon holds each point, or -1, by asking every country."""
    import shapely

    found = np.full(len(lat_deg), NO_COUNTRY, dtype=np.int16)
    for number in range(len(arrays["country_polygons"]) - 1):
        geometry = country_geometry(arrays, number)
        west, south, east, north = shapely.bounds(geometry)
        box = (lon_deg >= west) & (lon_deg <= east) & (lat_deg >= south) & (lat_deg <= north)
        points = np.flatnonzero(box)
        shapely.prepare(geometry)
        held = shapely.intersects_xy(geometry, lon_deg[points], lat_deg[points])
        found[points[held]] = number
    return found


def _fill_cells(
    arrays: Arrays,
    blocks: NDArray[np.int32],
    numbers: NDArray[np.int64],
    cells: NDArray[np.int64],
    owners: NDArray[np.int16],
) -> Arrays:
    """Return `cells` of the split blocks, and the sets of countries that they refer to.

    Cells of one block that no border separates share their answer: one of them is asked.
    """
    from scipy import ndimage

    codes, members, set_starts = _country_sets(cells, owners)
    touched = np.unique(cells)
    row, column = np.divmod(touched, _CELL_COLUMNS)
    block = blocks[row // CELLS_PER_BLOCK, column // CELLS_PER_BLOCK] - FIRST_REFERENCE
    inner = (row % CELLS_PER_BLOCK) * CELLS_PER_BLOCK + column % CELLS_PER_BLOCK
    filled = np.full((len(numbers), CELLS_PER_BLOCK**2), NO_COUNTRY, dtype=np.int16)
    filled[block, inner] = FIRST_REFERENCE + codes
    free = (filled == NO_COUNTRY).reshape(-1, CELLS_PER_BLOCK, CELLS_PER_BLOCK)
    within_block = np.zeros((3, 3, 3), dtype=bool)
    within_block[1] = ndimage.generate_binary_structure(2, 1)
    components, count = ndimage.label(free, structure=within_block)
    samples = np.zeros(count + 1, dtype=np.int64)
    samples[components.ravel()] = np.arange(components.size)
    lat, lon = _cell_middles(numbers)
    answers = _country_by_polygon(arrays, lat.ravel()[samples[1:]], lon.ravel()[samples[1:]])
    labels = components.reshape(filled.shape)
    filled[labels > 0] = answers[labels[labels > 0] - 1]
    return {"cells": filled, "set_members": members, "set_starts": set_starts}


def _country_sets(
    cells: NDArray[np.int64], owners: NDArray[np.int16]
) -> tuple[NDArray[np.int16], NDArray[np.int16], NDArray[np.int32]]:
    """Return the number of the set of each touched cell, the members of all sets, their starts."""
    _, first = np.unique(cells, return_index=True)
    sets: dict[tuple[int, ...], int] = {}
    codes = [
        sets.setdefault(tuple(group.tolist()), len(sets)) for group in np.split(owners, first[1:])
    ]
    members = np.array([number for group in sets for number in group], dtype=np.int16)
    starts = np.cumsum([0, *(len(group) for group in sets)], dtype=np.int32)
    return np.array(codes, dtype=np.int16), members, starts


def _fill_coasts(cells: NDArray[np.int16], numbers: NDArray[np.int64], shore: _Shore) -> Arrays:
    """Return, for each cell with sea in it, the country of the nearest coast and its distance."""
    coast = np.full(cells.shape, NO_COUNTRY, dtype=np.int16)
    coast_km = np.full(cells.shape, 255, dtype=np.uint8)
    wet = (cells == NO_COUNTRY) | (cells >= FIRST_REFERENCE)
    lat, lon = _cell_middles(numbers)
    country, distance_km = shore.nearest(lat[wet], lon[wet], COAST_KM)
    coast[wet] = country
    coast_km[wet] = np.minimum(distance_km, 255).astype(np.uint8)
    return {"coast": coast, "coast_km": coast_km}
