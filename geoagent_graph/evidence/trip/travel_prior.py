"""How the places of two photos of one trip hang together, given the time between them.

The factor of two places is P(the second is y | the first is x) / P(y). It mixes three ways to move:

    factor(x, y) = sum over m of  weight[m] * exp(-km(x, y) / scale[m]) * a[m](x) * b[m](y)
    scale[m]     = min(START_KM + speed[m] * max(0, hours - rest[m]), widest[m])

and is 0 where y is farther from x than REACH_KM + REACH_KM_H * hours: no airliner is faster. `a`
and `b` are what makes every row and column average 1 over the prior (Sinkhorn's scaling), so that
a trip goes to places as often as photos do, and a photo that shows nothing says nothing about its
neighbours. Without times the scales are the widest ones and nothing is out of reach.

The numbers are ours: plausible speeds along the great circle, stops included. They were fitted on
nothing.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geoagent_graph.evidence.towns import Floats
from geoagent_graph.evidence.trip.state_space import TripPlaces
from geoagent_graph.geo.sphere import chord_to_km
from geoagent_graph.trip_types import Taken

START_KM = 5.0
"""Two photos of one minute may stand for towns this far apart."""
REACH_KM = 50.0
REACH_KM_H = 1000.0
BORDER_HOURS = 1.0
"""What a clock that shows local time may jump by at a border."""
_BALANCED = 1e-6
_MOST_ROUNDS = 200


@dataclass(frozen=True, slots=True)
class Mode:
    """A way to move: its share, its speed, how long it takes to begin, how far a trip goes so."""

    name: str
    weight: float
    speed_km_h: float
    rest_hours: float
    widest_km: float


MODES = (
    Mode("on foot", 0.45, 3.0, 0.0, 20.0),
    Mode("over land", 0.45, 45.0, 0.0, 500.0),
    Mode("by air", 0.10, 700.0, 1.5, 5000.0),
)


def hours_between(first: Taken, second: Taken, places: TripPlaces) -> Floats:
    """Return the hours between two photos, a scalar, or one number per pair of places.

    Between clocks with a known offset it is one number. A clock without one shows either the same
    zone all the time or the zone of the place (its longitude / 15, an hour more at a border): the
    longer time of the two counts, because it forbids less.
    """
    if first.utc_s is not None and second.utc_s is not None:
        return np.asarray(abs(second.utc_s - first.utc_s) / 3600.0)
    hours = (second.clock_s - first.clock_s) / 3600.0
    if first.clock == "elapsed":
        return np.asarray(abs(hours))
    east = places.lon_deg[None, :] - places.lon_deg[:, None]
    zones = ((east + 180.0) % 360.0 - 180.0) / 15.0
    abroad = places.country[None, :] != places.country[:, None]
    moved = np.abs(hours - zones) + BORDER_HOURS * abroad
    return np.maximum(abs(hours), np.where(abroad | (np.abs(zones) > 0.5), moved, 0.0))


def travel_factor(places: TripPlaces, hours: Floats | None) -> NDArray[np.float32]:
    """Return the factor of every pair of places, shape [places, places]; see above.

    Args:
        places: where the photos may have been taken.
        hours: the time between them, a scalar or [places, places]; None where it is not known.
    """
    away_km = _effective_km(places)
    allowed = None
    if hours is not None:
        nearest = _apart_km(places) - 2.0 * (places.spread_km[:, None] + places.spread_km[None, :])
        allowed = nearest <= REACH_KM + REACH_KM_H * hours
    total = np.zeros(away_km.shape, dtype=np.float32)
    for mode in MODES:
        scale: Floats | float = mode.widest_km
        if hours is not None:
            moving = np.maximum(hours - mode.rest_hours, 0.0)
            scale = np.minimum(START_KM + mode.speed_km_h * moving, mode.widest_km)
        kernel = np.exp(-away_km / scale)
        if allowed is not None:
            kernel *= allowed
        total += mode.weight * balanced(kernel, places.prior)
    return total


def balanced(kernel: Floats, prior: Floats) -> Floats:
    """Return a kernel scaled so that each row and column averages 1 over the prior.

    Args:
        kernel: shape [places, places], with a positive diagonal.
        prior: shape [places], sums to 1.
    """
    rows, columns = np.ones(len(prior)), np.ones(len(prior))
    for _ in range(_MOST_ROUNDS):
        rows = 1.0 / (kernel @ (prior * columns))
        sums = columns * (kernel.T @ (prior * rows))
        columns /= sums
        if float(np.abs(sums - 1.0).max()) < _BALANCED:
            break
    scaled: Floats = kernel * rows[:, None] * columns[None, :]
    return scaled


def _apart_km(places: TripPlaces) -> Floats:
    square = np.maximum(0.0, 2.0 - 2.0 * places.vectors @ places.vectors.T)
    np.fill_diagonal(square, 0.0)
    return chord_to_km(np.sqrt(square))


def _effective_km(places: TripPlaces) -> Floats:
    """Return the root mean square distance between photos of two places, by their spread."""
    spread = places.spread_km**2
    return np.asarray(np.sqrt(_apart_km(places) ** 2 + spread[:, None] + spread[None, :]))
