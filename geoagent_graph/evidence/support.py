"""How much the clues speak for a town beyond its share of the people."""

import math

import numpy as np

from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.posterior import Posterior, Region

_LEAST_SHARE = 1e-12


def has_support(prior: float, probability: float) -> bool:
    """Return whether a town is claimed for what was seen, not just for where people live.

    The clues make it likelier by a factor, or, where most of a country lives in the town and that
    factor can only be small, they raise its odds: the weight of evidence (Good, 1950). A city state
    is claimed with its country.
    """
    thresholds = parameters().thresholds
    if prior >= thresholds.only_town:
        return True
    before, after = _within_bounds(prior), _within_bounds(probability)
    ratio_log = math.log(after / before)
    odds_log = ratio_log - math.log((1.0 - after) / (1.0 - before))
    return ratio_log >= thresholds.least_support_log or odds_log >= thresholds.least_odds_log


def position_lies_in(posterior: Posterior, region: Region) -> bool:
    """Return whether a file claims a position that is more likely in a town than elsewhere."""
    if region.towns is None:
        return False
    shares = (
        point.weight * float((point.ratio * posterior.prior[point.towns])[inside].sum())
        for likelihood in posterior.likelihoods
        for point in likelihood.points
        if point.radius_km is not None
        for inside in (np.isin(point.towns, region.towns),)
    )
    return any(share > 0.5 for share in shares)


def _within_bounds(share: float) -> float:
    return min(max(share, _LEAST_SHARE), 1.0 - _LEAST_SHARE)
