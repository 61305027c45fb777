"""Distances and longitudes, against exact values and high-precision arithmetic."""

from decimal import Decimal, getcontext

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoagent_graph.geo.sphere import (
    EARTH_RADIUS_KM,
    HALF_CIRCUMFERENCE_KM,
    chord_to_km,
    coordinates,
    distance_km,
    km_to_chord,
    normalize_longitude,
    unit_vectors,
)

LAT = st.floats(-90, 90)
LON = st.floats(-180, 180, exclude_max=True)


def test_known_distances() -> None:
    assert distance_km(0, 0, 0, 0) == 0
    assert distance_km(90, 0, -90, 77) == pytest.approx(HALF_CIRCUMFERENCE_KM, rel=1e-15)
    assert distance_km(0, -179.5, 0, 179.5) == pytest.approx(EARTH_RADIUS_KM * np.radians(1))
    assert distance_km(48.8566, 2.3522, 52.52, 13.405) == pytest.approx(877.46, abs=0.1)


@pytest.mark.parametrize("degrees", [1e-12, 1e-9, 1e-6, 1e-3, 1.0])
def test_short_and_nearly_antipodal_distances_keep_their_digits(degrees: float) -> None:
    getcontext().prec = 40
    pi = Decimal("3.141592653589793238462643383279502884197")
    exact = Decimal(str(EARTH_RADIUS_KM)) * Decimal(degrees) * pi / 180
    assert float(distance_km(0, 0, degrees, 0)) == pytest.approx(float(exact), rel=1e-12)
    assert float(distance_km(0, 0, 0, degrees)) == pytest.approx(float(exact), rel=1e-12)
    far = distance_km(0.0, 0.0, 0.0, 180.0 - degrees)
    assert HALF_CIRCUMFERENCE_KM - float(far) == pytest.approx(float(exact), rel=1e-6, abs=1e-8)


@given(LAT, LON, LAT, LON)
def test_distance_is_symmetric_bounded_and_agrees_with_chords(
    lat1: float, lon1: float, lat2: float, lon2: float
) -> None:
    there = float(distance_km(lat1, lon1, lat2, lon2))
    assert there == pytest.approx(float(distance_km(lat2, lon2, lat1, lon1)), abs=1e-9)
    assert 0 <= there <= HALF_CIRCUMFERENCE_KM * (1 + 1e-15)
    chord = np.linalg.norm(unit_vectors(lat1, lon1) - unit_vectors(lat2, lon2))
    assert float(km_to_chord(there)) == pytest.approx(chord, abs=1e-14)
    if there < 19_000:
        assert float(chord_to_km(chord)) == pytest.approx(there, abs=1e-8)


@given(LAT, LON)
def test_coordinates_come_back_from_unit_vectors(lat: float, lon: float) -> None:
    back_lat, back_lon = coordinates(unit_vectors(lat, lon))
    assert float(distance_km(lat, lon, back_lat, back_lon)) < 1e-8
    assert -180 <= back_lon < 180


@given(st.floats(-1e6, 1e6))
def test_longitudes_are_normalised(lon: float) -> None:
    normal = float(normalize_longitude(lon))
    assert -180 <= normal < 180
    assert abs((normal - lon + 180) % 360 - 180) < 1e-6
    assert -180 <= lon < 180 or normal != lon


def test_longitudes_at_the_date_line() -> None:
    given_lon = [180.0, -180.0, 179.999, 540.0, -540.0, np.nextafter(-180.0, -200.0)]
    assert normalize_longitude(given_lon).tolist()[:3] == [-180.0, -180.0, 179.999]
    assert normalize_longitude(given_lon).tolist()[3:5] == [-180.0, -180.0]
    assert -180.0 <= normalize_longitude(given_lon)[5] < 180.0


def test_shapes_are_broadcast() -> None:
    assert unit_vectors(np.zeros(4), 0.0).shape == (4, 3)
    assert distance_km(np.zeros((4, 1)), 0.0, np.zeros(5), 0.0).shape == (4, 5)
    assert unit_vectors([], []).shape == (0, 3)
