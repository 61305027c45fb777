"""Where the sun stands: known moments, and JPL's ephemeris where it is installed."""

import numpy as np
import pytest

from benchmarks.sun import position_errors
from geoagent_graph.geo.sun_position import sun_angles, sun_vectors

JUNE_SOLSTICE_2024_S = 1_718_916_660.0  # 2024-06-20T20:51Z
MARCH_EQUINOX_2024_S = 1_710_904_020.0  # 2024-03-20T03:07Z


def test_the_sun_stands_over_the_tropic_and_over_the_equator() -> None:
    tropic, equator = sun_vectors([JUNE_SOLSTICE_2024_S, MARCH_EQUINOX_2024_S])
    assert np.degrees(np.arcsin(tropic[2])) == pytest.approx(23.436, abs=0.01)
    assert np.degrees(np.arcsin(equator[2])) == pytest.approx(0.0, abs=0.01)


def test_the_example_of_the_solar_position_algorithm() -> None:
    """Golden, Colorado, 2003-10-17T19:30:30Z: zenith angle 50.11, azimuth 194.34 (NREL, 2008)."""
    elevation, azimuth = sun_angles(39.742476, -105.1786, 1_066_419_030.0)
    assert float(elevation) == pytest.approx(90.0 - 50.111622, abs=0.03)
    assert float(azimuth) == pytest.approx(194.34024, abs=0.02)


def test_shapes_broadcast() -> None:
    elevation, azimuth = sun_angles(np.zeros((4, 1)), np.zeros((4, 1)), np.arange(3.0))
    assert elevation.shape == azimuth.shape == (4, 3)
    assert ((azimuth >= 0.0) & (azimuth < 360.0)).all()


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # its table of leap seconds has an end
def test_it_agrees_with_the_ephemeris() -> None:
    pytest.importorskip("skyfield_data", reason="skyfield-data is not installed")
    assert position_errors(200).max() < 0.02
