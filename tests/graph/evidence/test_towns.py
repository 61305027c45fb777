"""The table of towns."""

import numpy as np

from tests.support.evidence_cases import model


def test_the_neighbours_are_those_of_brute_force() -> None:
    town_table = model().town_table
    for lat, lon, radius in ((48.1, 11.6, 60.0), (-16.8, -179.99, 300.0), (78.0, 16.0, 500.0)):
        towns, away = town_table.near(lat, lon, radius)
        everywhere = town_table.distances_km(lat, lon, slice(None))
        assert set(towns.tolist()) == set(np.flatnonzero(everywhere <= radius).tolist())
        assert np.allclose(away, everywhere[towns])
