"""How the places of two photos of one trip hang together, given the time between them.

The factor of two places is P(the second is y | the first is x) / P(y). It mixes three ways to move:

    factor(x, y) = sum over m of  weight[m] * exp(-km(x, y) / scale[m]) * a[m](x) * b[m](y)
    scale[m]     = min(start_km + speed[m] * max(0, hours - rest[m]), widest[m])

and is 0 where y is farther from x than reach_km + reach_km_h * hours: no airliner is faster. `a`
and `b` are what makes every row and column average 1 over the prior (Sinkhorn's scaling), so that
a trip goes to places as often as photos do, and a photo that shows nothing says nothing about its
neighbours. Without times the scales are the widest ones and nothing is out of reach.

The weights are those of `evidence.parameters.TravelWeights`, set by hand. Scaling: Sinkhorn and
Knopp, Concerning nonnegative matrices and doubly stochastic matrices (1967); of a symmetric kernel,
Knight, Ruiz and Ucar, A symmetry preserving algorithm for matrix scaling (2014); Walker and Ni,
Anderson acceleration for fixed-point iterations (2011).
"""

from collections import deque
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.evidence.parameters import parameters
from geoagent_graph.evidence.towns import Floats
from geoagent_graph.evidence.trip.state_space import TripPlaces
from geoagent_graph.geo.sphere import chord_to_km
from geoagent_graph.trip_types import Taken

_MAX_IMBALANCE = 1e-6
_MAX_ROUNDS = 1000
_REMEMBERED = 6  # rounds from which the next one is extrapolated


def hours_between(first: Taken, second: Taken, places: TripPlaces) -> Floats:
    """Return the hours between two photos, a scalar, or one number per pair of places.

    Between clocks with a known offset it is one number. A clock without one shows either the same
    zone all the time or the zone of the place (its longitude / 15, an hour more at a border), and
    which photo was east of the other is what is asked: the longest of these times counts, because
    it forbids least, and for the way there as for the way back.
    """
    if first.utc_s is not None and second.utc_s is not None:
        return np.asarray(abs(second.utc_s - first.utc_s) / 3600.0)
    hours = (second.clock_s - first.clock_s) / 3600.0
    if first.clock == "elapsed":
        return np.asarray(abs(hours))
    apart = np.abs(places.lon_deg[None, :] - places.lon_deg[:, None])
    zones = np.minimum(apart, 360.0 - apart) / 15.0
    abroad = places.country[None, :] != places.country[:, None]
    moved = zones + parameters().travel.border_hours * abroad
    found: Floats = abs(hours) + np.where(abroad | (zones > 0.5), moved, 0.0)
    return found


def travel_factor(places: TripPlaces, hours: Floats | None) -> NDArray[np.float32]:
    """Return the factor of every pair of places, shape [places, places]; see above.

    Args:
        places: where the photos may have been taken.
        hours: the time between them, a scalar or [places, places]; None where it is not known.
    """
    weights = parameters().travel
    away_km = _effective_km(places)
    allowed = None
    if hours is not None:
        nearest = _apart_km(places) - 2.0 * (places.spread_km[:, None] + places.spread_km[None, :])
        allowed = nearest <= weights.reach_km + weights.reach_km_h * hours
    total = np.zeros(away_km.shape, dtype=np.float32)
    for mode in weights.modes:
        scale: Floats | float = mode.widest_km
        if hours is not None:
            moving = np.maximum(hours - mode.rest_hours, 0.0)
            scale = np.minimum(weights.start_km + mode.speed_km_h * moving, mode.widest_km)
        kernel = np.exp(-away_km / scale)
        if allowed is not None:
            kernel *= allowed
        total += mode.weight * balance_kernel(kernel, places.prior)
    return total


def balance_kernel(kernel: Floats, prior: Floats) -> Floats:
    """Return a symmetric kernel scaled so that each row and column averages 1 over the prior.

    With a positive diagonal there is a solution. Every round takes half of the logarithm of what is
    left, extrapolated from the rounds before (Anderson acceleration): most often 10 to 20 rounds,
    up to 100 where photos of one minute have clocks without an offset. After 1,000 it is as it is:
    `imbalance` says how near, and the answer warns where shares would change by it.

    Args:
        kernel: shape [places, places], symmetric, with a positive diagonal.
        prior: shape [places], sums to 1.
    """
    log_scale, scale, best = np.zeros(len(prior)), np.ones(len(prior)), np.inf
    tried: deque[Floats] = deque(maxlen=_REMEMBERED)
    steps: deque[Floats] = deque(maxlen=_REMEMBERED)
    for _ in range(_MAX_ROUNDS):
        scale = np.exp(log_scale)
        sums = scale * (kernel @ (prior * scale))
        off = float(np.abs(sums - 1.0).max())
        if off < _MAX_IMBALANCE:
            break
        if not off < 2.0 * best:  # it was led astray: on from here, without the rounds before
            tried.clear()
            steps.clear()
        best = min(best, off)
        tried.append(log_scale)
        steps.append(-0.5 * np.log(sums))
        log_scale = _extrapolate(tried, steps)
    scaled: Floats = kernel * scale[:, None] * scale[None, :]
    return scaled


def _extrapolate(tried: Sequence[Floats], steps: Sequence[Floats]) -> Floats:
    """Return the next point of a fixed-point iteration from the last ones and their steps."""
    following: Floats = tried[-1] + steps[-1]
    if len(tried) == 1:
        return following
    moved = np.stack([later - earlier for earlier, later in pairwise(tried)], axis=1)
    changed = np.stack([later - earlier for earlier, later in pairwise(steps)], axis=1)
    weights = np.linalg.lstsq(changed, steps[-1], rcond=1e-10)[0]
    return following - (moved + changed) @ weights


def imbalance(factor: NDArray[np.floating[Any]], prior: Floats) -> float:
    """Return how far the worst row or column of a factor is from an average of 1 over the prior."""
    sums = np.concatenate([factor @ prior, factor.T @ prior])
    return float(np.abs(sums - 1.0).max())


def _apart_km(places: TripPlaces) -> Floats:
    square = np.maximum(0.0, 2.0 - 2.0 * places.vectors @ places.vectors.T)
    np.fill_diagonal(square, 0.0)
    return chord_to_km(np.sqrt(square))


def _effective_km(places: TripPlaces) -> Floats:
    """Return the root mean square distance between photos of two places, by their spread."""
    spread = places.spread_km**2
    return np.asarray(np.sqrt(_apart_km(places) ** 2 + spread[:, None] + spread[None, :]))
