"""The probability of every country, and of every continent, for an answer and for candidates."""

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.evidence.posterior import Posterior, Region
from geoagent_graph.types import Place

RankedPlaces = tuple[tuple[Place, float, float], ...]
"""(place, P(place | all), P(place) before anything was seen), the likeliest first."""


def country_probabilities(posterior: Posterior, left: NDArray[np.bool_]) -> dict[str, float]:
    """Return the countries of the towns that are left, the likeliest first, by ISO code."""
    town_table, shares = posterior.town_table, posterior.country_probability
    if not left.all():
        kept = np.where(left, posterior.probability, 0.0)
        total = float(kept.sum())
        if total <= 0.0:
            return {}
        shares = np.bincount(town_table.country, kept / total, len(shares)).astype(np.float64)
    order = np.argsort(-shares, kind="stable").tolist()
    return {
        town_table.codes[number]: share
        for number in order
        if (share := round(float(min(shares[number], 1.0)), 7)) > 0.0
    }


def rank_continents(posterior: Posterior) -> RankedPlaces:
    """Return the continents where people live, the likeliest first."""
    town_table = posterior.town_table
    codes = sorted(set(town_table.continents.tolist()))  # np.unique imports masked arrays
    regions = [Region(np.flatnonzero(town_table.continents == code)) for code in codes]
    rated = [
        (town_table.gazetteer.continent_place(code), posterior.mass(region), prior)
        for code, region in zip(codes, regions, strict=True)
        if (prior := posterior.prior_mass(region)) > 0
    ]
    return tuple(sorted(rated, key=lambda entry: -entry[1]))
