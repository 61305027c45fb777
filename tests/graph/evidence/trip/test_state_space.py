"""The towns of the world merged into places: likely ones alone, none lost, none over a border."""

from dataclasses import replace

import numpy as np
import pytest

from geoagent_graph.evidence.trip.state_space import trip_places
from tests.support.small_gazetteer import (
    BERLIN,
    LABASA,
    LISBON,
    MUNICH,
    PORTO,
    SINTRA,
    SPAIN,
    WAIYEVO,
    small_town_table,
)

PRIOR = np.array([0.2, 0.1, 0.2, 0.05, 0.05, 0.2, 0.1, 0.1])


def certain(town: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return a photo that was surely taken in a town."""
    probability = np.zeros(8)
    probability[town] = 1.0
    return probability


def test_a_likely_town_stands_for_itself() -> None:
    places = trip_places(small_town_table(), PRIOR, [certain(LISBON)])
    assert (places.place_of == places.place_of[LISBON]).sum() == 1
    lisbon = places.place_of[LISBON]
    assert places.spread_km[lisbon] == pytest.approx(0.0, abs=1e-3)
    assert places.prior[lisbon] == pytest.approx(0.2)


def test_far_towns_of_one_country_share_a_cell_and_two_countries_never() -> None:
    places = trip_places(small_town_table(), PRIOR, [certain(LISBON)])
    assert places.place_of[BERLIN] != places.place_of[MUNICH]  # 500 km apart: two cells
    # far from the likely town, all of Portugal is one cell; were Porto Spanish, it would be another
    table = small_town_table()
    far = trip_places(table, PRIOR, [certain(LABASA)]).place_of
    assert far[LISBON] == far[SINTRA] == far[PORTO]
    country = table.country.copy()
    country[PORTO] = SPAIN
    moved = trip_places(replace(table, country=country), PRIOR, [certain(LABASA)]).place_of
    assert moved[LISBON] == moved[SINTRA] != moved[PORTO]


def test_nothing_is_left_out() -> None:
    places = trip_places(small_town_table(), PRIOR, [certain(LISBON), certain(BERLIN)])
    assert float(places.prior.sum()) == pytest.approx(1.0)
    summed = places.sum_by_place(PRIOR)
    assert summed == pytest.approx(places.prior)
    assert places.sum_by_place(certain(PORTO))[places.place_of[PORTO]] == 1.0


def test_near_a_likely_town_cells_are_small() -> None:
    places = trip_places(small_town_table(), PRIOR, [certain(LISBON)])
    assert places.place_of[SINTRA] not in (places.place_of[LISBON], places.place_of[PORTO])


def test_the_antimeridian_parts_cells_but_not_longitudes() -> None:
    places = trip_places(small_town_table(), PRIOR, [certain(LISBON)])
    assert places.lon_deg[places.place_of[LABASA]] == pytest.approx(179.383)
    assert places.lon_deg[places.place_of[WAIYEVO]] == pytest.approx(-179.983)
