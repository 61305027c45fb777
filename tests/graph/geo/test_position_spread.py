"""Where a position may lie that is known up to an error, against the error's own distribution."""

import math

import numpy as np
import pytest

from geoagent_graph.geo.position_spread import (
    MAP_ERROR_KM,
    RADII_PER_ERROR,
    countries_within,
    place_shares,
    points_around,
    spread_points,
)
from geoagent_graph.geo.sphere import distance_km
from tests.support.split_geocoder import SplitGeocoder

KM = 1.0 / 111.195  # of a degree of longitude at the equator


def shares(lon_km: float, error_km: float) -> dict[str, float]:
    """Return the shares by country of a point so far east of the border."""
    found = place_shares(SplitGeocoder(), 0.0, lon_km * KM, error_km)
    return {place.point.country_code: place.share for place in found}


def test_a_point_far_from_every_border_is_one_place() -> None:
    assert shares(5.0, 0.02) == {"ES": 1.0}


@pytest.mark.parametrize("away_km", [0.0, 0.05, 0.1, 0.15])
def test_countries_share_a_point_by_the_error_that_lies_in_them(away_km: float) -> None:
    found = shares(away_km, 0.0)
    inside = 0.5 * (1.0 + math.erf(away_km / MAP_ERROR_KM / math.sqrt(2.0)))
    assert next(iter(found)) == "ES"
    assert found["ES"] == pytest.approx(inside, abs=0.05)
    assert sum(found.values()) == pytest.approx(1.0)


def test_a_coarse_position_keeps_its_own_town_first() -> None:
    found = shares(0.1, 30.0)
    assert next(iter(found)) == "ES"
    assert found["ES"] >= found["PT"] > 0.4


def test_the_points_are_spread_as_a_normal_error_is() -> None:
    lat, lon = np.array(spread_points(60.0, 179.99, 2.0)).T
    away_km = distance_km(60.0, 179.99, lat, lon)
    assert ((lon >= -180.0) & (lon < 180.0)).all()
    assert float((away_km < RADII_PER_ERROR * 2.0).mean()) == pytest.approx(0.95, abs=0.02)
    assert float(np.sqrt((away_km**2).mean())) == pytest.approx(2.0 * math.sqrt(2.0), rel=0.03)


@pytest.mark.parametrize("lat_deg", [-90.0, 0.0, 51.5, 90.0])
def test_points_lie_at_their_distances(lat_deg: float) -> None:
    away_km = np.array([0.01, 1.0, 500.0])
    lat, lon = np.array(points_around(lat_deg, 10.0, away_km, np.array([0.0, 2.0, 4.0]))).T
    assert distance_km(lat_deg, 10.0, lat, lon) == pytest.approx(away_km, rel=1e-6)


def test_bearings_turn_from_north_to_east() -> None:
    (north, east) = points_around(0.0, 0.0, 111.195, [0.0, math.pi / 2])
    assert north == pytest.approx((1.0, 0.0), abs=1e-5)
    assert east == pytest.approx((0.0, 1.0), abs=1e-5)


def test_countries_within_reach_are_named() -> None:
    geocoder = SplitGeocoder()
    own = geocoder.reverse(0.0, 0.5 * KM)
    assert countries_within(geocoder, own, 0.0, 0.5 * KM, 1.0) == ("Portugal",)
    assert countries_within(geocoder, own, 0.0, 0.5 * KM, 0.4) == ()
