"""Cells cover the world, each with photos of enough places."""

import numpy as np

from geoagent_graph.retrieval.geocells import MIN_PLACES_PER_CELL, LocatedPhotos, cut_cells


def scattered(count: int, seed: int = 3) -> LocatedPhotos:
    """Return photos of as many places, a third of them in Portugal."""
    draw = np.random.default_rng(seed)
    country = np.where(np.arange(count) % 3 == 0, "PT", "")
    lat = np.where(country == "PT", draw.uniform(37, 42, count), draw.uniform(-60, 70, count))
    lon = np.where(country == "PT", draw.uniform(-9, -7, count), draw.uniform(-180, 180, count))
    return LocatedPhotos(lat, lon, country, np.arange(count))


def test_every_point_of_the_world_lies_in_one_box() -> None:
    cells, _ = cut_cells(scattered(300))
    boxes = np.array([cell.box for cell in cells if cell.box is not None])
    draw = np.random.default_rng(1)
    for lat, lon in zip(draw.uniform(-90, 90, 500), draw.uniform(-180, 180, 500), strict=True):
        south, west, north, east = boxes.T
        assert int(((lat >= south) & (lat < north) & (lon >= west) & (lon < east)).sum()) == 1


def test_each_cell_holds_photos_of_enough_places_and_they_lie_in_it() -> None:
    photos = scattered(300)
    cells, cell_of = cut_cells(photos)
    assert cells[0].country_code == "PT"
    assert set(photos.country[cell_of == 0]) == {"PT"}
    for number, cell in enumerate(cells):
        rows = cell_of == number
        assert len(np.unique(photos.place[rows])) >= MIN_PLACES_PER_CELL
        if cell.box is not None:
            south, west, north, east = cell.box
            assert (photos.lat_deg[rows] >= south).all()
            assert (photos.lat_deg[rows] <= north).all()
            assert (photos.lon_deg[rows] >= west).all()
            assert (photos.lon_deg[rows] <= east).all()


def test_many_photos_of_few_places_are_not_cut() -> None:
    photos = scattered(300)
    few = LocatedPhotos(photos.lat_deg, photos.lon_deg, photos.country, np.arange(300) % 5)
    cells, cell_of = cut_cells(few)
    assert len(cells) == 1
    assert set(cell_of.tolist()) == {0}


def test_photos_at_one_point_are_one_cell() -> None:
    here = np.full(200, 10.0)
    cells, _ = cut_cells(LocatedPhotos(here, here, np.full(200, ""), np.arange(200)))
    assert len(cells) == 1
