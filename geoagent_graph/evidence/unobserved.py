"""What is made of photos in which nothing tells places apart: the same for all, so made once."""

import threading
from dataclasses import dataclass, replace

import numpy as np

from geoagent_graph.evidence.country_shares import (
    RankedPlaces,
    country_probabilities,
    rank_continents,
)
from geoagent_graph.evidence.parameters import Parameters, parameters
from geoagent_graph.evidence.point_estimate import best_point, points_with_masses
from geoagent_graph.evidence.posterior import Posterior
from geoagent_graph.evidence.prior import prior_over_towns
from geoagent_graph.evidence.towns import TownTable
from geoagent_graph.protocols import PointEstimate


@dataclass(frozen=True, slots=True, eq=False)
class Unobserved:
    """The prior as a posterior, with its point, its radius and its candidates."""

    weights: Parameters  # that it was made with
    posterior: Posterior
    point: PointEstimate
    continents: RankedPlaces

    @classmethod
    def of(cls, town_table: TownTable) -> "Unobserved":
        """Return what the parameters in use make of nothing."""
        weights = parameters()
        posterior = Posterior.of(town_table, prior_over_towns(town_table), ())
        everywhere = np.ones(len(town_table), dtype=bool)
        shares = posterior.probability / float(posterior.probability.sum())
        masses = points_with_masses(town_table, np.arange(len(town_table)), shares, [])
        countries = country_probabilities(posterior, everywhere)
        point = replace(best_point(masses), countries=countries, is_prior=True)
        return cls(weights, posterior, point, rank_continents(posterior))


class UnobservedCache:
    """Makes `Unobserved` once, and again after the parameters were changed. Thread-safe."""

    def __init__(self, town_table: TownTable) -> None:
        self._town_table = town_table
        self._lock = threading.Lock()
        self._kept: Unobserved | None = None

    def get(self) -> Unobserved:
        """Return what the parameters in use make of nothing."""
        with self._lock:
            if self._kept is None or self._kept.weights is not parameters():
                self._kept = Unobserved.of(self._town_table)
            return self._kept
