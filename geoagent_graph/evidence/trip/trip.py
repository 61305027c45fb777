"""The photos of a trip, weighed together."""

from collections.abc import Sequence
from dataclasses import dataclass

from geoagent_graph.evidence.towns import Floats
from geoagent_graph.evidence.trip.state_space import TripPlaces
from geoagent_graph.evidence.trip.sum_product import Marginals
from geoagent_graph.trip_types import PhotoEvidence


@dataclass(frozen=True, eq=False)
class Trip:
    """The photos weighed together.

    `alone` and `together` have one row per photo, over towns; `tree` is the likelier of the two
    trees; `chain` are the photos with a time in the order of their times; `imbalance` is how far
    the worst travel factor is from being balanced.
    """

    photos: Sequence[PhotoEvidence]
    places: TripPlaces
    alone: Floats
    together: Floats
    tree: Marginals
    chain: tuple[int, ...]
    times_right: float | None
    log_fit: float
    repeated: tuple[str, ...]
    imbalance: float = 0.0
