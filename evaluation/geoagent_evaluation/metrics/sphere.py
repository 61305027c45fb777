"""Distances on the Earth, in km, in float64."""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from geoagent_evaluation.contract.tables import Floats

EARTH_RADIUS_KM: Final = 6371.0088
HALF_CIRCUMFERENCE_KM: Final = float(np.pi * EARTH_RADIUS_KM)
"""The distance that a failure counts as: no place is farther away than the antipode."""


def distance_km(
    lat1_deg: ArrayLike, lon1_deg: ArrayLike, lat2_deg: ArrayLike, lon2_deg: ArrayLike
) -> Floats:
    """Return great-circle distances in km on a sphere of the mean radius 6371.0088 km (IUGG).

    The haversine formula (Sinnott 1984, "Virtues of the Haversine", Sky and Telescope 68:159), its
    angle taken by arctangent: it loses no digits near the antipode. NaN where a point is NaN.
    """
    lat1, lon1, lat2, lon2 = (
        np.radians(np.asarray(value, dtype=np.float64))
        for value in (lat1_deg, lon1_deg, lat2_deg, lon2_deg)
    )
    # sin² of half the angle, and of half its supplement: neither cancels where it is small
    cos_product = np.cos(lat1) * np.cos(lat2)
    near = np.sin((lat2 - lat1) / 2) ** 2 + cos_product * np.sin((lon2 - lon1) / 2) ** 2
    far = np.sin((lat1 + lat2) / 2) ** 2 + cos_product * np.cos((lon2 - lon1) / 2) ** 2
    return np.asarray(2 * EARTH_RADIUS_KM * np.arctan2(np.sqrt(near), np.sqrt(np.maximum(far, 0))))
