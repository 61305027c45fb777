"""What counts as at sea, and as within the error of a border."""

import pytest

from geoagent_graph.geo.surroundings import (
    BORDER_ERROR_KM,
    COAST_ERROR_KM,
    NearestBorder,
    NearestLand,
    Surroundings,
)
from geoagent_graph.protocols import GeocodedPoint

POINT = GeocodedPoint("EU", "PT", "Portugal", "", "Lisbon", 1, 1.0, "nearest_town")


@pytest.mark.parametrize(
    ("away_km", "at_sea"), [(COAST_ERROR_KM, False), (COAST_ERROR_KM + 0.1, True)]
)
def test_a_beach_is_not_at_sea(away_km: float, at_sea: bool) -> None:
    land = NearestLand("PT", 38.0, -9.0, away_km)
    assert Surroundings(POINT, None, land, None).is_at_sea is at_sea
    assert not Surroundings(POINT, None, None, None).is_at_sea


@pytest.mark.parametrize(
    ("away_km", "within"), [(BORDER_ERROR_KM, True), (BORDER_ERROR_KM + 0.1, False)]
)
def test_near_a_border_either_country_may_be_right(away_km: float, within: bool) -> None:
    border = NearestBorder("ES", away_km)
    assert Surroundings(POINT, border, None, None).is_within_border_error is within
    assert not Surroundings(POINT, None, None, None).is_within_border_error
