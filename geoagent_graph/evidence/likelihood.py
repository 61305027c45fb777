"""One observation as log P(observation | town), up to a constant."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from geoagent_graph.evidence.point_component import PointComponent
from geoagent_graph.evidence.towns import Floats, Indices, TownTable

_NO_TOWNS: Indices = np.empty(0, dtype=np.int64)
_NO_LOGS: Floats = np.empty(0, dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Likelihood:
    """What one source says: a value per country, and more or less for single towns.

    log P(observation | town) = `country[its country]` + its entry of `town_log`, where it has one.
    `source` is named in the lines of evidence. `towns` is sorted and without doubles.
    `description` is what was seen, for people; `meaning_by_country` what it means in one country,
    by its code. `points` are the points it is a mixture of, where it is one.
    """

    source: str
    description: str
    clue_ids: tuple[str, ...]
    country: Floats
    towns: Indices = field(default_factory=lambda: _NO_TOWNS)
    town_log: Floats = field(default_factory=lambda: _NO_LOGS)
    meaning_by_country: Mapping[str, str] = field(default_factory=dict)
    points: tuple[PointComponent, ...] = ()

    def at(self, towns: Indices, country_of_towns: Indices) -> Floats:
        """Return the log likelihood at towns (sorted), whose country numbers are given."""
        values = self.country[country_of_towns].copy()
        if len(self.towns):
            where = np.minimum(np.searchsorted(self.towns, towns), len(self.towns) - 1)
            values += np.where(self.towns[where] == towns, self.town_log[where], 0.0)
        return values


def country_likelihood(
    town_table: TownTable,
    by_country: Mapping[str, float],
    elsewhere: float,
    *,
    source: str,
    description: str,
    clue_ids: tuple[str, ...],
) -> Likelihood:
    """Return an observation that only tells countries apart.

    Args:
        town_table: all towns.
        by_country: P(observation | country) by country code, up to a constant, above 0.
        elsewhere: the same for every other country: the floor, above 0.
        source: the name of the source in the lines of evidence.
        description: what was seen, for people.
        clue_ids: the clues it rests on.
    """
    values = np.full(len(town_table.codes), float(elsewhere))
    for code, value in by_country.items():
        if code in town_table.number_of:
            values[town_table.number_of[code]] = value
    return Likelihood(source, description, clue_ids, np.log(values))


def sparse_sum(parts: list[tuple[Indices, Floats]]) -> tuple[Indices, Floats]:
    """Return sorted unique towns and the sums of the values given for each."""
    if not parts:
        return _NO_TOWNS, _NO_LOGS
    towns = np.concatenate([part[0] for part in parts])
    values = np.concatenate([part[1] for part in parts])
    unique, inverse = np.unique(towns, return_inverse=True)
    return unique, np.bincount(inverse, values, len(unique)).astype(np.float64)
